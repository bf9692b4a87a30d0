"""Live views: fragments of pages, rendered once for all who look and pushed to them as Server-Sent Events."""

from bellhop_web.live.topics import topic

__all__ = ["topic"]
