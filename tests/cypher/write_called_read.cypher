// purpose: A write whose header lies
// mode: read
CREATE (:Probe {number: 0})
