"""Polls: questions that people vote on until a date, at which they close themselves."""

from bellhop.plugin import Plugin

plugin = Plugin(
    "polls",
    tasks="bellhop_polls.tasks",
    bodies="bellhop_polls.bodies",
    web="bellhop_polls.web",
    migrations="bellhop_polls:migrations",
    personal="bellhop_polls.personal:personal",
)
