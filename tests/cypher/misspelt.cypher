// purpose: A statement that the server cannot read
// mode: read
RETRUN 1
