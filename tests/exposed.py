"""What Bellhop exposes, and what docs/metrics.md says of it."""

import re

import httpx

from tests.stack import ROOT, Stack

SERVICES = ("web", "worker", "scheduler")
ROW = re.compile(r"^\| `(bellhop_\w+)` \| (\w+) \|([\w, ]*)\|", re.MULTILINE)


def documented() -> dict[str, tuple[str, frozenset[str]]]:
    """The kind and the labels of each metric of the table."""
    rows = ROW.findall((ROOT / "docs/metrics.md").read_text())
    return {name: (kind, frozenset(re.findall(r"\w+", labels))) for name, kind, labels in rows}


def exposed(stack: Stack) -> dict[str, tuple[str, frozenset[str]]]:
    """The same of what a stack says."""
    texts = [httpx.get(f"http://127.0.0.1:{stack.metrics_ports[one]}/metrics", timeout=30).text for one in SERVICES]
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for text in texts:
        for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE):
            labels = re.findall(rf"^{name}(?:_count)?(?:{{(.*)}})? ", text, re.MULTILINE)[0]
            found[name] = (kind, frozenset(re.findall(r'(\w+)="', labels)))
    return found
