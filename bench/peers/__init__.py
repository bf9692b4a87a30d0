"""What Bellhop is measured beside, written as a stranger would write it."""
