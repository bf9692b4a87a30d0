"""The engine: from a message to the finish of its jobs."""
