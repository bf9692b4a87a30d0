"""What a running stack leaves in its directory for others: a lock, and its environment."""

import fcntl
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bellhop_local.errors import LocalError
from bellhop_local.files import private_directory, write_private


@contextmanager
def only_one(directory: Path) -> Iterator[None]:
    """Hold the directory's lock; the kernel gives it back however we end."""
    with (private_directory(directory) / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LocalError(
                f"a local stack is already running in {directory}; stop it with Ctrl-C where it runs, "
                "or start a second one with other values of LOCAL_DIR, WEB_PORT and FLOWER_PORT"
            ) from None
        yield


def publish(directory: Path, environment: Mapping[str, str]) -> None:
    """Write that the stack is ready, and how it is reached; a shell can read the file too."""
    lines = [f"{name}={shlex.quote(value)}\n" for name, value in environment.items()]
    write_private(directory / "env", "".join(lines))


def withdraw(directory: Path) -> None:
    """Remove the file that says the stack is ready."""
    (directory / "env").unlink(missing_ok=True)


def published(directory: Path) -> dict[str, str] | None:
    """The environment of the stack that runs in the directory; None when none is ready there."""
    try:
        text = (directory / "env").read_text(encoding="utf-8")
        with (directory / "lock").open("r") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return dict(word.partition("=")[::2] for word in shlex.split(text))
    except OSError:
        return None
    return None
