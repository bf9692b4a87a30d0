"""The scheduler: Celery's beat with a tick of our own, which asks the ledger what is due."""
