// purpose: The numbers of all probes
// returns: number
// mode: read
MATCH (probe:Probe)
RETURN probe.number AS number
ORDER BY number
