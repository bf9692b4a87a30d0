"""The registry of what the package itself counts: importing it adds nothing to what a host application exposes."""

from prometheus_client import REGISTRY as SHARED
from prometheus_client import CollectorRegistry

REGISTRY = CollectorRegistry()
REGISTRIES = (REGISTRY, SHARED)
"""Where the metrics of a service stand: the package's, and the library's own with those of the service."""
