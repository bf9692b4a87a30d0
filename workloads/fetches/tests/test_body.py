"""What a stranger learns of an address that was fetched for them."""

import socket
from collections.abc import Iterator
from functools import partial

import pytest

from bellhop.errors import Permanent
from bellhop_fetches import bodies as fetches
from bellhop_worker.http import FetchFailed, Limits
from tests.unit.http.world import Serve, Site, raw, redirect


@pytest.fixture
def everywhere(env: pytest.MonkeyPatch) -> None:
    env.setenv("FETCH_ALLOW", "127.0.0.0/8")
    env.setattr(fetches, "fetch", partial(fetches.fetch, limits=Limits(connect_seconds=0.2, total_seconds=0.3)))


@pytest.fixture
def ways(serve: Serve, secure: Site) -> Iterator[list[str]]:
    """Addresses that give no answer, each for another reason."""
    with socket.create_server(("127.0.0.1", 0)) as silent, socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody, nothing = (f"127.0.0.1:{one.getsockname()[1]}" for one in (closed, silent))
        plain = serve(raw(b"nonsense\r\n\r\n"))
        yield [
            *(f"{scheme}://{place}/" for scheme in ("http", "https") for place in (nobody, nothing)),
            plain.url(),
            plain.url(scheme="https"),
            secure.url(scheme="http"),
            secure.url(scheme="https"),
            serve(redirect(f"http://{nobody}/")).url(),
            "http://nowhere.invalid/",
        ]


@pytest.mark.usefixtures("everywhere")
def test_a_stranger_is_not_told_why_there_was_no_answer(ways: list[str]) -> None:
    told = set()
    for url in ways:
        with pytest.raises(FetchFailed) as error:
            fetches.fetch_url(url=url)
        told.add((type(error.value), str(error.value), error.value.__cause__, error.value.__suppress_context__))

    assert told == {(FetchFailed, "the address could not be reached, or gave no valid answer in time", None, True)}


@pytest.mark.usefixtures("everywhere")
def test_a_page_whose_body_breaks_off_is_told_with_its_status(serve: Serve) -> None:
    site = serve(raw(b"HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\nshort"))

    with pytest.raises(FetchFailed, match=r"127.0.0.1 answered with status 404, but the body broke off, with 5 bytes"):
        fetches.fetch_url(url=site.url())


@pytest.mark.usefixtures("everywhere")
def test_a_stranger_asks_no_port_of_another_protocol() -> None:
    with pytest.raises(Permanent, match="port 25 is not one from which pages are fetched"):
        fetches.fetch_url(url="http://127.0.0.1:25/")
