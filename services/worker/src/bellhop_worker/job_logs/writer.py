"""The writer: one thread for each process writes what running jobs have logged; the rest goes with the finish."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event, Lock, Thread
from time import sleep

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.job_logs import NewLines, write_logs
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.statements import autocommit
from bellhop_worker.job_logs.buffer import LogBuffer

log = get_logger(__name__)

PERIOD = 0.9
"""Seconds for which a line waits at the most; what comes meanwhile is written together with it."""
PATIENCE = 5.0
"""Seconds for which a finish waits for a write that is under way."""
MOST_AT_ONCE = 20
"""Jobs whose lines are written by one statement of the thread."""

Taken = list[tuple[LogBuffer, NewLines]]
Take = Callable[[Sequence[Outcome]], list[NewLines]]


class LogWriter:
    """Knows the buffers of this process that have unwritten lines. Its thread sleeps while there are none."""

    def __init__(self) -> None:
        self._noted: dict[LogBuffer, None] = {}
        self._woken = Event()
        self._is_awake = self._is_writing = False
        self._writing = Lock()

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        Thread(target=self._run, name="job-logs", daemon=True).start()

    def note(self, buffer: LogBuffer) -> None:
        """Note that a buffer has lines. It is called once until they are taken, whoever logs how much."""
        self._noted[buffer] = None
        if not self._is_awake:
            self._wake()

    def flush(self) -> None:
        """Write all that is not written yet. Raises an error of SQLAlchemy."""
        self._is_writing = True
        try:
            with self._writing:
                buffers = list(self._noted)
                for start in range(0, len(buffers), MOST_AT_ONCE):
                    self._write(self._take(buffers[start : start + MOST_AT_ONCE]))
        finally:
            self._is_writing = False

    @contextmanager
    def handing_over(self) -> Iterator[Take]:
        """Yield what takes the lines of runs that are finished in the block; they are written when it ends well."""
        taken: Taken = []

        def take(outcomes: Sequence[Outcome]) -> list[NewLines]:
            found = self._take_those_of(outcomes)
            taken.extend(found)
            return [new for _, new in found]

        try:
            yield take
        except BaseException:
            self._put_back(taken)
            raise
        confirm(taken)

    def _wake(self) -> None:
        self._is_awake = True
        self._woken.set()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            sleep(PERIOD)
            self._woken.clear()
            self._is_awake = False
            try:
                self.flush()
            except SQLAlchemyError as error:
                log.warning("job_logs_not_written", error=repr(error)[:300])
            except Exception:  # without this thread nobody would see what long jobs log
                log.exception("job_log_writer_failed")
            if self._noted:
                self._wake()

    def _take_those_of(self, outcomes: Sequence[Outcome]) -> Taken:
        if not (self._noted or self._is_writing) or not self._writing.acquire(timeout=PATIENCE):
            return []
        try:
            ended = {outcome.job.id for outcome in outcomes}
            return self._take([buffer for buffer in list(self._noted) if buffer.job_id in ended])
        finally:
            self._writing.release()

    def _take(self, buffers: Sequence[LogBuffer]) -> Taken:
        """Take the lines of these buffers, but of two runs of one job only those of the first."""
        taken: Taken = []
        for buffer in {buffer.job_id: buffer for buffer in reversed(buffers)}.values():
            del self._noted[buffer]
            if new := buffer.unwritten():
                taken.append((buffer, new))
        return taken

    def _write(self, taken: Taken) -> None:
        if not taken:
            return
        try:
            with autocommit() as db:
                write_logs(db, [new for _, new in taken])
        except SQLAlchemyError as error:
            if isinstance(error, DBAPIError) and not isinstance(error, OperationalError | InterfaceError):
                log.error("job_logs_refused", jobs=len(taken), error=repr(error)[:300])  # they would be again
            else:
                self._put_back(taken)
                raise
        confirm(taken)

    def _put_back(self, taken: Taken) -> None:
        for buffer, _ in taken:
            self.note(buffer)


def confirm(taken: Taken) -> None:
    """Let the buffers forget what has been written."""
    for buffer, new in taken:
        buffer.written(new)


writer = LogWriter()
"""That of this process."""
