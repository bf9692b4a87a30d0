"""The timer: a count that goes up by one every second."""
