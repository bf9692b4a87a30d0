"""The job of RQ, whose workers import it and nothing else."""


def noop() -> None:
    """Do nothing."""
