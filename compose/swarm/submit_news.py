"""Submits jobs of the next release, from inside one of its containers, as the body of one of its tasks would."""

import sys

import next_tasks

from bellhop_ledger.ledger.outbox_sender import publisher
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.platform.database import transaction

with transaction() as db:
    for number in range(int(sys.argv[1])):
        submit(db, next_tasks.news, key=f"news-{number}")
publisher().flush(5)
