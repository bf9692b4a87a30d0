"""Forms: what was typed is read into a model, and shown again with the faults where it does not fit."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, get_origin

import flask
from flask import g, make_response, request
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from bellhop.errors import Invalid, Refused
from bellhop_web.problems import faults_of

P = ParamSpec("P")
M = TypeVar("M", bound=BaseModel)
View = Callable[P, Any]
ELSEWHERE = frozenset({401, 403, 404})
"""What is wrong then is not the form: these have pages of their own."""


def read_form(model: type[M]) -> M:
    """Read the form that was sent, leaving out the fields that were left empty. Raises Invalid, naming the fields.

    Text is turned into numbers, dates and yes or no, even where the model is strict about JSON.
    """
    given = {name: _given(name, field) for name, field in model.model_fields.items()}
    try:
        return model.model_validate({name: value for name, value in given.items() if value}, strict=False)
    except ValidationError as error:
        raise Invalid(faults=faults_of(error)) from None


def read_query(model: type[M]) -> M:
    """Read the query of a page, leaving out what is empty or not of it. Raises Invalid, naming the fields."""
    given = {name: request.args.get(name) for name in model.model_fields}
    try:
        return model.model_validate({name: value for name, value in given.items() if value})
    except ValidationError as error:
        raise Invalid(faults=faults_of(error)) from None


def _given(name: str, field: FieldInfo) -> Any:
    if get_origin(field.annotation) is list:
        return [value for value in request.form.getlist(field.alias or name) if value.strip()]
    return request.form.get(field.alias or name, "")


def show_again(view: View[P]) -> Callable[[View[P]], View[P]]:
    """Have what a form's route refuses shown on the form's own page, with what was typed.

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
    """Give what was typed into a field when the form is shown again, and the default before."""
    return request.form.get(name, "") if "refused" in g else default


def typed_all(name: str, default: list[Any] | None = None) -> list[Any]:
    """Give all that was typed into the fields of this name."""
    return request.form.getlist(name) if "refused" in g else default or []


def fault(name: str) -> str | None:
    """Say what is wrong with a field, or with the first of those that have this name."""
    refused: Refused | None = g.get("refused")
    found = refused.faults if refused else ()
    return next((one.message for one in found if one.field.split(".")[0] == name), None)


def summary() -> list[tuple[str | None, str]]:
    """Give all that is wrong with the form, as pairs of a field's name, where it is one, and words."""
    refused: Refused | None = g.get("refused")
    if refused is None:
        return []
    faults: list[tuple[str | None, str]] = [(one.field.split(".")[0], one.message) for one in refused.faults]
    return faults or [(None, str(refused))]


def offer(app: flask.Flask) -> None:
    """Give the templates' fields what was typed and what is wrong."""
    app.jinja_env.globals.update(typed=typed, typed_all=typed_all, fault=fault, faults=summary)
