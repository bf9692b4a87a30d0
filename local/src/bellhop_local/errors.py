"""What can keep the local stack from running; the text of an error is meant for the developer."""


class LocalError(Exception):
    """The local stack cannot do what was asked."""

    def __init__(self, message: str, *, process: str | None = None) -> None:
        super().__init__(message)
        self.process = process
        """The process of the stack whose last words say why."""


class UsageError(LocalError):
    """An argument or a setting cannot be used; the message names it."""


class ServerError(LocalError):
    """PostgreSQL or Valkey did not start."""


class ServiceError(LocalError):
    """A process of the stack ended by itself, or is not ready."""


class StopRequested(Exception):
    """Somebody asked the stack to stop."""
