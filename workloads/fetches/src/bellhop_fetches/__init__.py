"""Fetches: many slow URLs at once."""

from bellhop.plugin import Plugin

plugin = Plugin(
    "fetches",
    tasks="bellhop_fetches.tasks",
    bodies="bellhop_fetches.bodies",
    web="bellhop_fetches.web",
    migrations="bellhop_fetches:migrations",
    personal="bellhop_fetches.personal:personal",
)
