"""The page of a new job: choose the task, then its form; the same rules hold as for `POST /api/jobs`."""

from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Fault, Invalid, gathering
from bellhop_ledger.ledger.adopt import job_id_of
from bellhop_ledger.platform.database import uuid7
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.jobs.api import submit_as
from bellhop_web.jobs.requests import Origin, permitted_job
from bellhop_web.jobs.wanted import JobRequest
from bellhop_web.new_job.again import arguments_of, find_model, overrides_of
from bellhop_web.new_job.form import MOMENTS, UNITS, JobForm, Moment, zone_of
from bellhop_web.schedules.form import checked
from bellhop_web.schema_forms.form import AS_JSON, Reading, SchemaForm, ShownForm
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.forms import keep_typed
from bellhop_web.site.zones import zone

bp = pages_blueprint("new_job", "/jobs/new", access=Access.OWN)

FRESH = {"moment": Moment.NOW, "delay_unit": 60}


@bp.get("")
def new_job() -> Response:
    """Ask for a new job: for its task, and then for all else."""
    if request.method == "POST":
        return shown_again()
    if like := request.args.get("like", ""):
        return like_another(job_id_of(like))
    name = request.args.get("task", "")
    task = known_tasks().get(name)
    if task is None:
        return choice_page(name)
    return form_page(task, SchemaForm.of(task).show(zone=zone()), FRESH)


@bp.post("")
@show_again(new_job)
def submit_job() -> Response | AnyResponse:
    """Submit the job, once however often the button is clicked, or show its arguments in the other view."""
    task = find_task(request.form.get("task", ""))
    schema_form = SchemaForm.of(task)
    reading = schema_form.read(request.form, zone=zone_of(request.form))
    if view := schema_form.wants(request.form):
        return other_view(task, schema_form, reading, as_json=view == AS_JSON)
    form = read_job_form(reading)
    wanted = wanted_job(task, form, reading)
    content = wanted.model_dump(mode="json", exclude_unset=True)
    job = submit_as(current_caller(), permitted_job(wanted, Origin.of_form(form.key, content)))
    flash(f"The job is accepted: {job.id}.")
    return see_other("jobs_pages.show", job_id=job.id) if current_caller().sees_all else see_other(".new_job")


def find_task(name: str) -> Task:
    """Return a task. Raises Invalid, which names the field."""
    if (task := known_tasks().get(name)) is None:
        raise Invalid(faults=[Fault("task", "is not known: choose one of the list")])
    return task


def read_job_form(reading: Reading) -> JobForm:
    """Return the form beside the arguments. Raises Invalid, which names what is wrong with both."""
    faults = list(reading.faults)
    with gathering(faults):
        return read_form(JobForm)
    raise Invalid(faults=faults)


def wanted_job(task: Task, form: JobForm, reading: Reading) -> JobRequest:
    """Return what `POST /api/jobs` takes. Raises Invalid, which names every wrong field of the form."""
    faults = list(reading.faults)
    body: JobRequest | None = None
    with gathering(faults):
        body = checked(JobRequest, form.body() | {"task": task.name, "args": reading.value})
    if body is not None and not faults:
        return body
    unread = {fault.field for fault in reading.faults}
    with gathering(found := list[Fault]()):
        task.checked(reading.value)
    found = [Fault(f"args.{fault.field}", fault.message) for fault in found]
    raise Invalid(faults=[*faults, *(fault for fault in found if fault.field not in unread)])


def other_view(task: Task, form: SchemaForm, reading: Reading, *, as_json: bool) -> Response:
    """Show the arguments as fields or as JSON, with all that was typed. Raises Invalid for what cannot be read."""
    if reading.faults:
        raise Invalid(faults=reading.faults)
    keep_typed()
    return form_page(task, form.show(reading.tree, zone=zone_of(request.form), as_json=as_json), FRESH)


def shown_again() -> Response:
    """Show the form that was refused, as it was sent."""
    task = known_tasks().get(request.form.get("task", ""))
    if task is None:
        return choice_page(request.form.get("task", ""))
    form, zone_typed = SchemaForm.of(task), zone_of(request.form)
    reading = form.read(request.form, zone=zone_typed)
    return form_page(task, form.show(reading.tree, zone=zone_typed, as_json=form.is_json(request.form)), FRESH)


def like_another(id: UUID) -> Response:
    """Show the form with what another job was given; its secrets have to be typed again."""
    job = find_model(id)
    task = known_tasks().get(job.task)
    if task is None:
        return choice_page(job.task)
    shown = SchemaForm.of(task).show(arguments_of(job), zone=zone())
    return form_page(task, shown, FRESH | overrides_of(job, task), model=job)


def choice_page(name: str) -> Response:
    """Show the tasks to choose from: those that may be submitted, and of these what was searched for."""
    caller, query = current_caller(), request.args.get("q", "")
    allowed = [task for task in known_tasks().values() if caller.may_submit(task.name)]
    words = query.lower().split()
    found = [task for task in allowed if all(word in _described(task) for word in words)]
    return render("new_job/choose.html", tasks=found, query=query, unknown=name, any=bool(allowed))


def _described(task: Task) -> str:
    return f"{task.name} {task.manifest.description} {task.manifest.plugin}".lower()


def form_page(task: Task, shown: ShownForm, chosen: dict[str, Any], **more: Any) -> Response:
    """Show the form of a job of one task; `chosen` is what stands in its fields. Raises NotItsTask."""
    current_caller().require_task(task.name)
    facts: dict[str, Any] = {
        "task": task,
        "form": shown,
        "chosen": chosen,
        "moments": MOMENTS,
        "units": UNITS,
        "key": uuid7(),
    }
    queues = [(name, name) for name in sorted(known_tasks().current().queues)]
    return render("new_job/form.html", **facts, queues=queues, **more)
