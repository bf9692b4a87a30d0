"""What can go wrong in a fetch; every message is safe to show to the person who gave the URL."""


class FetchError(Exception):
    """The page could not be fetched."""


class FetchRefused(FetchError):
    """We do not fetch this, now or later: the URL, its address or its answer breaks a rule."""


class FetchFailed(FetchError):
    """The network or the other side failed: the same fetch may succeed later."""


class Unreachable(FetchFailed):
    """There was no answer. The message would reveal open ports, so strangers do not read it."""
