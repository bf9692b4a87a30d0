"""Wording: how a bulk action reads in a sentence."""

from bellhop_ledger.bulk_actions.tables import BulkState, Verb
from bellhop_web.site.format import plural

DONE = {Verb.RETRY: "queued again", Verb.CANCEL: "cancelled"}
CAN_BE = {Verb.RETRY: "retried", Verb.CANCEL: "cancelled"}


def words_for(verb: Verb, count: int) -> str:
    """Write how many jobs something can be done to."""
    return f"{plural(count, 'job')} can be {CAN_BE[verb]}"


KINDS = {
    BulkState.WAITING: "scheduled",
    BulkState.RUNNING: "running",
    BulkState.DONE: "succeeded",
    BulkState.UNDONE: "cancelled",
    BulkState.BROKEN: "failed",
}
"""The colour of each state."""
