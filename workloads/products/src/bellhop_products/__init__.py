"""Products: a catalogue with its import and export, and work that takes too long for a request."""
