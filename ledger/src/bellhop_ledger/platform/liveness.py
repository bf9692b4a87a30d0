"""How often a service gives a sign of life, and after how long a silence it counts as gone (seconds)."""

PERIOD = 5.0
LATE = 20.0
