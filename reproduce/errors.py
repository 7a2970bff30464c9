"""The few errors that a person can cause, each with one line that says what to do."""

import difflib
import importlib
from collections.abc import Collection
from types import ModuleType


class UserError(Exception):
    """A mistake that the user can mend; the command line prints it and exits with status 2."""


class NetworkError(UserError):
    """A network, or a part of one, that can't be gated and cut."""


class BudgetError(UserError):
    """A size that a network can't be cut to."""


class DataError(UserError):
    """Data that are missing, damaged or of the wrong kind."""


class StoreError(UserError):
    """A results folder, run record or checkpoint that can't be written or read."""


class BusyError(StoreError):
    """Another process is training this run."""


class Terminated(KeyboardInterrupt):
    """SIGTERM, which ends a command as Ctrl-C does."""


def unknown(what: str, given: str, known: Collection[str]) -> UserError:
    """What to raise for a name that does not exist: with the one that was meant, or with all."""
    alike = {name.lower(): name for name in known}
    begun = [name for name in alike if given and name.startswith(given.lower())]
    near = begun if len(begun) == 1 else difflib.get_close_matches(given.lower(), alike, 1)
    hint = f"did you mean {alike[near[0]]}?" if near else f"known are: {', '.join(known)}"
    return UserError(f"unknown {what} {given!r}; {hint}")


def from_extra(extra: str, module: str, what: str) -> ModuleType:
    """Imports a module of an optional extra of this package.

    Raises:
        UserError: it is not installed; the message says what needs it, and how to get it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise UserError(
            f"{what} needs {package}: pip install -e '.[{extra}]' in the checkout"
        ) from error
