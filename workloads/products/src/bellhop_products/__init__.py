"""Products: a catalogue with its import and export, and work that takes too long for a request."""

from bellhop.plugin import Plugin

plugin = Plugin(
    "products",
    tasks="bellhop_products.tasks",
    bodies="bellhop_products.bodies",
    web="bellhop_products.web",
    migrations="bellhop_products:migrations",
    personal="bellhop_products.personal:personal",
)
