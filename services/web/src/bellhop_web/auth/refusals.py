"""Refusals: why somebody is not let in, or may not do this."""

from collections.abc import Sequence
from typing import Any

from bellhop.errors import Fault, Refused
from bellhop_ledger.accounts.patterns import listed
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope


class NotSignedIn(Refused):
    """This needs somebody who is signed in."""

    status = 401

    def __init__(self, message: str):
        super().__init__(faults=[Fault("Authorization", message)])


class NotAllowed(Refused):
    """You are signed in, but your account does not have access to this."""

    status = 403


class NotYourRole(NotAllowed):
    """This needs another role."""

    def __init__(self, needed: Role, held: Role):
        super().__init__(f"This needs the role {needed}, and yours is {held}", required_role=needed, role=held)


class NotItsScope(NotAllowed):
    """This needs another scope of the token."""

    def __init__(self, needed: Scope, held: Scope):
        words = f"This needs a token with the scope {needed}, and yours may only {held}"
        super().__init__(words, required_scope=needed, scope=held)


class NotThePayloads(NotAllowed):
    """This needs the right to see payloads: what jobs of others were given, returned and said."""

    def __init__(self) -> None:
        super().__init__(required_right="payloads")


class NotForServices(NotAllowed):
    """Service tokens do not have access to this: they submit, and see their own jobs and schedules."""


class NotItsTask(NotAllowed):
    """This needs the right to submit this task, or to its queue."""

    def __init__(self, kind: str, name: str, allowed: Sequence[str], place: Sequence[str]):
        words = f"{name!r} is not among the {kind}s for which you may submit jobs: {listed(allowed)}"
        facts: dict[str, Any] = {f"allowed_{kind}s": list(allowed)}
        super().__init__(faults=[Fault(".".join([*place, kind]), words)], **facts)


class NotItsSchedule(NotAllowed):
    """This needs the right to manage schedules of this name."""

    def __init__(self, name: str, allowed: Sequence[str], place: Sequence[str]):
        words = f"{name!r} is not among the schedules that you may manage: {listed(allowed)}"
        super().__init__(faults=[Fault(".".join([*place, "name"]), words)], allowed_schedules=list(allowed))


class NotAPerson(NotAllowed):
    """This token is the system's own; sign in, or use a token of your account."""


class NotABrowser(NotAllowed):
    """This wants a session: sign in with your password."""
