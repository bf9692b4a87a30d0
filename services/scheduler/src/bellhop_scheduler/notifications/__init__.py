"""Notifications: the scheduler compares the rules with what has happened, and sends what is to be reported."""

from bellhop_scheduler.notifications.watching import Watching

__all__ = ["Watching"]
