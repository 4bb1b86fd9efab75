// purpose: One node per visitor of the app
// mode: write
// internal: true
CREATE CONSTRAINT visitor_id IF NOT EXISTS FOR (visitor:Visitor) REQUIRE visitor.id IS UNIQUE
