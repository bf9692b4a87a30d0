"""Testing tasks: fixtures of pytest that run one in the process of the test, or a whole Bellhop beside it."""
