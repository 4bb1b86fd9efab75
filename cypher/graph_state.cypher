// purpose: What the graph says of itself: schema and build; `filled` is true when it has entities
//   build counts the finished builds of edges, removals the deletions of nodes, change the changes of dialogues
//   and vectors; built_change is the last of these that the edges know, neighbours and half_life what they were
//   built with
// returns: schema, build, removals, change, built_change, neighbours, half_life, filled
// mode: read
// internal: true
OPTIONAL MATCH (state:GraphState)
RETURN state.schema AS schema, state.build AS build, state.removals AS removals, state.change AS change,
       state.built_change AS built_change, state.neighbours AS neighbours, state.half_life AS half_life,
       EXISTS { MATCH (:Entity) } AS filled
