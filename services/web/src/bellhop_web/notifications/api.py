"""Routes of /api/notifications."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.notifications import rules
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.notifications import actions
from bellhop_web.notifications.requests import RuleRequest
from bellhop_web.notifications.views import NotificationsView, NotificationView, TestView, views_of
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("notifications", "/api/notifications")


class NotificationPath(Parameters):
    """Which rule."""

    notification_id: UUID = Field(description="The rule's `id`")


@bp.get("", responses=answers(200, NotificationsView))
def list_notifications() -> Response:
    """List the rules by which somebody is informed, each with what it has found and that goes on."""
    with transaction() as db:
        found = views_of(db, rules.all_rules(db))
    return respond(NotificationsView(notifications=found))


@bp.post("", responses=answers(201, NotificationView, 400, 409, 413, 415))
def create_notification(body: RuleRequest) -> Response:
    """Make a rule that informs somebody when schedules, tasks or queues of this name fail or are late.

    Of each of them one notification is sent, and none again until it has recovered. What failed before does not count
    until it fails once more.
    """
    with transaction() as db:
        [made] = views_of(db, [actions.create(db, current_caller(), body)])
    return respond(made, 201, {"Location": f"/api/notifications/{made.id}"})


@bp.get("/<notification_id>", responses=answers(200, NotificationView, 404))
def show_notification(path: NotificationPath) -> Response:
    """Show a rule with what it has found and that goes on."""
    with transaction() as db:
        [found] = views_of(db, [rules.find(db, path.notification_id)])
    return respond(found)


@bp.put("/<notification_id>", responses=answers(200, NotificationView, 400, 404, 409, 413, 415))
def change_notification(path: NotificationPath, body: RuleRequest) -> Response:
    """Change a rule as a whole. If it is to watch something else, it begins anew.

    `***` in place of the URL or the signing secret keeps what is stored, the latter for the same host only.
    """
    with transaction() as db:
        [changed] = views_of(db, [actions.change(db, current_caller(), path.notification_id, body)])
    return respond(changed)


@bp.delete("/<notification_id>", responses=answers(204, None, 404))
def delete_notification(path: NotificationPath) -> Response:
    """Delete a rule. What it has found is forgotten, and what is on its way to a webhook is not sent."""
    with transaction() as db:
        actions.delete(db, path.notification_id)
    return Response(status=204)


@bp.post("/<notification_id>/test", responses=answers(202, TestView, 404))
def test_notification(path: NotificationPath) -> Response:
    """Send a notification that says that it is a test, at once, also in quiet hours."""
    with transaction() as db:
        job = actions.test(db, path.notification_id)
    return respond(TestView(job_id=job), 202, {"Location": f"/api/jobs/{job}"})
