"""The body of http.request."""

import json
import re
from functools import partial

from bellhop.builtins import http_requests
from bellhop.builtins.http_requests import (
    Answer,
    Body,
    FollowRedirects,
    Method,
    Retries,
    Seconds,
    Statuses,
    Url,
    statuses,
)
from bellhop.errors import BellhopError, Later, Permanent
from bellhop.request_headers import OPEN_HEADERS, Headers, SigningSecret
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_worker.engine.binding import body as body_of
from bellhop_worker.engine.run import Run
from bellhop_worker.http import AllowList, FetchFailed, FetchRefused, Limits, Outgoing, Reply, send
from bellhop_worker.http.charsets import text_of
from bellhop_worker.http.statuses import retry_after, words_of
from bellhop_worker.http_requests.secrets import Secrets
from bellhop_worker.settings import WorkerSettings

KEPT_BYTES, QUOTED_CHARACTERS, HEADER_CHARACTERS = 10_000, 300, 2000
"""How much of an answer's body is kept as a result, and quoted in an error, and how much of each header is kept."""
OF_INTEREST = (
    *("content-type", "content-length", "content-encoding", "date", "etag", "last-modified", "location"),
    *("retry-after", "server", "x-request-id"),
)

PASSWORD = re.compile(r"(//)[^/?#@]*@")


class Unanswered(BellhopError):
    """The request had no answer, or one that asks for another try."""


class Unexpected(Permanent):
    """The answer is not what was expected, and trying again would not help."""


@body_of(http_requests.request)
def request(
    *,
    url: Url,
    method: Method,
    headers: Headers,
    body: Body,
    timeout: Seconds,
    expect: Statuses,
    retry_on: Statuses,
    retries: Retries,
    follow_redirects: FollowRedirects,
    signing_secret: SigningSecret,
    run: Run,
) -> Answer:
    """Send it once. What can never be allowed fails at once, a fault of the network is tried again."""
    secrets = Secrets.among(headers, signing_secret)
    content, kind = _content(body)
    shown = {name.lower(): value for name, value in headers.items() if name.lower() in OPEN_HEADERS}
    shown = {**kind, **shown, "idempotency-key": run.idempotency_key}
    last = run.job.attempt > retries
    try:
        reply = send(
            Outgoing(url, method, shown, partial(secrets.private_headers, run.idempotency_key), content),
            allow=AllowList.parse(WorkerSettings.load().fetch_allow),
            limits=Limits(total_seconds=timeout),
            wanted=lambda status: _within(status, expect) or _within(status, retry_on),
            follow=follow_redirects,
            keep=2 * KEPT_BYTES,
        )
    except FetchRefused as refused:
        raise Permanent(secrets.hidden_in(str(refused))) from None
    except FetchFailed as failed:
        raise (Unexpected if last else Unanswered)(secrets.hidden_in(str(failed))) from None
    answer = _answer(reply, secrets)
    if not _within(reply.status, expect):
        raise _error(reply, answer, expect, try_again=_within(reply.status, retry_on) and not last)
    return answer


def _content(body: Body) -> tuple[bytes | None, dict[str, str]]:
    """Return the bytes of the body and, for JSON, the header that says so."""
    if body is None or isinstance(body, str):
        return (None if body is None else body.encode()), {}
    return json.dumps(body).encode(), {"content-type": "application/json"}


def _answer(reply: Reply, secrets: Secrets) -> Answer:
    # Twice as much is read as is kept, so that no secret is cut in two before it is looked for.
    content_type = reply.headers.get("content-type", "")
    text = secrets.hidden_in(text_of(reply.beginning, content_type, whole=not reply.more))
    return Answer(
        status=reply.status,
        seconds=round(reply.seconds, 4),
        url=secrets.hidden_in(reply.url),
        headers={name: _header(reply, name, secrets) for name in OF_INTEREST if name in reply.headers},
        body=cleaned(text[:KEPT_BYTES], KEPT_BYTES),
        truncated=reply.more or reply.body_error is not None or len(text) > KEPT_BYTES,
        body_error=reply.body_error,
    )


def _header(reply: Reply, name: str, secrets: Secrets) -> str:
    return cleaned(secrets.hidden_in(reply.headers[name]), HEADER_CHARACTERS)


def _error(reply: Reply, answer: Answer, expect: str, *, try_again: bool) -> BellhopError:
    quoted = f": {answer.body[:QUOTED_CHARACTERS]}" if answer.body else ""
    broken = f" ({answer.body_error})" if answer.body_error else ""
    message = f"The answer was {words_of(answer.status)}{_place(reply, answer)}, expected was {expect}{broken}{quoted}"
    if not try_again:
        return Unexpected(message)
    wait = retry_after(reply.headers.get("retry-after", ""))
    return Later(message, wait) if wait else Unanswered(message)


def _place(reply: Reply, answer: Answer) -> str:
    """Return where an answer of the class 3xx wanted to send us."""
    if not 300 <= answer.status <= 399:
        return ""
    location = PASSWORD.sub(r"\1***@", answer.headers.get("location", ""))
    place = f" with the Location {location}" if location else " without a Location"
    return f"{place} (not followed: {reply.stopped})" if reply.stopped else place


def _within(status: int, text: str) -> bool:
    return any(status in span for span in statuses(text))
