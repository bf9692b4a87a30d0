"""Flask: the client as an extension, made from the application's configuration."""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, abort, current_app, request

from bellhop_client.areas import Queues, Schedules
from bellhop_client.client import Client, JobOperations
from bellhop_client.configured import SIGNING_SECRET, client_of, setting
from bellhop_client.exchange import Act, Flow
from bellhop_client.operations import Runner, SyncMethods
from bellhop_client.transactions import Transaction
from bellhop_client.webhooks import InvalidSignature, verify

EXTENSION = "bellhop"
P = ParamSpec("P")
T = TypeVar("T")


def current_client() -> Client:
    """Return the client of the current application. Raises RuntimeError where `init_app` was not called for it."""
    try:
        client: Client = current_app.extensions[EXTENSION]
    except KeyError:
        raise RuntimeError(f"the application {current_app.name} has no Bellhop: call init_app(app)") from None
    return client


class CurrentRunner(Runner):
    """Runs flows by the client of the current application."""

    def do(self, act: Act) -> Any:
        """Do what a flow asks for."""
        return current_client()._driver.do(act)

    def iterate(self, flow: Flow[None]) -> Iterator[Any]:
        """Run a flow as far as somebody iterates."""
        return current_client()._driver.iterate(flow)


class Bellhop(SyncMethods, JobOperations):
    """Has the methods of a `Client`, and uses the one of the current application.

    That one is made by `init_app` from BELLHOP_URL and BELLHOP_TOKEN in the application's configuration, with these
    options of `Client`, and is `app.extensions["bellhop"]`.
    """

    def __init__(self, app: Flask | None = None, **options: Any):
        super().__init__(CurrentRunner())
        self.schedules, self.queues = Schedules(self._runner), Queues(self._runner)
        self._options = options
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Make the client of an application. Raises ValueError, which names the setting."""
        app.extensions[EXTENSION] = client_of(app.config, **self._options)

    def on(self, connection: Any, *, schema: str = "bellhop") -> Transaction:
        """Return what submits in this connection or session, such as `db.session` of Flask-SQLAlchemy."""
        return Transaction(connection, schema=schema)

    def verified(self, view: Callable[P, T]) -> Callable[P, T]:
        """Answer 401 in place of this view unless a job of `http.request` with BELLHOP_SIGNING_SECRET has sent it."""

        @wraps(view)
        def checked(*args: P.args, **kwargs: P.kwargs) -> T:
            try:
                verify(setting(current_app.config, SIGNING_SECRET), dict(request.headers), request.get_data())
            except InvalidSignature as error:
                abort(401, str(error))
            called: T = current_app.ensure_sync(view)(*args, **kwargs)
            return called

        return checked
