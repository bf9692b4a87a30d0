"""The scenes of the demo. Each one shows something and returns what was wrong with it."""
