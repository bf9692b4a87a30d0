"""A shop whose night went wrong: the plug-in with its tasks, which docs/three-in-the-morning.md tells of."""

from bellhop.plugin import Plugin

plugin = Plugin("night", tasks="tests.night.shop", bodies="tests.night.shop")
