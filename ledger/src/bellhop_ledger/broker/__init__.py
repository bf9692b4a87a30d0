"""Redis, the doorbell: messages that name jobs, and hints over pub/sub."""
