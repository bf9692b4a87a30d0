"""One call of an endpoint: what is sent, and what becomes of the job by its answer."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bellhop.errors import BellhopError, Later, Permanent
from bellhop.limit_key import host_of
from bellhop.request_headers import OPEN_HEADERS
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.completion_tokens import AttemptId, make_token
from bellhop_ledger.ledger.outside import GoesOnOutside, Outside
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.jsontext import cleaned
from bellhop_ledger.platform.secrets import forms_of, hidden
from bellhop_ledger.tasks.table import TaskEndpoint
from bellhop_worker.http import AllowList, FetchFailed, FetchRefused, Limits, Outgoing, Reply, send
from bellhop_worker.http.charsets import text_of
from bellhop_worker.http.statuses import retry_after, words_of
from bellhop_worker.http_requests.secrets import Secrets
from bellhop_worker.settings import WorkerSettings

LARGEST_RESULT = 1_000_000
"""Bytes of an answer, as many as the body of a completion may have."""
QUOTED_CHARACTERS = 2_000
"""How much of what a service says of a failure is kept."""
ACCEPTED = 202
TRY_AGAIN = frozenset({408, 425, 429})
"""Of the statuses by which the request is at fault, those after which the same one may succeed later."""
MESSAGES = ("detail", "message", "error", "title")
"""Where a service says in JSON what is wrong, such as by RFC 9457; the first one counts."""


class EndpointRefused(Permanent):
    """The endpoint has refused the job, and trying again would not help."""


class EndpointFailed(BellhopError):
    """The endpoint could not do the job this time."""


class EndpointBusy(Later):
    """The endpoint wants the job later."""


@dataclass(frozen=True)
class Call:
    """What is sent for one attempt of a job."""

    endpoint: TaskEndpoint
    job: Claimed
    body: bytes
    secrets: Secrets
    headers: Mapping[str, str]
    """Those that people have set."""
    seconds: float
    token: str = ""

    def __post_init__(self) -> None:
        assert self.job.lease is not None
        object.__setattr__(self, "token", make_token(AttemptId(self.job.id, self.job.lease)))

    def outgoing(self) -> Outgoing:
        """Return the request. Of what is written twice, ours counts."""
        shown = {name.lower(): value for name, value in self.headers.items() if name.lower() in OPEN_HEADERS}
        return Outgoing(self.endpoint.url, "POST", {"accept": "application/json"} | shown, self.private, self.body)

    def private(self, body: bytes) -> Mapping[str, str]:
        """Return the headers for the endpoint's own host."""
        return {**self.secrets.private_headers(str(self.job.id), body), **self.about_the_job()}

    def about_the_job(self) -> Mapping[str, str]:
        """Return the headers by which the service knows what it works for."""
        deadline = clock.now() + timedelta(seconds=self.seconds)
        return {
            "content-type": "application/json",
            "idempotency-key": str(self.job.id),
            "bellhop-job-id": str(self.job.id),
            "bellhop-task": self.job.task,
            "bellhop-attempt": str(self.job.attempt),
            "bellhop-max-attempts": str(self.job.max_attempts),
            "bellhop-deadline": deadline.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "bellhop-completion-url": f"{WorkerSettings.load().public_url}/api/completions/{self.token}",
            "bellhop-heartbeat-timeout": f"{self.endpoint.heartbeat_timeout:g}",
        }


def perform(call: Call, *, hidden: Sequence[str]) -> Any:
    """Send it once and return the service's result.

    Raises EndpointRefused, EndpointFailed, EndpointBusy, and GoesOnOutside for an answer 202. No error says what is
    `hidden`.
    """
    hide = Hiding(call, hidden)
    try:
        reply = send(
            call.outgoing(),
            allow=AllowList.parse(WorkerSettings.load().fetch_allow),
            limits=Limits(total_seconds=call.seconds),
            wanted=lambda _: True,
            follow=False,
            keep=LARGEST_RESULT,
        )
    except FetchRefused as refused:
        raise EndpointRefused(hide(str(refused))) from None
    except FetchFailed as failed:
        raise EndpointFailed(hide(str(failed))) from None
    if reply.status == ACCEPTED:
        raise GoesOnOutside(_outside(call.endpoint))
    if not 200 <= reply.status <= 299:
        raise _error(reply, hide)
    return _result(reply)


class Hiding:
    """Takes the secrets of a call out of what the other side says: it may repeat what it was sent."""

    def __init__(self, call: Call, more: Sequence[str]):
        self._secrets, self._forms = call.secrets, forms_of([call.token, *more])

    def __call__(self, text: str) -> str:
        """Return the text with *** for each of them."""
        return hidden(self._secrets.hidden_in(text), self._forms)


def _outside(endpoint: TaskEndpoint) -> Outside:
    place = f"endpoint@{host_of(endpoint.url)}"
    return Outside(place, endpoint.heartbeat_timeout, endpoint.completion_timeout)


def _result(reply: Reply) -> Any:
    if reply.more:
        raise EndpointRefused(f"The answer has more than {LARGEST_RESULT:,} bytes")
    if reply.body_error:
        raise EndpointFailed(f"The answer was {words_of(reply.status)}, but {reply.body_error}")
    if not reply.beginning.strip():
        return None
    try:
        return json.loads(reply.beginning)
    except (ValueError, RecursionError):
        raise EndpointRefused(f"The answer was {words_of(reply.status)}, but its body is not JSON") from None


def _error(reply: Reply, hide: Hiding) -> BellhopError:
    said = cleaned(hide(_said(reply)), QUOTED_CHARACTERS)
    location = reply.headers.get("location", "") if 300 <= reply.status <= 399 else ""
    to = f" with the Location {hide(location)[:QUOTED_CHARACTERS]} (redirects are not followed)" if location else ""
    message = f"The answer was {words_of(reply.status)}{to}" + (f": {said}" if said else "")
    if reply.status < 500 and reply.status not in TRY_AGAIN:
        return EndpointRefused(message)
    wait = retry_after(reply.headers.get("retry-after", ""))
    return EndpointBusy(message, wait) if wait else EndpointFailed(message)


def _said(reply: Reply) -> str:
    """Return what a service says of a failure: its message, where it is JSON, or else its words."""
    text = text_of(reply.beginning, reply.headers.get("content-type", ""), whole=not reply.more)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return text.strip()
    while isinstance(body, dict):
        body = next((body[name] for name in MESSAGES if body.get(name)), None)
    return body if isinstance(body, str) else text.strip()
