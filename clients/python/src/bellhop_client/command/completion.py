"""`bellhop completion`: a script by which a shell completes the verbs and options."""

import argparse
from collections.abc import Iterator

BASH = """\
_bellhop() {{
    local line="${{COMP_WORDS[1]-}} ${{COMP_WORDS[2]-}}" words
    case "$COMP_CWORD" in 1) line="" ;; esac
    case "$line" in
{cases}
    *) words="{top}" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _bellhop bellhop
"""
ZSH = """\
#compdef bellhop
_bellhop() {{
    local line="${{words[2]-}} ${{words[3]-}}" found
    (( CURRENT == 2 )) && line=""
    case "$line" in
{cases}
    *) found="{top}" ;;
    esac
    compadd -- ${{=found}} || _files
}}
if [[ "$funcstack[1]" = _bellhop ]]; then _bellhop "$@"; else compdef _bellhop bellhop; fi
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `completion SHELL`."""
    parser = commands.add_parser("completion", help="print a script that completes verbs and options in a shell")
    parser.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    parser.set_defaults(run=lambda arguments: print(SHELLS[arguments.shell](commands), end=""))


def bash(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> str:
    """Return the script for bash."""
    return BASH.format(cases=_cases(commands, "words"), top=" ".join(commands.choices))


def zsh(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> str:
    """Return the script for zsh, as a function that it loads, or to be read at its start."""
    return ZSH.format(cases=_cases(commands, "found"), top=" ".join(commands.choices))


def _cases(commands: "argparse._SubParsersAction[argparse.ArgumentParser]", variable: str) -> str:
    return "\n".join(f'    "{name}"*) {variable}="{" ".join(words)}" ;;' for name, words in _lines(commands))


def fish(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> str:
    """Return the script for fish."""
    lines = ["complete -c bellhop -n __fish_use_subcommand -f -a '" + " ".join(commands.choices) + "'"]
    for name, words in _lines(commands):
        seen = "; and ".join(f"__fish_seen_subcommand_from {part}" for part in name.split())
        options = " ".join(f"-l {word.removeprefix('--')}" for word in words if word.startswith("--"))
        lines.append(f"complete -c bellhop -n '{seen}' {options}")
        if verbs := " ".join(word for word in words if not word.startswith("-")):
            none = f"{seen}; and not __fish_seen_subcommand_from {verbs}"
            lines.append(f"complete -c bellhop -n '{none}' -f -a '{verbs}'")
    return "\n".join(lines) + "\n"


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def _lines(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> Iterator[tuple[str, list[str]]]:
    """Yield each verb, after those that it has itself, with all that may follow it."""
    for name, parser in commands.choices.items():
        inner = next((one for one in parser._actions if isinstance(one, argparse._SubParsersAction)), None)
        for verb, own in (inner.choices if inner else {}).items():
            yield f"{name} {verb}", _words(own)
        yield f"{name} ", [*(inner.choices if inner else ()), *_words(parser)]


def _words(parser: argparse.ArgumentParser) -> list[str]:
    options = [option for action in parser._actions for option in action.option_strings]
    choices = [str(one) for action in parser._actions if not action.option_strings for one in _choices(action)]
    return [*options, *choices]


def _choices(action: argparse.Action) -> list[str]:
    return [] if isinstance(action, argparse._SubParsersAction) else list(action.choices or ())
