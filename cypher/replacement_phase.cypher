// purpose: How far the replacement of one kind of thing of a source is: removing, renaming, or null
// parameters: source (string), kind (string)
// returns: phase
// mode: read
// internal: true
OPTIONAL MATCH (state:GraphState)
RETURN head([phase IN ['removing', 'renaming']
             WHERE phase + ' ' + $kind + ' ' + $source IN state.replacements]) AS phase
