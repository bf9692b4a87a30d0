"""Prices: games, what they cost, and who wants to be told."""

from bellhop.plugin import Plugin

plugin = Plugin(
    "prices",
    tasks="bellhop_prices.tasks",
    bodies="bellhop_prices.bodies",
    web="bellhop_prices.web",
    migrations="bellhop_prices:migrations",
    settings="bellhop_prices.settings:PricesSettings",
    personal="bellhop_prices.personal:personal",
)
