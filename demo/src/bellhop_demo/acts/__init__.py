"""The acts of the demo. Each one shows something and answers what was wrong with it."""
