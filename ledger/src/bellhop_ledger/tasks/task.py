"""A task as web and scheduler know it: by its manifest, without its code."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bellhop.errors import Fault, Invalid, gathering
from bellhop.manifest import Manifest
from bellhop_ledger.tasks.encryption import encrypt_secrets
from bellhop_ledger.tasks.validate import Arguments


@dataclass(frozen=True)
class Task:
    """A published task, with its arguments' schema compiled."""

    manifest: Manifest
    release: str
    arguments: Arguments
    fingerprint: str

    @classmethod
    def of(cls, manifest: Manifest, release: str) -> "Task":
        """Compile the schema. Raises InvalidSchema."""
        arguments = Arguments(manifest.arguments, manifest.secrets)
        return cls(manifest, release, arguments, manifest.fingerprint)

    @property
    def name(self) -> str:
        """Its name."""
        return self.manifest.name

    @property
    def queue(self) -> str:
        """Where its jobs wait."""
        return self.manifest.queue

    @property
    def quiet(self) -> bool:
        """Whether its successes are of no interest."""
        return self.manifest.policy.quiet

    def attempts_of(self, args: Mapping[str, Any]) -> int:
        """Return how many attempts a job with these arguments has at most."""
        return self.manifest.policy.attempts_of(args)

    def checked(self, args: dict[str, Any]) -> dict[str, Any]:
        """Return the arguments as they are stored: complete, and with the secrets encrypted.

        Raises Invalid, which names every wrong argument.
        """
        complete = self.arguments.with_defaults(args)
        faults = self.arguments.faults(complete)
        if self.manifest.secrets:
            wrong = {_first(fault) for fault in faults}
            with gathering(faults):
                complete = encrypt_secrets(self.name, self.manifest.secrets, complete, wrong=wrong)
        if faults:
            raise Invalid(faults=faults)
        return complete

    def why_unfit(self, args: dict[str, Any]) -> str | None:
        """Return what is wrong with stored arguments, or nothing when they fit."""
        faults = self.arguments.faults(args)
        return f"args.{faults[0].field}: {faults[0].message}" if faults else None


def _first(fault: Fault) -> str:
    return fault.field.partition(".")[0]
