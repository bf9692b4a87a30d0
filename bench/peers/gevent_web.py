"""The command bellhop-web under gevent, patched before any import, as its documentation says."""

from gevent import monkey

monkey.patch_all()

from psycogreen.gevent import patch_psycopg  # noqa: E402

patch_psycopg()

import selectors  # noqa: E402
from typing import Any  # noqa: E402

import gevent  # noqa: E402
from gevent.queue import Empty, Queue  # noqa: E402
from gevent.socket import wait_read, wait_write  # noqa: E402

from bellhop_web.main import main  # noqa: E402


class Greenlets:
    """In place of a selector, for gevent's looks at every connection at each call: a greenlet waits for each."""

    def __init__(self) -> None:  # one who waits: the live views' hub
        self._ready: Queue = Queue()
        self._keys: dict[Any, selectors.SelectorKey] = {}
        self._greenlets: dict[Any, list[gevent.Greenlet]] = {}

    def register(self, file: Any, events: int, data: Any) -> None:
        """Wait for these events of a connection from now on."""
        number = file if isinstance(file, int) else file.fileno()
        key = self._keys[file] = selectors.SelectorKey(file, number, events, data)
        waits = [(selectors.EVENT_READ, wait_read), (selectors.EVENT_WRITE, wait_write)]
        self._greenlets[file] = [gevent.spawn(self._wait, key, one, wait) for one, wait in waits if events & one]

    def _wait(self, key: selectors.SelectorKey, event: int, wait: Any) -> None:
        while True:
            wait(key.fd)
            self._ready.put((key, event))
            gevent.sleep(0.01)

    def unregister(self, file: Any) -> None:
        """Wait for it no longer."""
        del self._keys[file]
        for one in self._greenlets.pop(file):
            one.kill(block=False)

    def modify(self, file: Any, events: int, data: Any) -> None:
        """Wait for other events of it."""
        self.unregister(file)
        self.register(file, events, data)

    def get_key(self, file: Any) -> selectors.SelectorKey:
        """Return what it is waited for."""
        return self._keys[file]

    def select(self, timeout: float) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what has come by now, or the first that comes."""
        try:
            seen: list[tuple[selectors.SelectorKey, int]] = [self._ready.get(timeout=timeout)]
            seen += [self._ready.get_nowait() for _ in range(self._ready.qsize())]
        except Empty:
            return []
        return [(key, event) for key, event in seen if self._keys.get(key.fileobj) is key]


selectors.DefaultSelector = Greenlets  # type: ignore[misc, assignment]
if __name__ == "__main__":
    main()
