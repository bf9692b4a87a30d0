"""The addresses of pages that other pages lead to, whoever makes them."""

SIGN_IN, SIGN_UP, SIGN_OUT, ACCOUNT = "/sign-in", "/sign-up", "/sign-out", "/account"
DASHBOARD = "/dashboard"
