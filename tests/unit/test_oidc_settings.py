"""The settings of the sign-in with an issuer: what is wrong is named, and the page about them shows what is taken."""

from typing import Any

import pytest

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.settings import SettingsError
from bellhop_web.oidc.claims import groups_in
from bellhop_web.settings import WebSettings
from tests.documents import blocks

Env = pytest.MonkeyPatch
WHOLE = {"OIDC_ISSUER": "https://login.example.org", "OIDC_CLIENT_ID": "bellhop", "OIDC_CLIENT_SECRET": "hush"}
PAGE = [block.code for block in blocks() if (block.document, block.language) == ("docs/oidc.md", "sh")]


def settings(env: Env, **given: str) -> WebSettings:
    """Read the settings of an environment with an issuer and these."""
    for name, value in {"SECRET_KEY": "of a test", **WHOLE, **given}.items():
        env.setenv(name, value)
    WebSettings.load.cache_clear()
    return WebSettings.load()


@pytest.mark.parametrize("code", PAGE)
def test_the_settings_of_the_page_about_openid_are_taken(env: Env, code: str) -> None:
    given = dict(line.split("=", 1) for line in code.split())
    env.setenv("APP_ENV", "production")

    oidc = settings(env, ENCRYPTION_KEY="x" * 20, **given).oidc

    assert oidc is not None
    assert set(given) <= {name.upper() for name in WebSettings.model_fields}
    assert set(oidc.roles.values()) <= set(Role)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID: must be set where OIDC_ISSUER is"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET: must be set where OIDC_ISSUER is"),
        ({"OIDC_ISSUER": "login.example.org"}, "OIDC_ISSUER: must be an http or https URL"),
        ({"OIDC_SCOPES": "email"}, "OIDC_SCOPES: must have openid among its words"),
        ({"OIDC_ROLES": "ops=boss"}, "OIDC_ROLES: must be group=role"),
        ({"OIDC_ROLES": "=admin"}, "OIDC_ROLES: must be group=role"),
        ({"OIDC_ROLES": "admin"}, "OIDC_ROLES: must be group=role"),
        ({"OIDC_DEFAULT_ROLE": "boss"}, "OIDC_DEFAULT_ROLE: "),
        ({"OIDC_ISSUER": "", "LOCAL_SIGN_IN": "off"}, "LOCAL_SIGN_IN: must be on where OIDC_ISSUER is not set"),
        ({"LOCAL_SIGN_IN": "maybe"}, "LOCAL_SIGN_IN: "),
    ],
)
def test_what_is_wrong_is_named(env: Env, given: dict[str, str], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(env, **given)

    assert str(caught.value).startswith(fault)


def test_production_asks_no_issuer_without_tls(env: Env) -> None:
    env.setenv("APP_ENV", "production")

    with pytest.raises(SettingsError, match="OIDC_ISSUER: must be https"):
        settings(env, ENCRYPTION_KEY="x" * 20, OIDC_ISSUER="http://login.example.org")


def test_without_an_issuer_there_is_none(env: Env) -> None:
    found = settings(env, OIDC_ISSUER="")

    assert (found.oidc, found.local_sign_in) == (None, True)


@pytest.mark.parametrize(
    ("groups", "role"),
    [([], None), (["x"], None), (["a"], Role.VIEWER), (["a", "m"], Role.MEMBER), (["o", "a"], Role.OPERATOR)],
)
def test_the_group_with_the_most_rights_counts(env: Env, groups: list[str], role: Role | None) -> None:
    oidc = settings(env, OIDC_ROLES="a=viewer, m=member,o = operator").oidc

    assert oidc is not None
    assert oidc.role_of(groups) is role


@pytest.mark.parametrize(
    ("said", "claim", "groups"),
    [
        ({"groups": ["a", "b"]}, "groups", ("a", "b")),
        ({"groups": "a"}, "groups", ("a",)),
        ({"groups": ["a", 7, None]}, "groups", ("a",)),
        ({}, "groups", ()),
        ({"realm_access": {"roles": ["a"]}}, "realm_access.roles", ("a",)),
        ({"realm_access": "a"}, "realm_access.roles", ()),
        ({"https://example.org/roles": ["a"]}, "https://example.org/roles", ("a",)),
    ],
)
def test_groups_are_read_from_a_claim_or_inside_one(said: dict[str, Any], claim: str, groups: tuple[str, ...]) -> None:
    assert groups_in(said, claim) == groups
