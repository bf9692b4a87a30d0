"""What every part of the engine stands on: settings, the database, logs, secrets, metrics and traces."""
