"""The command `bellhop-demo`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bellhop_demo.client import Bellhop
from bellhop_demo.errors import DemoError
from bellhop_demo.feed import Feed
from bellhop_demo.mailbox import KeptMails, Mailbox, MailDev
from bellhop_demo.pages import served
from bellhop_demo.people import Operator
from bellhop_demo.scenes.accounts import show_accounts
from bellhop_demo.scenes.addition import show_addition
from bellhop_demo.scenes.fetches import show_fetches
from bellhop_demo.scenes.polls import show_polls
from bellhop_demo.scenes.prices import show_prices
from bellhop_demo.scenes.products import show_products
from bellhop_demo.scenes.timer import show_timer
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
    """Show scene after scene until one is wrong: those after it would only say so again."""
    stage.say(f"Bellhop at {settings.url}")
    with served(settings.bind), Bellhop(settings.url, settings.token) as bellhop, _mailbox(settings) as mailbox:
        scenes: list[Callable[[], list[str]]] = [
            lambda: show_timer(bellhop, stage),
            lambda: show_addition(bellhop, stage),
            lambda: show_products(bellhop, stage),
            lambda: show_fetches(bellhop, stage, settings.pages_url),
            lambda: show_accounts(bellhop, stage, mailbox),
            lambda: show_polls(bellhop, stage, mailbox),
            lambda: show_prices(bellhop, stage, mailbox, Feed(settings.feed_url)),
        ]
        return next((faults for scene in scenes if (faults := scene())), [])


@contextmanager
def _mailbox(settings: DemoSettings) -> Iterator[Mailbox]:
    """Open the box that the mails go to."""
    if settings.maildev_url:
        yield MailDev(settings.maildev_url)
    else:
        with Operator(settings.url, settings.operator_email, settings.operator_password) as operator:
            yield KeptMails(operator)
