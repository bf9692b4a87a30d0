"""Metrics: what a service counts, in all of its processes, and the port at which Prometheus reads it."""
