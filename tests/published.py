"""Publishes the tasks that this process knows for a stack that has no worker to do it."""

from collections.abc import Sequence
from functools import cache

from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bellhop.manifest import Manifest, manifests_of
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.load import load
from bellhop_ledger.tasks.plugins import plugins_of
from bellhop_ledger.tasks.publish import publish


@cache
def manifests(plugins: str) -> list[Manifest]:
    """The manifests of our tasks and of these plug-ins."""
    settings = Settings(
        database_url=SecretStr("postgresql://nowhere/none"),
        redis_url=SecretStr("redis://nowhere"),
        bellhop_plugins=plugins,
    )
    here, signatures = plugins_of(settings, run_tasks=True), load(settings).values()
    ours = {one.name for one in signatures if one.stub.__module__.startswith("bellhop")}  # and not of a test here
    asked = {plugin.name for plugin in here}
    return [one for one in manifests_of(list(signatures), here) if one.plugin in asked or one.name in ours]


def publish_for(url: str, plugins: str) -> None:
    """Store them in a migrated database, as a release of the past would have."""
    publish_release(url, "before", manifests(plugins))


def publish_release(url: str, release: str, wanted: Sequence[Manifest]) -> None:
    """Store the tasks of a release in a migrated database."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://"))
    with Session(engine) as db, db.begin():
        publish(db, release, wanted)
    engine.dispose()
