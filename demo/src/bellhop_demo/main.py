"""The command `bellhop-demo`."""

import sys

from bellhop_demo.acts.addition import show_addition
from bellhop_demo.acts.fetches import show_fetches
from bellhop_demo.acts.timer import show_timer
from bellhop_demo.client import Bellhop
from bellhop_demo.errors import DemoError
from bellhop_demo.pages import served
from bellhop_demo.settings import DemoSettings
from bellhop_demo.stage import Stage


def main() -> None:
    """Show everything; end with 0 only if every result was right."""
    stage = Stage()
    try:
        faults = _show(DemoSettings.read(), stage)
    except DemoError as error:
        faults = [str(error)]
    except KeyboardInterrupt:
        sys.exit(130)
    stage.title("The demo found something wrong" if faults else "Every result was right")
    for fault in faults:
        stage.verdict(fault, good=False)
    sys.exit(1 if faults else 0)


def _show(settings: DemoSettings, stage: Stage) -> list[str]:
    stage.say(f"Bellhop at {settings.url}")
    with served(settings.bind), Bellhop(settings) as bellhop:
        return [
            *show_timer(bellhop, stage),
            *show_addition(bellhop, stage),
            *show_fetches(bellhop, stage, settings.pages_url),
        ]
