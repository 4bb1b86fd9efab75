// purpose: Count for so long that only a time-out ends it
// returns: count
// mode: read
UNWIND range(1, 100000) AS one
UNWIND range(1, 100000) AS two
RETURN count(one % 7 = two % 5) AS count
