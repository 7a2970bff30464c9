"""The command line: ``parsimony``; each subcommand is a module of ``commands``."""

import argparse
import difflib
import os
import re
import sys
from collections.abc import Collection, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn

from reproduce.errors import UserError, unknown
from reproduce.interrupts import Stop, program, stoppable

COMMANDS = {
    "reproduce": "run the main job, or one network's",
    "verify": "prove the claims of the ledger, and reject their controls",
    "train": "train one run with settings of your own",
    "study": "train the runs of a study, several at once",
    "simulate": "simulate the gate dynamics, and draw them",
    "runs": "list the runs in the results folder, the newest first",
    "compare": "set runs beside each other, as a table and a picture",
    "export": "write the final network of a run, to use it elsewhere",
    "tables": "write the tables again from stored runs, without training",
    "figures": "draw figures from stored runs, all again or those of one run",
    "report": "write all claims, tables and figures as one HTML file",
    "completion": "print a script that completes commands and flags in a shell",
}
EXAMPLES = """examples:
  parsimony reproduce                          all of it, in minutes
  parsimony verify H2                          the proof of one claim
  parsimony simulate flow                      the phase portrait of one gate
  parsimony train lenet_300_100 --log-gamma 39 one run
  parsimony runs                               what has been trained
  parsimony compare RUN RUN                    two runs side by side
  parsimony export RUN --to onnx               a trained network, to take away
  parsimony report                             all results as one HTML file"""


# What argparse says of a value that is none of the choices.
CHOICE = re.compile(r"argument (.+): invalid choice: '(.*)' \(choose from (.*)\)")


class Parser(argparse.ArgumentParser):
    """Says a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        known = [option for action in self._actions for option in action.option_strings]
        choice = CHOICE.fullmatch(message)
        if message.startswith("unrecognized arguments: "):
            wrong = (message.removeprefix("unrecognized arguments: ").split() or ["''"])[0]
            near = difflib.get_close_matches(wrong, known, 1, 0.5)
            message = f"unknown argument {wrong}" + (f"; did you mean {near[0]}?" if near else "")
        elif choice:
            what, wrong, choices = choice.groups()
            message = str(unknown(what, wrong, re.findall(r"[^', ]+", choices)))
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None, stop: Stop | None = None) -> int:
    """Runs one command; returns the exit status.

    That is 0, 1 (a claim failed), 2 (a mistake), 130 (Ctrl-C) or 143 (SIGTERM). ``stop`` hears of
    the last two, which hold however the command ended after the signal.
    """
    os.environ.setdefault("MPLBACKEND", "Agg")  # pictures are drawn into files, on no screen
    stop = stop or Stop()
    status = 0
    try:
        with stoppable(stop):
            status = _run(sys.argv[1:] if arguments is None else arguments, stop)
    except KeyboardInterrupt as reason:
        stop.reason = stop.reason or type(reason)
    except UserError as error:
        if not stop.reason:
            print(f"parsimony: {' '.join(str(error).split())}", file=sys.stderr)
        status = 2
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to tell
        return 141
    except OSError as error:  # what the system refuses is no mistake of the program
        if not stop.reason and error.filename is None:
            raise
        if not stop.reason:
            print(f"parsimony: {error.filename}: {error.strerror}", file=sys.stderr)
        status = 2
    except Exception:
        if not stop.reason:  # else it is what a library has made of the signal
            raise
    return stop.say() if stop.reason else status


def _run(arguments: Sequence[str], stop: Stop) -> int:
    whole = parser(arguments)
    if not arguments:
        whole.print_help()
        return 0
    options, left = whole.parse_known_args(arguments)
    if left:
        options.parser.error("unrecognized arguments: " + " ".join(left))
    stop.kept = options.kept
    return options.run(options)


def as_program() -> NoReturn:
    """What the command ``parsimony`` does."""
    program(lambda stop: main(stop=stop))


def parser(wanted: Collection[str] = COMMANDS) -> Parser:
    """The parser of the command line, with the flags of those commands that are ``wanted``.

    The others are known by name only: their modules, and all that these need, are not loaded.
    """
    whole = Parser(
        prog="parsimony",
        description="Verifies and reproduces 'Robust Learning of Parsimonious\nDeep Neural"
        " Networks' (arXiv:2205.04650).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"parsimony {_version()}")
    subparsers = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        one = subparsers.add_parser(
            name,
            help=text,
            description=text,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        if name in wanted:
            command = import_module(f"reproduce.commands.{name}")
            one.epilog = command.EXAMPLES
            one.set_defaults(run=command.run, kept=command.KEPT, parser=one)
            command.add_arguments(one)
    return whole


def _version() -> str:
    try:
        return version("parsimonet")
    except PackageNotFoundError:
        return "not installed"


if __name__ == "__main__":
    as_program()
