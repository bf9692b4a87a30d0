"""Access: whom each route is for. It is said where a group of routes is made, and nowhere else."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from bellhop_ledger.accounts.tokens import Scope
from bellhop_ledger.accounts.users import Role

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


class Access(StrEnum):
    """Whom a route is for."""

    role: Role | None
    """The role that it asks for, if not every role is enough."""

    def __new__(cls, value: str, role: Role | None = None) -> "Access":
        """Make a member with its role."""
        made = str.__new__(cls, value)
        made._value_, made.role = value, role
        return made

    PUBLIC = "public"
    USER = "user"
    """Everybody who is signed in."""
    OPERATOR = "operator", Role.OPERATOR


@dataclass(frozen=True)
class Rule:
    """Whom the routes of one blueprint are for, and the names of the functions that are for others besides."""

    access: Access
    public: frozenset[str]
    """For everybody."""
    users: frozenset[str] = frozenset()
    """For everybody who is signed in."""

    def of(self, function: str) -> Access:
        """Return whom one function is for."""
        if function in self.public:
            return Access.PUBLIC
        return Access.USER if function in self.users else self.access


rules: dict[str, Rule] = {"static": Rule(Access.PUBLIC, frozenset())}
"""By the name of the blueprint. What has no rule is for operators."""


def declare(blueprint: str, access: Access, public: tuple[str, ...] = (), users: tuple[str, ...] = ()) -> Rule:
    """Declare whom the routes of a blueprint are for."""
    rules[blueprint] = Rule(access, frozenset(public), frozenset(users))
    return rules[blueprint]


@cache
def access_of(endpoint: str) -> Access:
    """Return whom an endpoint is for; its blueprint has said so by the first request."""
    blueprint, _, function = endpoint.rpartition(".")
    rule = rules.get(blueprint or function)
    return rule.of(function) if rule else Access.OPERATOR


def scope_for(method: str) -> Scope:
    """Return the scope that a token needs for a request with this method."""
    return Scope.READ if method.upper() in SAFE else Scope.WRITE
