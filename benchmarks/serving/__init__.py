"""The serving beside a route that does nothing, the plain pipeline and three peers: `make bench-serving`."""
