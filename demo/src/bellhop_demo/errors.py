"""Why the demo cannot go on; the text is meant for the person who watches."""


class DemoError(Exception):
    """The demo cannot go on."""
