"""Publishing: what this worker can run becomes known to all others, when it starts or by `bellhop-worker --publish`."""

from collections.abc import Mapping

from sqlalchemy.exc import OperationalError

from bellhop.manifest import Manifest, digest_of, manifests_of
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.policies import remember
from bellhop_ledger.platform.settings import stop
from bellhop_ledger.schedules.declared import BadDeclaration, columns_of, declare_all
from bellhop_ledger.tasks import publish as tasks
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.plugins import plugins_of
from bellhop_ledger.tasks.schema import InvalidSchema
from bellhop_ledger.tasks.task import Task
from bellhop_worker.engine.binding import BindingError, Body
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)


class Publisher:
    """Publishes what a worker can run, and reports that it is alive."""

    def __init__(self, settings: WorkerSettings, bodies: Mapping[str, Body]):
        plugins = plugins_of(settings, run_tasks=True)
        self._manifests = manifests_of(
            [body.signature for body in bodies.values()],
            plugins,
            are_async={name for name, body in bodies.items() if body.is_async},
        )
        for manifest in self._manifests:
            check(manifest)
        remember(self._manifests)
        self.release = settings.bellhop_release or digest_of(self._manifests)
        self._in_development = not settings.bellhop_release and not settings.production
        self._is_published = False

    def publish(self, *, deploy: bool = False) -> None:
        """Publish, and store the schedules that are declared where this release is the one that counts.

        In development, where releases have no names, whoever starts last counts: one edits to and fro.
        """
        with transaction() as db:
            counts = tasks.publish(db, self.release, self._manifests, deploy=deploy or self._in_development)
            if counts:
                declare_all(db, self._manifests)
        self._is_published = True
        known_tasks().expire()
        log.info("tasks_published", release=self.release, tasks=len(self._manifests), counts=counts)

    def publish_or_wait(self) -> None:
        """Publish, or leave it to the next sign of life while the database is away.

        Ends the process where a task of this worker is an HTTP endpoint: nobody could say which of them runs its jobs.
        """
        try:
            self.publish()
        except tasks.TaskTaken as error:
            stop(error)
        except OperationalError as error:
            log.warning("tasks_not_published", error=repr(error)[:300])

    def give_sign(self) -> None:
        """Record that a worker of this release is alive, and take over from a release that has none any more."""
        if not self._is_published:
            self.publish_or_wait()
        with transaction() as db:
            takes_over = tasks.give_sign(db, self.release)
        if takes_over:
            self.publish()


def check(manifest: Manifest) -> None:
    """Raise BindingError for a task that nobody could submit, or whose schedules cannot be stored."""
    try:
        Task.of(manifest, "")
        for key, rule in manifest.schedules.items():
            columns_of(manifest, key, rule)
    except InvalidSchema as error:
        raise BindingError(f"{manifest.name}: the JSON Schema of its arguments cannot be used: {error}") from error
    except BadDeclaration as error:
        raise BindingError(str(error)) from error
