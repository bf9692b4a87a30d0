"""Browsers and programs by name: what a `User-Agent` says, in the words that people know."""

import re

BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/(\d+)")),
    ("Opera", re.compile(r"\bOPR/(\d+)")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/(\d+)")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/(\d+)")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|HeadlessChrome)/(\d+)")),
    ("Safari", re.compile(r"\bVersion/(\d+)[\d.]* (?:Mobile/\S+ )?Safari/")),
)
"""In the order in which they are looked for: most call themselves by the names of others, too."""
SYSTEMS = (
    ("iPad", re.compile(r"\biPad\b")),
    ("iPhone", re.compile(r"\biPhone\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b|\bX11\b")),
)
PROGRAM = re.compile(r"[\w.+-]+(?:/[\w.+-]+)?")
LONGEST = 60


def agent_name(agent: str | None) -> str:
    """Return `Firefox 128 on Linux` for a browser, the first product such as `curl/8.5.0` for another program."""
    if not agent:
        return "unknown"
    for browser, pattern in BROWSERS:
        if found := pattern.search(agent):
            system = next((name for name, sign in SYSTEMS if sign.search(agent)), "")
            return f"{browser} {found[1]}{f' on {system}' if system else ''}"
    product = PROGRAM.match(agent)
    return (product[0] if product else agent)[:LONGEST]
