"""The contract that Bellhop's services and plug-ins share: signatures of tasks, their policy and their errors."""

from bellhop.decorators import task

__all__ = ["task"]
__version__ = "0.1.0"
