// purpose: Some users of one source become another's
// parameters: source (string), prefix (string, of their ids), name (string), new_prefix (string),
//   size (integer, default 1000)
// returns: done
// mode: write
// internal: true
MATCH (user:User {source: $source})
WITH user
LIMIT $size
SET user.source = $name, user.id = $new_prefix + substring(user.id, size($prefix))
RETURN count(user) AS done
