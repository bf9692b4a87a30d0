"""The message that a developer reads when the local stack is ready."""

from collections.abc import Mapping

from bellhop_local.feed import VARIABLE
from bellhop_local.settings import LocalSettings

JOB = '{"task": "http.request", "args": {"url": "https://example.com"}}'


def welcome(stack: Mapping[str, str], settings: LocalSettings, seconds: float) -> str:
    """Every address, the sign-in, a first call, and how to go on."""
    url, token = stack["BELLHOP_URL"], stack["ADMIN_TOKEN"]
    prices = f"Prices     {stack[VARIABLE]} (edit it, and a price falls)\n    " if VARIABLE in stack else ""
    other = "" if settings.directory.name == ".local" else f"LOCAL_DIR={settings.directory} "
    return f"""
  Bellhop is ready ({seconds:.1f} s).

    API docs   {url}/api/docs
    Pages      {url}/
    Sign in    {stack["ADMIN_EMAIL"]}, password {stack["ADMIN_PASSWORD"]}
    API token  {token}
    Flower     {settings.flower_url}   user {stack["FLOWER_USER"]}, password {stack["FLOWER_PASSWORD"]}

    A job      curl -s -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\
                 -d '{JOB}' {url}/api/jobs
    {prices}Go on      {other}make demo, {other}make shell (in another terminal)
    Stop       Ctrl-C
"""
