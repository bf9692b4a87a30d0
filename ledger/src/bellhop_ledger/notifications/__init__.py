"""Notifications: whom to inform when a schedule, a task or a queue fails or is late, and when it has recovered."""
