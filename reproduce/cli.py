"""The command line: ``parsimony``; each subcommand is a module of ``commands``."""

import argparse
import difflib
import os
import signal
import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any, NoReturn

from reproduce.errors import Terminated, UserError

COMMANDS = {
    "reproduce": "run the main job, or one network's",
    "verify": "prove the claims of the ledger, and reject their controls",
    "train": "train one run with settings of your own",
    "study": "train the runs of a study, several at once",
    "simulate": "simulate the gate dynamics, and draw them",
    "runs": "list the runs in the results folder",
    "export": "write the final network of a run, to use it elsewhere",
    "tables": "write the tables again from stored runs, without training",
    "figures": "draw the figures again from stored runs, without training",
    "report": "write all claims, tables and figures as one HTML file",
}
EXAMPLES = """examples:
  parsimony reproduce                          prove, train, prune and draw, in minutes
  parsimony verify H2                          the proof of one claim
  parsimony simulate flow                      the phase portrait of one gate and one weight
  parsimony train lenet_300_100 --log-gamma 39 one run
  parsimony runs                               what has been trained
  parsimony export RUN --to onnx               a trained network, to take away
  parsimony report                             all results as one HTML file"""


class Parser(argparse.ArgumentParser):
    """Says a mistake in one line."""

    def error(self, message: str) -> NoReturn:
        known = [option for action in self._actions for option in action.option_strings]
        if message.startswith("unrecognized arguments: "):
            wrong = (message.removeprefix("unrecognized arguments: ").split() or ["''"])[0]
            near = difflib.get_close_matches(wrong, known, 1, 0.5)
            message = f"unknown argument {wrong}" + (f"; did you mean {near[0]}?" if near else "")
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status.

    That is 0, 1 (a claim failed), 2 (a mistake), 130 (Ctrl-C) or 143 (SIGTERM).
    """
    os.environ.setdefault("MPLBACKEND", "Agg")  # pictures are drawn into files, on no screen
    try:
        with _terminable():
            return _run(sys.argv[1:] if arguments is None else arguments)
    except UserError as error:
        print(f"parsimony: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt as stop:
        what, status = ("terminated", 143) if isinstance(stop, Terminated) else ("interrupted", 130)
        print(
            f"parsimony: {what}; finished epochs are kept, the same command goes on from there",
            file=sys.stderr,
        )
        return status
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to tell
        return 141


def _run(arguments: Sequence[str]) -> int:
    options, unknown = parser(arguments).parse_known_args(arguments)
    if unknown:
        options.parser.error("unrecognized arguments: " + " ".join(unknown))
    return options.run(options)


@contextmanager
def _terminable() -> Iterator[None]:
    """Makes SIGTERM an exception, so that what Ctrl-C cleans up is cleaned up then too."""

    def stop(*_: Any) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def parser(wanted: Collection[str] = COMMANDS) -> Parser:
    """The parser of the command line, with the flags of those commands that are ``wanted``.

    The others are known by name only: their modules, and all that these need, are not loaded.
    """
    whole = Parser(
        prog="parsimony",
        description="Verifies and reproduces 'Robust Learning of Parsimonious Deep Neural"
        " Networks' (arXiv:2205.04650).",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
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
            one.set_defaults(run=command.run, parser=one)
            command.add_arguments(one)
    return whole


if __name__ == "__main__":
    sys.exit(main())
