"""The tasks of the tests: a plug-in like any other."""

from bellhop.plugin import Plugin

plugin = Plugin("test", tasks="tests.tasks.signatures", bodies="tests.tasks.bodies", web="tests.tasks.web")
