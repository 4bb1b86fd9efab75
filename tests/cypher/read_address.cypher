// purpose: Read lines from an address, which the private server must refuse
// parameters: address (string)
// returns: line
// mode: read
LOAD CSV FROM $address AS line
RETURN line
