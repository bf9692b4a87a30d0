"""The contract that Bellhop's services and plug-ins share: signatures of tasks, their policy and their errors."""

__version__ = "0.1.0"
