"""A Python prompt with every task signature at hand."""

import atexit
import code
import readline
import rlcompleter
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bellhop.signature import Signature
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.load import load
from bellhop_local.shell.handle import submit

TOOLS = {"submit": submit, "transaction": transaction, "Job": Job, "State": State}


def run_prompt(history: Path) -> int:
    """Open the prompt, or run what stands on the standard input when that is not a terminal."""
    signatures = by_short_name(load(Settings.load()))
    names: dict[str, Any] = {"__name__": "__main__", **signatures, **TOOLS}
    if not sys.stdin.isatty():
        exec(compile(sys.stdin.read(), "<stdin>", "exec"), names)  # noqa: S102  that is what a prompt does
        return 0
    _complete_and_remember(names, history)
    code.interact(banner=_banner(signatures), local=names, exitmsg="")
    return 0


def by_short_name(signatures: Mapping[str, Signature[..., Any]]) -> dict[str, Signature[..., Any]]:
    """Return the signatures by their verbs: `http.request` is `request`, or `http_request` if two share the verb."""
    verbs = Counter(name.rpartition(".")[2] for name in signatures)

    def short(name: str) -> str:
        verb = name.rpartition(".")[2]
        return verb if verbs[verb] == 1 else name.replace(".", "_")

    return {short(name): signature for name, signature in signatures.items()}


def _banner(signatures: Mapping[str, Any]) -> str:
    return (
        f"Bellhop's prompt. Tasks: {', '.join(sorted(signatures))}\n"
        "submit(request, url='https://example.com').wait() returns the answer. transaction(), Job and State are there, "
        "too. Ctrl-D ends it."
    )


def _complete_and_remember(names: dict[str, Any], history: Path) -> None:
    readline.set_completer(rlcompleter.Completer(names).complete)
    readline.parse_and_bind("tab: complete")
    if history.exists():
        readline.read_history_file(history)
    if history.parent.is_dir():
        atexit.register(readline.write_history_file, history)
