"""The timer: a count that goes up by one every second."""

from bellhop.plugin import Plugin

plugin = Plugin(
    "timer",
    tasks="bellhop_timer.tasks",
    bodies="bellhop_timer.bodies",
    web="bellhop_timer.web",
    migrations="bellhop_timer:migrations",
)
