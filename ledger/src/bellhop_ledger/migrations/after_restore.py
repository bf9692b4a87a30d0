"""The one-shot for a database that was restored from a backup, after the migration and before the services start."""

from bellhop_ledger.ledger.restore import requeue_after_restore
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings, entry_point

log = logs.get_logger(__name__)


@entry_point
def main() -> None:
    """Hand the jobs of the backup back to the queue and empty Redis, whose messages are those of another time.

    The scheduler sends every queued job again. Running this twice does no harm.
    """
    settings = Settings.load()
    logs.configure("after-restore", settings)
    with transaction() as db:
        running, queued = requeue_after_restore(db)
    with settings.redis.client() as client:
        client.flushdb()
    log.warning("database_restored", jobs_that_ran=running, jobs_queued=queued)
