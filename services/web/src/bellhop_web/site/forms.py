"""Forms: what was typed is read into a model, and shown again with the faults where it does not fit."""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, ParamSpec, TypeVar

import flask
from flask import g, make_response, request
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bellhop.errors import Fault, Invalid, Refused
from bellhop_web.http.fields import is_list, repeatable
from bellhop_web.http.problems import faults_of

P = ParamSpec("P")
M = TypeVar("M", bound=BaseModel)
View = Callable[P, Any]
ELSEWHERE = frozenset({401, 403, 404})
"""What is wrong then is not the form: these have pages of their own."""


def read_form(model: type[M]) -> M:
    """Read the form that was sent, leaving out the fields that were left empty. Raises Invalid, naming the fields.

    Text is turned into numbers, dates and yes or no, even where the model is strict about JSON.
    """
    g.form_fields = {field.alias or name for name, field in model.model_fields.items()}
    given = {name: _given(name, field) for name, field in model.model_fields.items()}
    try:
        return model.model_validate({name: value for name, value in given.items() if value}, strict=False)
    except ValidationError as error:
        raise Invalid(faults=faults_of(error)) from None


def valid_query(model: type[M], **defaults: Any) -> tuple[M, list[Fault]]:
    """Return what can be read of a page's query, and what cannot: a fault in one filter keeps the others.

    Raises Invalid where what is left does not make a query either, such as without a field that is required.
    """
    given = defaults | {name: value for name, value in request.args.items() if value}
    given |= {name: request.args.getlist(name) for name in repeatable(model) & given.keys()}
    faults: list[Fault] = []
    while True:
        try:
            return model.model_validate(given), faults
        except ValidationError as error:
            found = faults_of(error)
            wrong = {one.field.partition(".")[0] for one in found} & given.keys()
            faults += found
            if not wrong and given == defaults:
                raise Invalid(faults=faults) from None
            given = {name: value for name, value in given.items() if name not in wrong} if wrong else defaults


def _given(name: str, field: FieldInfo) -> Any:
    if is_list(field):
        return [value for value in request.form.getlist(field.alias or name) if value.strip()]
    return request.form.get(field.alias or name, "")


def show_again(view: View[P]) -> Callable[[View[P]], View[P]]:
    """Show on the form's own page what its route refuses, with what was typed.

    `view` gives that page; it is called with the arguments of the route::

        @bp.post("/new")
        @show_again(new_poll)
        def create_poll() -> AnyResponse:
    """

    def decorate(route: View[P]) -> View[P]:
        @wraps(route)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return route(*args, **kwargs)
            except Refused as error:
                if error.status in ELSEWHERE:
                    raise
                g.refused = error
                response = make_response(view(*args, **kwargs))
                response.status_code = error.status
                return response

        return run

    return decorate


def typed(name: str, default: Any = "") -> Any:
    """Return what was typed into a field when the form is shown again, and the default before."""
    if name in (shown := g.get("form_shown", {})):  # what a form of a schema has decided to show
        return shown[name]
    return request.form.get(name, "") if _is_shown_again() else default


def typed_all(name: str, default: list[Any] | None = None) -> list[Any]:
    """Return all that was typed into the fields of this name."""
    return request.form.getlist(name) if _is_shown_again() else default or []


def keep_typed() -> None:
    """Show what was typed on the page that answers a form, though nothing of it is refused."""
    g.keeps_typed = True


def _is_shown_again() -> bool:
    return "refused" in g or "keeps_typed" in g


class FormFault(NamedTuple):
    """One thing that is wrong with a form."""

    field: str
    """The name of the form's field; empty where the fault is no field's."""
    label: str
    """What people read: the field's name, and the path into it where it holds more than one value."""
    message: str


def summary() -> list[FormFault]:
    """Return what stands above the form: all that is wrong with it; a single fault stands at its field alone."""
    found = all_faults()
    alone = len(found) == 1 and found[0].field in g.get("form_fields", ())
    return [] if alone else found


def all_faults() -> list[FormFault]:
    """Return all that is wrong with the form."""
    refused: Refused | None = g.get("refused")
    if refused is None:
        return []
    found = [FormFault(_field_of(one.field), _label(one.field), one.message) for one in refused.faults]
    return found or [FormFault("", "", str(refused))]


def fault(name: str) -> str | None:
    """Return all that is wrong with a field; what it holds is named by its path in it."""
    found = [one for one in all_faults() if one.field == name]
    whole = "" if "." in name else name.replace("_", " ")  # a field of a part is named by its path
    named = [one.message if one.label == whole else f"{one.label}: {one.message}" for one in found]
    return "; ".join(named) or None


def _field_of(path: str) -> str:
    """Return the field of the form in which a fault lies: that of its path, or of the nearest part around it."""
    names = sorted(g.get("form_fields", ()), reverse=True)  # behind a colon stands what else a field of a path is for
    fields = {name.partition(":")[0]: name for name in names}
    parts = path.split(".")
    around = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((fields[part] for part in around if part in fields), parts[0])


def _label(path: str) -> str:
    """Write a path: `args.url` as it is, the place in a list as people count."""
    first, *rest = path.split(".")
    head = first.replace("_", " ")
    if len(rest) == 1 and rest[0].isdecimal():
        return f"{head} {int(rest[0]) + 1}"
    return ".".join([head, *rest])


def offer(app: flask.Flask) -> None:
    """Fill the templates' fields with what was typed, and show what is wrong."""
    app.jinja_env.globals.update(typed=typed, typed_all=typed_all, fault=fault, faults=summary, all_faults=all_faults)
