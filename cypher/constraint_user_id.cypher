// purpose: One node per user of an interaction log
// mode: write
// internal: true
CREATE CONSTRAINT user_id IF NOT EXISTS FOR (user:User) REQUIRE user.id IS UNIQUE
