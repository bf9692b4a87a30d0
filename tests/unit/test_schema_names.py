"""The OpenAPI document knows a schema by the name of its class alone."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import bellhop_web

NOT_IMPORTED = ("bellhop_web.main", "bellhop_web.wsgi", "bellhop_web.server")
"""What starts something when it is imported."""


def below(kind: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in kind.__subclasses__():
        yield one
        yield from below(one)


def test_no_two_schemas_of_the_api_have_one_name() -> None:
    for module in pkgutil.walk_packages(bellhop_web.__path__, "bellhop_web."):
        if not module.name.startswith(NOT_IMPORTED):
            import_module(module.name)
    models = {one for one in below(BaseModel) if one.__module__.startswith("bellhop_web.")}

    _, document = models_json_schema([(model, "validation") for model in models])

    assert [name for name in document["$defs"] if "__" in name] == []  # how pydantic tells two of one name apart
