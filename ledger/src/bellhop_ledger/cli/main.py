"""The parser of `bellhop`, to which each group of commands adds itself."""

import argparse

from bellhop_ledger.cli import export, plugin
from bellhop_ledger.platform.settings import entry_point


@entry_point
def main() -> None:
    """Run the command that the arguments name."""
    parser = argparse.ArgumentParser("bellhop", description="Look after a Bellhop installation.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    plugin.add_to(commands)
    export.add_to(commands)
    arguments = parser.parse_args()
    arguments.run(arguments)
