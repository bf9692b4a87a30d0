"""FastAPI: the client as a dependency, open for as long as the application runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import HTTPException, Request

from bellhop_client.client import AsyncClient
from bellhop_client.webhooks import InvalidSignature, verify


class Bellhop:
    """The `AsyncClient` of an application: `FastAPI(lifespan=bellhop.lifespan)`, then `Depends(bellhop)`.

    `signing_secret` is that of the jobs of `http.request` whose requests `verified` lets in; the options are those of
    `AsyncClient`. Raises ValueError, which names the argument.
    """

    def __init__(self, url: str, token: str, *, signing_secret: str | None = None, **options: Any):
        self._connect = partial(AsyncClient, url, token, **options)
        self._connect()  # a wrong argument is refused when the application is made, and not when it starts
        self._secret = signing_secret
        self._client: AsyncClient | None = None

    @asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """Open the client, and close it at the end. In a lifespan of your own: `async with bellhop.lifespan():`."""
        async with self._connect() as client:
            self._client = client
            try:
                yield
            finally:
                self._client = None

    async def __call__(self) -> AsyncClient:
        """Return the client. Raises RuntimeError outside of the lifespan."""
        if self._client is None:
            raise RuntimeError("Bellhop is not open: write FastAPI(lifespan=bellhop.lifespan), and enter it in tests")
        return self._client

    async def verified(self, request: Request) -> bytes:
        """Return the body of a request that a job with the signing secret has sent, and answer 401 to all others."""
        if not self._secret:
            raise RuntimeError("signing_secret: is not set")
        body = await request.body()
        try:
            verify(self._secret, request.headers, body)
        except InvalidSignature as error:
            raise HTTPException(401, str(error)) from None
        return body
