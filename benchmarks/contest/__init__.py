"""Our training beside its peers: the same rows, the same seconds, one table after the other."""
