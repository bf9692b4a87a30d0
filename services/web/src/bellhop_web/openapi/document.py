"""The OpenAPI document: what the library cannot know of our answers, our tasks and our words."""

import copy
from collections.abc import Iterator, Mapping, Set
from typing import Any

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Scope
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.access import scope_for
from bellhop_web.http.problems import title_of
from bellhop_web.openapi.examples import JOB, Examples
from bellhop_web.openapi.sent import state_rules
from bellhop_web.openapi.tasks import BESIDE, add_tasks

VERSION = "3.1.1"
INTRODUCTION = """\
Background work for web applications: submit a job, get a receipt at once, and look at its progress and result
whenever you like.

- Send your token with every request: `Authorization: Bearer <token>`. Each operation says which role and which scope
  of the token it needs (`x-required-role`, `x-required-scope`), and so does an answer with 403.
- What has been answered with 202 happens, once. Send `Idempotency-Key` to be able to repeat a request safely; the
  operations that list this header honour it, and every other POST or PATCH refuses it with 400 and does nothing.
- `JobRequest` is the same for all tasks. What `args` takes stands in the schema of the task: `x-tasks` of `JobRequest`
  says where it is in this document, and `GET /api/tasks` lists it.
- Times are ISO 8601 in UTC, such as `2030-01-31T09:30:00Z`.
- `RateLimit-Policy` and `RateLimit` name the budgets that the request counted for and what is left of them;
  one too many is answered with 429 and `Retry-After`.
- Errors are `application/problem+json` (RFC 9457), and `errors` names the fields at fault.
"""
PROBLEMS = {
    "400": (
        "NotJson",
        "The body is not JSON, or `Idempotency-Key` is not supported here",
        "body: is not JSON: Expecting value: line 1 column 1 (char 0)",
    ),
    "401": ("NotSignedIn", "There is no valid token", "Authorization: must be 'Bearer' and a token"),
    "403": (
        "NotAllowed",
        "Your role or the scope of your token does not allow this: `required_role` and `role`, or `required_scope` and "
        "`scope`, say what is needed and what you have. Where neither is given, `detail` says why",
        "This needs the role operator, and yours is member",
    ),
    "404": ("NotFound", "There is no such thing", "There is no job with this id."),
    "409": (
        "Conflict",
        "The present state does not allow this, a name is taken, or the idempotency key was used for another request",
        "The job has succeeded already",
    ),
    "410": ("Gone", "It is over: a poll that is closed takes no votes", "The poll is closed."),
    "413": ("TooLarge", "The body is too large", "body: must have at most 1,000,000 bytes"),
    "415": ("WrongType", "The body is not declared as JSON", "Content-Type: must be application/json"),
    "422": ("NotValid", "A field is missing or wrong", "args.a: must be an integer"),
    "429": (
        "TooOften",
        "A budget is spent, or a password was tried too often",
        "That was tried too often; try again in 30 seconds",
    ),
    "503": (
        "Unavailable",
        "The database cannot be reached, or no task is known yet; try again",
        "The database cannot be reached",
    ),
}
"""By status: a name, what it means, and an example of its detail."""
RESPONSES = "#/components/responses"
FACTS = {"403": {"required_role": Role.OPERATOR, "role": Role.MEMBER}}
"""By status: an example of what a problem says besides."""
HEADERS = {
    "401": {"WWW-Authenticate": ("How to sign in", 'Bearer realm="bellhop"')},
    "429": {
        "Retry-After": ("Seconds to wait before the next try", "30"),
        "RateLimit-Policy": ("Your budgets: so many (`q`) in so many seconds (`w`)", '"token";q=600;w=60'),
        "RateLimit": ("What is left of each (`r`), and in how many seconds there is more (`t`)", '"token";r=0;t=30'),
    },
    "503": {"Retry-After": ("Seconds to wait before the next try", "2")},
}
SERVICE_WORDS = "Service tokens may do it as far as their patterns go, and with what is their own."
LOCATION = {"Location": ("Where to watch what was accepted", f"/api/jobs/{JOB}")}


def finished(drawn: dict[str, Any], examples: Examples, tasks: Mapping[str, Task], url: str) -> dict[str, Any]:
    """Return the document that the library has made, with all that it cannot know; `url` is where the API is."""
    drawn = copy.deepcopy(drawn)
    schemas: dict[str, Any] = drawn["components"]["schemas"]
    of_tasks = add_tasks(schemas, tasks)
    for name, schema in [*schemas.items(), *of_tasks.items()]:
        _tidy(schema)
        if name in examples.answers:
            schema["examples"] = [examples.answers[name]]
    state_rules([operation for _, operation in _operations(drawn)], schemas, of_tasks)
    for method, operation in _operations(drawn):
        if method in {"post", "patch"}:
            operation["responses"].setdefault("400", {})
        _finish(operation, examples)
        _state_access(operation, method)
    used = {answer.get("$ref") for _, operation in _operations(drawn) for answer in operation["responses"].values()}
    tags = [tag | {"description": examples.tags[tag["name"]]} for tag in drawn["tags"]]
    problems = {name: problem for name, problem in _problems() if f"{RESPONSES}/{name}" in used}
    components = drawn["components"] | {BESIDE: of_tasks, "responses": problems}
    info = drawn["info"] | {"description": INTRODUCTION}
    made = {"openapi": VERSION, "info": info, "servers": [{"url": url}], "tags": tags, "components": components}
    return drawn | made


def _operations(drawn: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for item in drawn["paths"].values():
        yield from item.items()


def _finish(operation: dict[str, Any], examples: Examples) -> None:
    operation.pop("deprecated", None)
    operation["summary"] = operation["summary"].removesuffix(".")
    operation["description"] = operation.get("description", "").replace("<br/>", "\n").strip() or operation["summary"]
    for parameter in operation.get("parameters", []):
        _tidy(parameter["schema"])
        parameter["schema"] = _without_null(parameter["schema"])
        parameter["schema"].pop("description", None)
    if requests := examples.requests.get(operation["operationId"]):
        shown = {name: {"summary": what, "value": body} for name, (what, body) in requests.items()}
        operation["requestBody"]["content"]["application/json"]["examples"] = shown
    operation["responses"] = dict(_answers(operation, examples.located))


def _state_access(operation: dict[str, Any], method: str) -> None:
    """State which role and scope an operation needs, as the library was told it by the rule of its route."""
    security = operation.setdefault("security", [])
    if not security:
        return
    scope, roles = scope_for(method), security[0]["token"]
    words = [f"Needs the role `{role}`." for role in roles] or ["For everybody who is signed in."]
    if scope is not Scope.READ:
        words.append(f"A token needs the scope `{scope}`.")
    words += [SERVICE_WORDS] if operation.get("x-service-tokens") else []
    operation["description"] += "\n\n" + " ".join(words)
    operation["x-required-scope"] = scope
    if roles:
        operation["x-required-role"] = roles[0]


def _answers(operation: dict[str, Any], located: Set[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    everywhere: dict[str, Any] = {} if "health" in operation["tags"] else {"429": {}}
    for status, answer in sorted((everywhere | operation["responses"]).items()):
        if status in {"201", "202"} and operation["operationId"] in located:
            yield status, answer | {"headers": _headers(LOCATION)}
        elif status in PROBLEMS and "content" not in answer:
            yield status, {"$ref": f"{RESPONSES}/{PROBLEMS[status][0]}"}
        elif status != "422":  # which the library adds to every operation
            yield status, answer


def _problems() -> Iterator[tuple[str, dict[str, Any]]]:
    for status, (name, meaning, detail) in PROBLEMS.items():
        field, separator, message = detail.partition(": ")
        example = FACTS.get(status, {}) | {
            "type": "about:blank",
            "title": title_of(int(status)),
            "status": int(status),
            "detail": detail,
            "errors": [{"field": field, "message": message}] if separator else [],
            "request_id": "5cef953dad4b4e5698de69a92e2b8e18",
        }
        content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
        answer: dict[str, Any] = {"description": meaning, "content": {"application/problem+json": content}}
        yield name, answer | ({"headers": _headers(HEADERS[status])} if status in HEADERS else {})


def _headers(described: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    return {
        name: {"description": meaning, "schema": {"type": "string"}, "example": example}
        for name, (meaning, example) in described.items()
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is left out, not null."""
    if "anyOf" not in schema:
        return schema
    options = [option for option in schema["anyOf"] if option != {"type": "null"}]
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return rest | (options[0] if len(options) == 1 else {"anyOf": options})


def _tidy(schema: Any) -> None:
    """Take away the titles, which say nothing that the names do not, and write whole limits without a fraction."""
    if not isinstance(schema, dict):
        return
    schema.pop("title", None)
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        if isinstance(schema.get(key), float) and schema[key].is_integer():
            schema[key] = int(schema[key])
    for inner in schema.get("properties", {}).values():
        _tidy(inner)
    for inner in [*schema.get("anyOf", []), schema.get("items"), schema.get("additionalProperties")]:
        _tidy(inner)
