"""What a developer is told when the local stack is ready."""

from collections.abc import Mapping

from bellhop_local.settings import LocalSettings

JOB = '{"task": "products.very_slow_add", "args": {"a": 5, "b": 7}}'


def welcome(stack: Mapping[str, str], settings: LocalSettings, seconds: float) -> str:
    """Every address, the sign-in, a first call, and how to go on."""
    url, token = stack["BELLHOP_URL"], stack["ADMIN_TOKEN"]
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
    Prices     {stack["PRICES_FEED_URL"]} (edit it, and a price falls)
    Go on      {other}make demo, {other}make shell (in another terminal)
    Stop       Ctrl-C
"""
