"""The fixtures of all tests: those of the platform in `tests/`, and those of each workload in its own `tests/`."""

pytest_plugins = [
    "tests.fixtures",
    "tests.issuer",
    "tests.workers",
    "tests.browser.fixtures",
    "tests.unit.http.fixtures",
]
