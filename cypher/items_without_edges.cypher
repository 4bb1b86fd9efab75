// purpose: How many items no edge of one type touches
// parameters: type (a type of computed edges)
// returns: items
// mode: read
// internal: true
MATCH (state:GraphState)
MATCH (item:Item)
WHERE NOT EXISTS {
  MATCH (item)-[edge:$($type)]-()
  WHERE edge.build <= state.build < coalesce(edge.ended, 9223372036854775807)
}
RETURN count(item) AS items
