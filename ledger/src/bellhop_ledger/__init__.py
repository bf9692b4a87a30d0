"""The engine that web, worker and scheduler share: settings, database, broker, the ledger, schedules, migrations."""
