"""Bulk actions: those that are due are carried out, in pieces between which others have their turn."""

from uuid import UUID

from bellhop_ledger.bulk_actions import executing
from bellhop_ledger.bulk_actions.executing import Piece
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.log import get_logger
from bellhop_scheduler.broker import Broker
from bellhop_scheduler.rounds import DATABASE_AWAY

log = get_logger(__name__)

MOST_AT_ONCE = 10
"""Actions that are carried on in one turn."""
LONGEST_ERROR = 500


class BulkActions:
    """Carries out what people do with many jobs; cancelled jobs are kept for so many seconds."""

    def __init__(self, broker: Broker, keep: float):
        self._broker = broker
        self._keep = keep

    def carry_on(self) -> None:
        """Do the next piece of each action that is due.

        Raises one of AWAY when messages could not be sent: their jobs are marked as unsent, and are sent later.
        """
        with transaction() as db:
            due = executing.due(db, most=MOST_AT_ONCE)
        for id in due:
            if piece := self._do_piece(id):
                log.info("bulk_action_carried_on", bulk_action=str(id), jobs=piece.changed, is_last=piece.is_last)
                self._broker.send([job for job in piece.to_send if job.queue != PEOPLE])

    def _do_piece(self, id: UUID) -> Piece | None:
        try:
            with transaction() as db:
                return executing.carry_on(db, id, keep=self._keep)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.exception("bulk_action_broken", bulk_action=str(id))
            with transaction() as db:
                executing.break_off(db, id, cleaned(repr(error), LONGEST_ERROR))
            return None
