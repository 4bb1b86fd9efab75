// purpose: Put descriptions on items, in the place of older ones, with the language model that wrote them
// parameters: model (string), rows (list of maps with uri and description and checksum of what the model was told)
// mode: write
// internal: true
UNWIND $rows AS row
MATCH (item:Item&Entity {uri: row.uri})
SET item.generated_description = row.description, item.generated_by = $model, item.generated_from = row.checksum
