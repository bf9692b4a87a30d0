"""/api/imports: products from a CSV file."""

import io
import socket
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from httpx import Response

from tests.problems import fields_of
from tests.stack import TOKEN, Stack, wait_until

HEADER = "sku,name,description,price,currency\n"
CSV = {"Content-Type": "text/csv"}


def rows(prefix: str, count: int) -> str:
    return "".join(f"{prefix}-{n:06},Tea {n},,{n}.50,EUR\n" for n in range(count))


def send(stack: Stack, content: str | bytes | Iterator[bytes], **query: Any) -> Response:
    headers = CSV | query.pop("headers", {})
    body = content.encode() if isinstance(content, str) else content
    return stack.http.post("/api/imports", content=body, headers=headers, params=query)


def imported(stack: Stack, content: str | bytes, **query: Any) -> dict[str, Any]:
    """Import a file and give what became of it."""
    answer = send(stack, content, **query)
    assert answer.status_code == 202, answer.text
    stack.ended(answer.json()["job_id"])
    return dict(stack.http.get(answer.headers["Location"]).json())


def count(stack: Stack, prefix: str) -> int:
    return int(stack.sql("SELECT count(*) FROM products.products WHERE starts_with(sku, %s)", prefix)[0][0])


def tell(report: dict[str, Any], *names: str) -> list[Any]:
    return [report[name] for name in names]


def test_the_products_of_a_file_are_there_afterwards_and_once_however_often_it_is_sent(stack: Stack) -> None:
    prefix = uuid4().hex
    content = HEADER + rows(prefix, 300)

    first, second = imported(stack, content), imported(stack, content.replace("Tea 7,", "Cocoa 7,"))

    assert (first["state"], second["state"], count(stack, prefix)) == ("succeeded", "succeeded", 300)
    assert tell(first["report"], "imported", "rows", "created", "updated", "unchanged") == [True, 300, 300, 0, 0]
    assert tell(second["report"], "imported", "rows", "created", "updated", "unchanged") == [True, 300, 0, 1, 299]


def test_progress_is_told_in_bytes_of_the_file(stack: Stack) -> None:
    content = HEADER + rows(uuid4().hex, 20_000)

    done = imported(stack, content)

    assert (done["size"], done["progress"]["current"], done["progress"]["total"]) == (len(content),) * 3


def test_bad_rows_are_reported_with_their_lines_and_nothing_is_imported(stack: Stack) -> None:
    prefix = uuid4().hex
    good = rows(prefix, 3)
    content = f'{HEADER}{good}{prefix}-a,"Two\nlines",,1,EUR\n{prefix}-b,B,,-1,EUR\n{prefix}-000001,B,,1,EUR\nx,y\n'

    done = imported(stack, content)

    assert (done["state"], done["report"]["imported"], count(stack, prefix)) == ("failed", False, 0)
    assert tell(done["report"], "rows", "bad") == [7, 4]
    found = {(bad["line"], bad["field"]): bad["message"] for bad in done["report"]["bad_rows"]}
    assert set(found) == {(5, "name"), (7, "price"), (8, "sku"), (9, "row")}
    assert found[8, "sku"] == "stands on line 3 already"
    assert "Nothing was imported: 4 of 7 rows are bad" in done["error"]


def test_a_partial_import_takes_the_good_rows(stack: Stack) -> None:
    prefix = uuid4().hex

    done = imported(stack, f"{HEADER}{rows(prefix, 3)}{prefix}-b,B,,,EUR\n", partial="true")

    assert (done["state"], count(stack, prefix)) == ("succeeded", 3)
    assert tell(done["report"], "imported", "created", "bad") == [True, 3, 1]
    assert done["report"]["bad_rows"] == [{"line": 5, "field": "price", "message": "is missing"}]


def test_of_very_many_bad_rows_all_are_counted_and_a_hundred_are_kept(stack: Stack) -> None:
    done = imported(stack, HEADER + "x,,,1,EUR\n" * 5_000)

    assert (done["report"]["bad"], len(done["report"]["bad_rows"])) == (5_000, 100)


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("products.csv", HEADER)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ((HEADER + "a,b,,1,EUR\n").encode("utf-32"), "UTF-32"),
        (zipped(), "ZIP"),
        (",".join(f"c{n}" for n in range(1_000_000)).encode(), "Line 1 has more than 262,144 bytes"),
        (HEADER.encode() + b"a" + b"," * 1_000_000 + b"\n", "Line 2 has more than 262,144 bytes"),
        (b"sku,name,currency\na,b,EUR\n", "The column price is missing"),
        (HEADER.replace("price", "price,colour").encode() + b"a,b,,1,x,EUR\n", "'colour' is not known"),
        (b"sku,sku,name,price,currency\na,a,b,1,EUR\n", "sku is named more than once"),
        (HEADER.encode(), "has no rows"),
        (b"\n", "The column sku is missing"),
        (HEADER.encode() + b'a,"never closed,,1,EUR\n' * 2, "Line 2 cannot be read"),
        (HEADER.encode() + b'a,"' + b"never closed\n" * 20_000, "quotation mark is opened and never closed"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(stack: Stack, content: bytes, words: str) -> None:
    done = imported(stack, content, partial="true")

    assert (done["state"], done["report"]["imported"]) == ("failed", False)
    assert words in done["report"]["problem"]
    assert done["report"]["problem"] in done["error"]


@pytest.mark.parametrize(
    ("byte", "words"), [(b"\0", "has a NUL character"), (b"\xe4", "is not UTF-8; save the file as 'CSV UTF-8'")]
)
def test_a_row_with_bytes_that_are_no_text_is_bad(stack: Stack, byte: bytes, words: str) -> None:
    done = imported(stack, HEADER.encode() + b"a,T" + byte + b",,1,EUR\n")

    assert done["report"]["bad_rows"] == [{"line": 2, "field": "name", "message": words}]


def test_what_spreadsheets_write_is_read(stack: Stack) -> None:
    prefix = uuid4().hex
    content = f'SKU;Name;Price;Currency;Description\r\n{prefix};"Tea; green";1.5;eur;"two\r\nlines"\r\n\r\n'

    done = imported(stack, b"\xef\xbb\xbf" + content.encode())

    assert done["report"]["created"] == 1, done
    [product] = stack.http.get("/api/products", params={"sku": prefix}).json()["products"]
    fields = tell(product, "name", "price", "currency", "description")
    assert fields == ["Tea; green", 150, "EUR", "two\r\nlines"]


def test_an_empty_file_is_refused_at_once(stack: Stack) -> None:
    assert fields_of(send(stack, b"")) == ["body"]


def test_only_csv_is_taken_and_only_from_operators(stack: Stack) -> None:
    assert fields_of(send(stack, "a", headers={"Content-Type": "application/json"}), 415) == ["Content-Type"]
    assert stack.user().http.post("/api/imports", content=b"a", headers=CSV).status_code == 403
    assert stack.client().post("/api/imports", content=b"a", headers=CSV).status_code == 401


def test_a_request_sent_again_with_its_key_is_the_same_import(stack: Stack) -> None:
    content, key = HEADER + rows(uuid4().hex, 3), {"Idempotency-Key": uuid4().hex}

    first, second = send(stack, content, headers=key).json(), send(stack, content, headers=key).json()
    other = send(stack, content + "x", headers=key)

    assert (first["id"], first["job_id"]) == (second["id"], second["job_id"])
    assert other.status_code == 409
    assert stack.sql("SELECT count(*) FROM files WHERE sha256 IS NULL") == [(0,)]


def megabytes(count: int) -> Iterator[bytes]:
    for _ in range(count):
        yield b"x" * 1_000_000


@pytest.mark.parametrize("length", [{"Content-Length": "150000000"}, {}], ids=["said", "not said"])
def test_more_than_100_mb_are_refused_whether_or_not_the_length_is_said(stack: Stack, length: dict[str, str]) -> None:
    answer = send(stack, megabytes(150), headers=length)

    assert fields_of(answer, 413) == ["body"]
    assert stack.sql("SELECT count(*) FROM files WHERE size = 0 OR sha256 IS NULL") == [(0,)]


def test_of_a_file_whose_sender_goes_away_nothing_stays(stack: Stack) -> None:
    name = f"{uuid4().hex}.csv"
    pieces = [b"sku,name,price,currency\n" + b"x" * 3_000_000, b"y" * 3_000_000]
    head = (
        f"POST /api/imports?name={name} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {TOKEN}\r\n"
        "Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    )

    def stored() -> int:
        of_file = "SELECT count(*) FROM file_chunks JOIN files ON files.id = file_id WHERE name = %s"
        return int(stack.sql(of_file, name)[0][0])

    with socket.create_connection(("127.0.0.1", stack.port)) as sender:
        sender.sendall(head.encode())
        for piece in pieces:
            sender.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        wait_until(stored)

    wait_until(lambda: not stack.sql("SELECT FROM files WHERE name = %s", name))
    assert name not in stack.http.get("/api/imports").text


def test_imports_are_listed_newest_first(stack: Stack) -> None:
    ids = [imported(stack, HEADER + rows(uuid4().hex, 1), name=f"{n}.csv")["id"] for n in range(2)]

    listed = stack.http.get("/api/imports", params={"limit": 2}).json()["imports"]

    assert [one["id"] for one in listed] == ids[::-1]
    assert [one["name"] for one in listed] == ["1.csv", "0.csv"]


def test_a_live_view_of_no_import_is_not_there(stack: Stack) -> None:
    assert stack.http.get(f"/live?topic=import:{uuid4()}").status_code == 404
