"""Roles: what people may do. Each includes some of the others."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a person may do, from little to much."""

    VIEWER = "viewer"
    """Sees every job and schedule, and changes nothing but the own account."""
    MEMBER = "member"
    """Submits jobs and looks after things of their own; sees nothing of others."""
    OPERATOR = "operator"
    """Runs this system: sees, stops and changes every job and schedule."""
    ADMIN = "admin"
    """Decides who may do what, and sees who did what."""


INCLUDED: Mapping[Role, frozenset[Role]] = MappingProxyType(
    {
        Role.VIEWER: frozenset({Role.VIEWER}),
        Role.MEMBER: frozenset({Role.MEMBER}),
        Role.OPERATOR: frozenset({Role.VIEWER, Role.MEMBER, Role.OPERATOR}),
        Role.ADMIN: frozenset(Role),
    }
)
"""By role: those of which it may do everything. A member is no viewer: whoever signs up sees no job of others."""
