"""Shows what Bellhop does, as a client of its public API and nothing else."""
