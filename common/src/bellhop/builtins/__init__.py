"""The built-in tasks: their signatures. Each body is in the folder of bellhop_worker that is named like the module."""
