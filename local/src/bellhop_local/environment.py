"""The variables that the services and the tools of a local stack get."""

import os
from collections.abc import Mapping

from bellhop_local.feed import prices_feed
from bellhop_local.files import stored_secret
from bellhop_local.ports import HOST
from bellhop_local.settings import LocalSettings

SECRETS = ("DATABASE_URL", "REDIS_URL", "ADMIN_TOKEN", "ADMIN_PASSWORD", "SECRET_KEY", "FLOWER_PASSWORD")


def stack_environment(settings: LocalSettings, database_url: str, redis_url: str) -> dict[str, str]:
    """The variables that differ between stacks; LOCAL_DIR/env holds them as well."""
    directory = settings.directory
    return {
        "APP_ENV": "development",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ADMIN_TOKEN": settings.admin_token,
        "ADMIN_EMAIL": settings.admin_email,
        "ADMIN_PASSWORD": settings.admin_password or stored_secret(directory / "admin-password"),
        "SECRET_KEY": settings.secret_key or stored_secret(directory / "secret-key"),
        "BELLHOP_URL": settings.web_url,
        "WEB_BIND": f"{HOST}:{settings.web_port}",
        "WEB_PORT": str(settings.web_port),
        "PUBLIC_URL": settings.public_url or settings.web_url,
        "ALLOWED_HOSTS": f"{HOST},localhost",
        "FLOWER_BIND_ADDRESS": HOST,
        "FLOWER_PORT": str(settings.flower_port),
        "FLOWER_URL": f"http://{HOST}:{settings.flower_port}",
        "FLOWER_USER": settings.flower_user,
        "FLOWER_PASSWORD": settings.flower_password or stored_secret(directory / "flower-password"),
        "FLOWER_DATA": str(directory / "flower.db"),
        "DEMO_BIND": f"{HOST}:{settings.demo_port}",
        "DEMO_PAGES_URL": f"http://{HOST}:{settings.demo_port}",
        **prices_feed(settings),
    }


def service_environment(
    stack: Mapping[str, str], settings: LocalSettings, inherited: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The developer's own variables (LOG_LEVEL, WORKER_CONCURRENCY ...), and over them the stack's.

    The services refuse a secret that is given both as NAME and as NAME_FILE.
    """
    files = {f"{name}_FILE" for name in SECRETS}
    kept = {name: value for name, value in inherited.items() if name not in files}
    allowed = [kept.get("FETCH_ALLOW", ""), f"{HOST}:{settings.demo_port}"]
    return {**kept, **stack, "FETCH_ALLOW": ",".join(filter(None, allowed)), "PYTHONUNBUFFERED": "1"}
