"""Pages: iterating over a list by its cursors."""

from typing import Any

from bellhop_client.exchange import Flow, Items, Request, send
from bellhop_client.reading import read


def pages(path: str, query: list[tuple[str, str]], member: str, kind: type[Any]) -> Flow[None]:
    """Hand over what a list holds, page after page."""

    def page_of(data: Any) -> tuple[list[Any], str | None]:
        return [read(kind, one) for one in data[member]], data["next_cursor"]

    items, cursor = yield from send(Request("GET", path, query), page_of)
    yield Items(items)
    while cursor is not None:
        items, cursor = yield from send(Request("GET", path, [*query, ("cursor", cursor)]), page_of)
        yield Items(items)
