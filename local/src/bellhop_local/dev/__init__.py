"""`bellhop dev`: the local stack with the tasks of a project, started again as its files change."""
