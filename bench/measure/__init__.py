"""The shape of the code in numbers: each with its aim, so that a change shows what it makes better or worse."""
