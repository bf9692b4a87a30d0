"""Encryption: the secrets among a job's arguments are encrypted when it is accepted and decrypted when it runs."""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from bellhop.errors import Fault, Invalid
from bellhop.urls import origin_of
from bellhop_ledger.platform.secrets import MASK, decrypt, encrypt, is_encrypted, is_meant_for

Secrets = Mapping[str, Mapping[str, Any]]
"""The marks of a manifest, by the name of the argument; see `bellhop.secret`."""


class CannotEncrypt(ValueError):
    """A secret that is to be stored cannot be; the message says why."""


def audience_of(task: str, mark: Mapping[str, Any], args: Mapping[str, Any]) -> str:
    """Return whom a secret is meant for: the host of the URL in another argument, or the task."""
    named = mark.get("audience")
    return origin_of(args[named]) if named else f"task:{task}"


def encrypt_secrets(
    task: str, secrets: Secrets, args: Mapping[str, Any], *, wrong: Collection[str] = ()
) -> dict[str, Any]:
    """Return the arguments with their secrets encrypted; what is encrypted already stays so.

    Arguments that are known to be `wrong` are left alone, and so are secrets for them.
    Raises Invalid, which names every secret that has to be given again.
    """
    faults: list[Fault] = []
    done = dict(args)
    for name, mark in secrets.items():
        if args.get(name) is None or name in wrong or mark.get("audience") in wrong:
            continue
        audience = audience_of(task, mark, args)
        try:
            done[name] = _map_secrets(args[name], mark, partial(_encrypt, audience=audience))
        except CannotEncrypt as error:
            faults.append(Fault(name, str(error)))
    if faults:
        raise Invalid(faults=faults)
    return done


def decrypt_secrets(task: str, secrets: Secrets, args: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments as the body needs them. Raises CannotDecrypt."""
    done = dict(args)
    for name, mark in secrets.items():
        if args.get(name) is not None:
            audience = audience_of(task, mark, args)
            done[name] = _map_secrets(args[name], mark, partial(decrypt, audience=audience))
    return done


def secret_texts(secrets: Secrets, args: Mapping[str, Any]) -> list[str]:
    """Return all that is secret in these arguments, which are decrypted."""
    found: list[str] = []

    def note(secret: str) -> str:
        found.append(secret)
        return secret

    for name, mark in secrets.items():
        if args.get(name) is not None:
            _map_secrets(args[name], mark, note)
    return found


def _map_secrets(value: Any, mark: Mapping[str, Any], change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    public = mark.get("public", ())
    changed = {}
    for name, inner in value.items():
        try:
            changed[name] = inner if name.lower() in public else change(inner)
        except CannotEncrypt as error:
            raise CannotEncrypt(f"{name} {error}") from None
    return changed


def _encrypt(secret: str, audience: str) -> str:
    if secret == MASK:
        raise CannotEncrypt(f"must be given again: {MASK} only stands for a secret")
    if not is_encrypted(secret):
        return encrypt(secret, audience)
    if not is_meant_for(secret, audience):
        raise CannotEncrypt("must be given again, for it was meant for another host")
    return secret
