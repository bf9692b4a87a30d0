"""HTTP endpoints: tasks whose body is a service of somebody else."""
