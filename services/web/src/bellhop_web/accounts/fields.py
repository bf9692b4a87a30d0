"""Kinds of fields in what people say of their accounts."""

from typing import Annotated

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, WithJsonSchema

from bellhop_ledger.accounts.passwords import LONGEST, SHORTEST

SPECIAL_USE_DOMAIN_NAMES.clear()
"""Names of intranets, `localhost` too, are as good as others: whether an address is right, the mail to it shows."""
LONGEST_LOCAL_PART = 64
"""RFC 5321, 4.5.3.1.1."""
PART = "[A-Za-z0-9]{1,30}"
ADDRESS = rf"^[A-Za-z0-9_%+-]{{1,30}}(\.[A-Za-z0-9_%+-]{{1,10}}){{0,3}}@{PART}(\.{PART}){{0,3}}\.[A-Za-z]{{2,10}}$"
"""Addresses as most are. We take others too, which no pattern describes."""


def email(value: str) -> str:
    """Return an address in the one form in which it is stored. Two that differ in case only are the same."""
    try:
        read = validate_email(value, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    except EmailNotValidError:
        raise ValueError("must be an e-mail address, such as ada@example.org") from None
    if not read.ascii_email or len(read.local_part) > LONGEST_LOCAL_PART:
        raise ValueError("must have at most 64 plain letters before the @")
    return read.ascii_email.lower()


Email = Annotated[
    str,
    AfterValidator(email),
    WithJsonSchema(
        {"type": "string", "pattern": ADDRESS, "x-words": "an e-mail address", "examples": ["ada@example.org"]}
    ),
]
NewPassword = Annotated[
    str,
    Field(
        min_length=SHORTEST,
        max_length=LONGEST,
        description="At least 10 characters, and none that is tried first",
        examples=["seven teapots on a violet hill"],
    ),
]
Password = Annotated[str, Field(min_length=1, max_length=LONGEST, examples=["seven teapots on a violet hill"])]
LinkToken = Annotated[
    str, Field(min_length=1, max_length=500, description="What stands after `token=` in the link of the mail")
]
