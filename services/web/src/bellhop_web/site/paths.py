"""The addresses of pages that other pages lead to, whoever makes them, and where people go from a form."""

from bellhop_ledger.accounts.roles import INCLUDED, Role

SIGN_IN, SIGN_UP, SIGN_OUT, ACCOUNT = "/sign-in", "/sign-up", "/sign-out", "/account"
DASHBOARD = "/dashboard"


def here(path: str) -> str:
    """Return the path if it is one of ours, and the start page for what leads elsewhere."""
    ours = path.startswith("/") and path.isprintable() and not path.startswith(("//", "/\\"))
    return path if ours and "\\" not in path else "/"


def landing(path: str, role: Role) -> str:
    """Return where somebody goes who has signed in: where they wanted to, else to the dashboard if they see it."""
    wanted = here(path)
    return DASHBOARD if wanted == "/" and Role.VIEWER in INCLUDED[role] else wanted
