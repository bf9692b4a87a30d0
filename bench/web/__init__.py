"""What the measurement of web servers starts: servers of several kinds, and their clients."""
