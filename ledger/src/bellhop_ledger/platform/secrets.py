"""Secrets: those in a job's arguments and the secret links of mails are stored encrypted.

They are shown as *** and decrypted where they are used: in the worker.
"""

import hashlib
import hmac
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pydantic import Field, SecretStr, field_validator

from bellhop.errors import Permanent
from bellhop_ledger.platform.settings import Settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

MASK = "***"
PREFIX = "sealed:v1:"
"""How every encrypted secret begins."""
ENCRYPTED = re.compile(rf"{PREFIX}[0-9a-f]{{16}}:[A-Za-z0-9_=-]+")
"""The prefix, the beginning of the audience's hash, and the token."""
SHORTEST_KEY = 16
SHORTEST_SECRET = 4
"""A shorter text is not looked for in another one: it would be found everywhere."""


class EncryptionSettings(Settings):
    """The keys of those services that encrypt or decrypt: the first one encrypts, and each of them decrypts."""

    encryption_key: SecretStr = Field(default=SecretStr("dev-only-encryption-key"))

    @field_validator("encryption_key")
    @classmethod
    def long_enough(cls, keys: SecretStr) -> SecretStr:
        """Refuse a key that can be guessed."""
        if any(len(key) < SHORTEST_KEY for key in _split(keys)) or not _split(keys):
            raise ValueError(f"must be one key or several, separated by commas, of at least {SHORTEST_KEY} characters")
        return keys


class CannotDecrypt(Permanent):
    """A secret cannot be decrypted: ENCRYPTION_KEY no longer has its key, or it was meant for another address."""


def encrypt(secret: str, audience: str) -> str:
    """Encrypt a secret for one audience, such as the origin of a URL."""
    token = _keys().encrypt(f"{audience}\n{secret}".encode())
    return f"{PREFIX}{_mark(audience)}:{token.decode()}"


def decrypt(encrypted: str, audience: str) -> str:
    """Return the secret. Raises CannotDecrypt."""
    from cryptography.fernet import InvalidToken

    try:
        meant_for, _, secret = _keys().decrypt(encrypted.rpartition(":")[2]).decode().partition("\n")
    except InvalidToken:
        raise CannotDecrypt(CannotDecrypt.__doc__) from None
    if meant_for != audience:
        raise CannotDecrypt(CannotDecrypt.__doc__)
    return secret


def reencrypt(args: Any) -> Any:
    """Return the arguments with all their secrets encrypted with the first key. Raises CannotDecrypt."""
    return _map_encrypted(args, _with_first_key)


def _with_first_key(encrypted: str) -> str:
    from cryptography.fernet import InvalidToken

    head, _, token = encrypted.rpartition(":")
    try:
        return f"{head}:{_keys().rotate(token).decode()}"
    except InvalidToken:
        raise CannotDecrypt(CannotDecrypt.__doc__) from None


def keyed(digest: str) -> list[str]:
    """Return what is stored in the place of a digest of something that may hold secrets: one for each key.

    The first is to be stored, all of them are to be known again. Whoever reads a digest without a key of a request
    with a PIN in it tries all PINs in no time.
    """
    keys = [_derived(key, b"bellhop digest v1") for key in _split(EncryptionSettings.load().encryption_key)]
    return [f"keyed:v1:{hmac.new(key, digest.encode(), sha256).hexdigest()}" for key in keys]


def signatures(content: bytes) -> list[bytes]:
    """Return the signatures of what we hand out and recognize when it comes back: one for each key, the first is given.

    Nobody without a key of ours can make one.
    """
    keys = [_derived(key, b"bellhop token v1") for key in _split(EncryptionSettings.load().encryption_key)]
    return [hmac.digest(key, content, "sha256") for key in keys]


def hash_of(secret: str) -> str:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_encrypted(text: str) -> bool:
    """Whether this is what encrypt() returns."""
    return ENCRYPTED.fullmatch(text) is not None


def is_meant_for(encrypted: str, audience: str) -> bool:
    """Whether an encrypted secret names this audience; needs no key, and decrypt() makes sure of it."""
    return encrypted.split(":")[2] == _mark(audience)


def masked(value: Any) -> Any:
    """Return the arguments as they may be shown: with *** for each encrypted secret."""
    return _map_encrypted(value, lambda encrypted: MASK)


def _map_encrypted(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value) if value.startswith(PREFIX) and is_encrypted(value) else value
    if isinstance(value, dict):
        return {name: _map_encrypted(inner, change) for name, inner in value.items()}
    if isinstance(value, list):
        return [_map_encrypted(inner, change) for inner in value]
    return value


def masked_text(text: str) -> str:
    """Return the beginning of JSON as it may be shown, even if it ends in the middle of a secret."""
    return re.sub(rf"{PREFIX}[^\"]*", MASK, text) if PREFIX in text else text


def forms_of(secrets: Iterable[str]) -> list[str]:
    """Return the forms in which these secrets may stand in a text, the longest first.

    That is the secret itself and as JSON has it, each of its lines, and what follows a scheme such as `Bearer`.
    """
    plain = [part for secret in secrets for part in (secret, secret.partition(" ")[2], *secret.splitlines())]
    long = {part for part in plain if len(part) >= SHORTEST_SECRET}
    return sorted(long | {json.dumps(part)[1:-1] for part in long}, key=len, reverse=True)


def hidden(text: str, forms: Sequence[str]) -> str:
    """Return the text with *** for each of these forms, and for each encrypted secret."""
    for form in forms:
        text = text.replace(form, MASK)
    return ENCRYPTED.sub(MASK, text) if PREFIX in text else text


def restored(given: Any, stored: Any) -> Any:
    """Put what is stored in the place of each *** that was given, so that a secret need not be typed again."""
    if given == MASK and isinstance(stored, str) and is_encrypted(stored):
        return stored
    if isinstance(given, dict) and isinstance(stored, dict):
        return {name: restored(inner, stored.get(name)) for name, inner in given.items()}
    return given


def _keys() -> "MultiFernet":
    return _made_of(EncryptionSettings.load().encryption_key)


@cache
def _made_of(keys: SecretStr) -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    return MultiFernet([Fernet(urlsafe_b64encode(_derived(key, b"bellhop sealing v1"))) for key in _split(keys)])


def _split(keys: SecretStr) -> list[str]:
    return [key.strip() for key in keys.get_secret_value().split(",") if key.strip()]


@cache
def _derived(key: str, purpose: bytes) -> bytes:
    """Make a key for one purpose of any text that is random enough (RFC 5869, HKDF-SHA256)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), length=32, salt=None, info=purpose).derive(key.encode())


def _mark(audience: str) -> str:
    return sha256(audience.encode()).hexdigest()[:16]
