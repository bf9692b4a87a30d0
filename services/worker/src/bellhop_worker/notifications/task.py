"""The body of notifications.send."""

import json
from functools import partial
from uuid import UUID

from bellhop.builtins import notifications
from bellhop.builtins.notifications import Notification
from bellhop.errors import BellhopError, Later, Permanent
from bellhop_ledger.notifications.rules import opened
from bellhop_ledger.notifications.tables import Channel, NotificationRule
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.secrets import MASK, forms_of, hidden
from bellhop_worker.engine.binding import body
from bellhop_worker.engine.run import Run
from bellhop_worker.http import AllowList, FetchFailed, FetchRefused, Limits, Outgoing, Reply, send
from bellhop_worker.http.statuses import retry_after, words_of
from bellhop_worker.http_requests.secrets import Secrets
from bellhop_worker.job_logs import hide
from bellhop_worker.notifications.formats import FORMATS
from bellhop_worker.settings import WorkerSettings

SECONDS = 30.0
"""How long one try may take."""
TRY_AGAIN = frozenset({408, 425, 429})
"""Of the statuses by which the request is at fault, those after which the same one may succeed later."""


class NotPosted(BellhopError):
    """The other side has not taken a notification; it is asked again."""


class NotTaken(Permanent):
    """The other side refuses notifications, and trying again would not help."""


@body(notifications.send)
def send_notification(*, rule_id: UUID, notification: Notification, run: Run) -> bool:
    """Post it once. No transaction is open while we talk to the other side."""
    with transaction() as db:
        rule = db.get(NotificationRule, rule_id)
        db.expunge_all()
    if rule is None or rule.channel == Channel.MAIL:
        return False
    url, signing = opened(rule)
    hide([url, *([signing] if signing else [])])
    secrets = Secrets({}, signing)
    content = json.dumps(FORMATS[Channel(rule.channel)](notification)).encode()
    headers = {"content-type": "application/json", "idempotency-key": run.idempotency_key}
    private = partial(secrets.private_headers, run.idempotency_key)
    try:
        _check(_posted(Outgoing(url, "POST", headers, private, content)))
    except BellhopError as error:
        raise _without(error, url, secrets) from None
    return True


def _posted(request: Outgoing) -> Reply:
    try:
        return send(
            request,
            allow=AllowList.parse(WorkerSettings.load().fetch_allow),
            limits=Limits(total_seconds=SECONDS),
            wanted=lambda status: 200 <= status <= 299,
            follow=False,
            keep=0,
        )
    except FetchRefused as refused:
        raise NotTaken(str(refused)) from None
    except FetchFailed as failed:
        raise NotPosted(str(failed)) from None


def _check(reply: Reply) -> None:
    """Raise NotTaken, NotPosted or Later for an answer that is no success. Redirects are not followed."""
    if 200 <= reply.status <= 299:
        return
    message = f"The answer was {words_of(reply.status)}"
    if reply.status < 500 and reply.status not in TRY_AGAIN:
        raise NotTaken(message)
    wait = retry_after(reply.headers.get("retry-after", ""))
    raise Later(message, wait) if wait else NotPosted(message)


def _without(error: BellhopError, url: str, secrets: Secrets) -> BellhopError:
    """Return the error without the URL, which lets everybody post who has it, and without the signing secret."""
    path = url.partition("://")[2].partition("/")[2]
    said = secrets.hidden_in(hidden(str(error), forms_of([url, *([path] if path else [])])))
    return Later(said, error.seconds) if isinstance(error, Later) else type(error)(said or MASK)
