"""The two servers of a local stack, from Python wheels."""
