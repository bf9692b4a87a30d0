"""The chaos drill: mixed jobs through the public API while its parts are killed, frozen, emptied and restarted.

`plan` makes the jobs and the faults from a seed, `callers` and `people` play those who use the API, `faults` breaks and
mends the parts, and `verdict` counts in the database what has become of what was accepted.
"""
