"""Ask which known vulnerabilities the locked requirements have, and fail when that could not be found out.

pip-audit alone calls a package that its index or service does not know "skipped", and ends with
"No known vulnerabilities found". Here a package that was not checked fails the audit as a
vulnerable one does.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
FOUND_NOTHING, FOUND_SOMETHING = 0, 1
"""How pip-audit ends when it could do its work; it ends with 1 when it could not, too."""
PIN = re.compile(r"^([A-Za-z0-9][^\s#\\]*==[^\\#]+)", re.MULTILINE)


@dataclass(frozen=True)
class Audited:
    """What pip-audit has said about one file, and how it ended."""

    exit_code: int
    output: str
    errors: str = ""


def main() -> int:
    """Audit all files; give 0 only if every package of every file was checked and none is vulnerable."""
    files = sorted(path for path in ROOT.rglob("requirements*.txt") if ".venv" not in path.parts)
    complaints = [f"{path.relative_to(ROOT)}: {one}" for path in files for one in judged(path.read_text(), audit(path))]
    print("\n".join(complaints) or f"audited {len(files)} files: every package was checked, no vulnerability is known")
    return 1 if complaints or not files else 0


def audit(path: Path) -> Audited:
    """Run pip-audit on one file, as it is locked: nothing is resolved or installed."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(path), "--require-hashes", "--disable-pip"]
    options = ["--format", "json", "--progress-spinner", "off"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    return Audited(done.returncode, done.stdout, done.stderr)


def judged(locked: str, audited: Audited) -> list[str]:
    """Print everything that is wrong: packages that are vulnerable, and those that were not checked."""
    try:
        entries = {canonicalize_name(entry["name"]): entry for entry in json.loads(audited.output)["dependencies"]}
    except (ValueError, KeyError, TypeError):
        return [f"pip-audit did not work (it ended with {audited.exit_code}): {_last_line(audited.errors)}"]
    complaints = [line for entry in entries.values() for line in _of(entry)]
    complaints += [f"{name} was not checked: it is not in the report" for name in pinned(locked) - entries.keys()]
    if not entries:
        complaints.append("nothing was checked")
    if audited.exit_code not in (FOUND_NOTHING, FOUND_SOMETHING):
        complaints.append(f"pip-audit ended with {audited.exit_code}: {_last_line(audited.errors)}")
    return sorted(complaints)


def pinned(locked: str) -> set[str]:
    """Return the names of a file's packages, but for those that are for other machines."""
    requirements = (Requirement(line.strip()) for line in PIN.findall(locked))
    return {canonicalize_name(one.name) for one in requirements if one.marker is None or one.marker.evaluate()}


def _of(entry: dict[str, object]) -> Iterator[str]:
    if "skip_reason" in entry:
        yield f"{entry['name']} was not checked: {entry['skip_reason']}"
    found = entry.get("vulns")
    for vulnerability in found if isinstance(found, list) else []:
        fixed = ", ".join(vulnerability.get("fix_versions", [])) or "no version yet"
        yield f"{entry['name']} {entry.get('version')} has {vulnerability['id']}; fixed in {fixed}"


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1][:300]


if __name__ == "__main__":
    sys.exit(main())
