// purpose: How many transactions began before a moment and go on
// parameters: moment (ISO time)
// returns: readers
// mode: read
// internal: true
SHOW TRANSACTIONS YIELD startTime AS began, database
WHERE datetime(began) < datetime($moment) AND database <> 'system'
RETURN count(*) AS readers
