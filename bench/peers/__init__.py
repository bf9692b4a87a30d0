"""What Bellhop is measured beside, written as a stranger would write it. Some runs in an environment of its own."""
