"""An issuer of OpenID Connect where passwords let nobody in, or where strangers get no account."""

from collections.abc import Callable

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.cast import PASSWORD
from tests.issuer import Sso, needs_issuer
from tests.problems import fields_of
from tests.stack import TOKEN

pytestmark = needs_issuer


@pytest.fixture(scope="module")
def alone(make_sso: Callable[..., Sso]) -> Sso:
    """A system in which passwords let nobody in, and to which accounts are linked by address."""
    return make_sso(
        OIDC_ROLES="admins=admin",
        OIDC_DEFAULT_ROLE="viewer",
        OIDC_NAME="Acme",
        LOCAL_SIGN_IN="off",
        SIGN_UP="open",
        OIDC_LINK_BY_ADDRESS="on",
    )


def test_where_local_sign_in_is_off_the_page_has_the_button_alone(alone: Sso) -> None:
    page = alone.surfer().get("/sign-in")

    assert "Sign in with Acme" in page.text
    assert 'type="password"' not in page.text
    assert "No account yet" not in page.text


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/account/session", {"email": "ada@example.org", "password": PASSWORD}),
        ("POST", "/api/account", {"email": "ada@example.org", "password": "seven teapots on a hill"}),
        ("POST", "/api/account/password-reset", {"email": "ada@example.org"}),
        ("PUT", "/api/account/password-reset", {"token": "x", "password": "seven teapots on a hill"}),
        ("POST", "/api/account/activation", {"token": "x", "password": PASSWORD}),
    ],
)
def test_where_local_sign_in_is_off_the_api_says_so(alone: Sso, method: str, path: str, body: dict[str, str]) -> None:
    answer = alone.stack.client().request(method, path, json=body)

    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "Passwords let nobody in here. Sign in with Acme.",
    )


def test_where_local_sign_in_is_off_admin_token_goes_on(alone: Sso) -> None:
    assert alone.stack.client(TOKEN).get("/api/audit").status_code == 200


def test_who_is_in_no_group_gets_the_default_role_where_strangers_may_come(alone: Sso) -> None:
    surfer = alone.surfer()

    surfer.sign_in(alone.somebody())

    assert surfer.account()["role"] == "viewer"


def test_an_account_is_linked_by_its_address_where_that_is_allowed(alone: Sso) -> None:
    user, surfer = alone.stack.user(Role.MEMBER), alone.surfer()

    surfer.sign_in(alone.somebody(groups=["admins"], email=user.email))

    account = surfer.account()
    assert (account["id"], account["role"]) == (str(user.id), "admin")


@pytest.mark.parametrize("claims", [{"email_verified": None}, {"email_verified": "true"}])
def test_no_account_is_linked_by_an_address_that_nobody_has_confirmed(alone: Sso, claims: dict[str, object]) -> None:
    user, surfer = alone.stack.user(Role.MEMBER), alone.surfer()

    page = surfer.sign_in(alone.somebody(groups=["admins"], email=user.email, **claims))

    assert (page.status_code, surfer.account()) == (409, {})


def test_an_account_that_is_linked_is_not_linked_by_its_address_again(alone: Sso) -> None:
    user = alone.stack.user(Role.MEMBER)
    alone.surfer().sign_in(alone.somebody(groups=["admins"], email=user.email))
    surfer = alone.surfer()

    page = surfer.sign_in(alone.somebody(groups=["admins"], email=user.email))

    assert (page.status_code, surfer.account()) == (409, {})


def test_a_password_proves_nothing_where_it_lets_nobody_in(alone: Sso) -> None:
    user = alone.stack.user(Role.MEMBER)
    surfer = alone.browser_of(user)
    wanted = {"name": "laptop", "password": user.password}

    answer = surfer.http.post("/api/account/tokens", json=wanted, headers=surfer.csrf)

    assert fields_of(answer, 422) == ["password"]


@pytest.fixture(scope="module")
def closed(make_sso: Callable[..., Sso]) -> Sso:
    """A system in which groups decide nothing and strangers get no account."""
    return make_sso(OIDC_DEFAULT_ROLE="member", OIDC_NAME="Acme", SIGN_UP="off")


def test_where_nobody_can_sign_up_a_default_role_lets_no_stranger_in(closed: Sso) -> None:
    surfer = closed.surfer()

    page = surfer.sign_in(closed.somebody(groups=["ops"]))

    assert (page.status_code, surfer.account()) == (403, {})
    assert "You have no account here" in page.text


def test_where_groups_decide_nothing_who_is_linked_keeps_the_role(closed: Sso) -> None:
    user, name, surfer = closed.stack.user(Role.OPERATOR), closed.somebody(groups=["x"]), closed.surfer()
    closed.browser_of(user).link(name)

    surfer.sign_in(name)

    assert surfer.account()["role"] == "operator"
