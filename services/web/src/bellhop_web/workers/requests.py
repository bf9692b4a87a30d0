"""What a request says of a worker."""

from typing import Annotated

from pydantic import Field

from bellhop.text import Shape
from bellhop_web.holds.requests import Reason
from bellhop_web.http.request import Closed, Parameters

WorkerName = Annotated[
    str, Field(max_length=300), Shape(r"[A-Za-z0-9@:._-]+", "the name of a worker, as the list has it", as_it_is=True)
]


class WorkerPath(Parameters):
    """Which worker."""

    name: WorkerName = Field(
        description="Its name; without the process id it stands for the latest worker of that host",
        examples=["worker@9c1d7a:1"],
    )


class DrainRequest(Closed):
    """Why a worker is drained."""

    reason: Reason = Field(description="Why: people read it beside the worker", examples=["The machine is replaced"])
