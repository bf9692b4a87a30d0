"""Access: whom each route is for. It is said where a group of routes is made, and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


class Access(StrEnum):
    """Whom a route is for: the role that looking needs, and the one that changing needs; none: any role is enough."""

    looks: Role | None
    changes: Role | None
    services: bool
    """Whether it is for service tokens, too, whose patterns the route looks at."""

    def __new__(
        cls, value: str, looks: Role | None = None, changes: Role | None = None, services: bool = False
    ) -> "Access":
        """Make a member with its roles."""
        made = str.__new__(cls, value)
        made._value_, made.looks, made.changes, made.services = value, looks, changes, services
        return made

    PUBLIC = "public"
    SELF = "self"
    """Everybody who is signed in: it is about their own account."""
    USER = "user", None, Role.MEMBER
    """Everybody who is signed in, to look; what they change is a member's own, which the route looks after."""
    OWN = "own", None, Role.MEMBER, True
    """The same for jobs: whoever does not see all of them sees and changes those that they have asked for."""
    SCHEDULES = "schedules", Role.VIEWER, Role.OPERATOR, True
    """Schedules, which are everybody's, and of service tokens those that their patterns name."""
    VIEWER = "viewer", Role.VIEWER, Role.OPERATOR
    """What is everybody's: viewers look, operators change."""
    OPERATOR = "operator", Role.OPERATOR, Role.OPERATOR
    ADMIN = "admin", Role.ADMIN, Role.ADMIN


@dataclass(frozen=True)
class Rule:
    """Whom the routes of one blueprint are for, and by the names of their functions whom others are for."""

    access: Access
    others: Mapping[str, Access] = field(default_factory=dict)

    def of(self, function: str) -> Access:
        """Return whom one function is for."""
        return self.others.get(function, self.access)


rules: dict[str, Rule] = {"static": Rule(Access.PUBLIC)}
"""By the name of the blueprint. What has no rule is for operators."""


def declare(blueprint: str, access: Access, **others: tuple[str, ...]) -> Rule:
    """Declare whom the routes of a blueprint are for; `public`, `users`, `viewers` and so on name functions."""
    named = {function: GROUPS[group] for group, functions in others.items() for function in functions}
    rules[blueprint] = Rule(access, named)
    return rules[blueprint]


GROUPS = {
    "public": Access.PUBLIC,
    "users": Access.USER,
    "owners": Access.OWN,
    "viewers": Access.VIEWER,
    "admins": Access.ADMIN,
}


def role_for(access: Access, method: str) -> Role | None:
    """Return the role that a request with this method needs; none: any role is enough."""
    return access.looks if method.upper() in SAFE else access.changes


@cache
def access_of(endpoint: str) -> Access:
    """Return whom an endpoint is for; its blueprint has said so by the first request."""
    blueprint, _, function = endpoint.rpartition(".")
    rule = rules.get(blueprint or function)
    return rule.of(function) if rule else Access.OPERATOR


def scope_for(method: str) -> Scope:
    """Return the scope that a token needs for a request with this method."""
    return Scope.READ if method.upper() in SAFE else Scope.WRITE
