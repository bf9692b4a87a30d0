"""Sign-in with an issuer of OpenID Connect: authorization code, PKCE, state and nonce (OpenID Connect Core, 3.1)."""

from bellhop_web.domain import Domain

domain = Domain(
    package=__name__,
    api=("api",),
    pages=("pages", "pages_identities"),
    examples="examples",
    costly=("oidc_pages.complete",),
)
