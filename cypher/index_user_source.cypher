// purpose: The index that finds the users of a source
// mode: write
// internal: true
CREATE INDEX user_source IF NOT EXISTS FOR (user:User) ON (user.source)
