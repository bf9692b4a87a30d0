"""`bellhop schedules`: looking at schedules, acting on them, and keeping them as a file."""
