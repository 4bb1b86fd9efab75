// purpose: Note how far the replacement of one kind of thing of a source is; null: it is over
// parameters: source (string), kind (string), phase (removing or renaming, default null)
// mode: write
// internal: true
MATCH (state:GraphState)
WITH state, [one IN coalesce(state.replacements, [])
             WHERE NOT one IN [phase IN ['removing', 'renaming'] | phase + ' ' + $kind + ' ' + $source]] AS others
WITH state, others + CASE WHEN $phase IS NULL THEN [] ELSE [$phase + ' ' + $kind + ' ' + $source] END AS phases
SET state.replacements = CASE WHEN size(phases) > 0 THEN phases END
