// purpose: Forget a visitor of the app, with everything that is written of one
// parameters: visitor (string)
// mode: write
// internal: true
MATCH (visitor:Visitor {id: $visitor})
DETACH DELETE visitor
