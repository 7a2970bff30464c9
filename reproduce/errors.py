"""The few errors that a person can cause, each with one line that says what to do."""


class UserError(Exception):
    """A mistake that the user can mend; the command line prints it and exits with status 2."""


class NetworkError(UserError):
    """A network, or a part of one, that can't be gated and cut."""


class DataError(UserError):
    """Data that are missing, damaged or of the wrong kind."""


class StoreError(UserError):
    """A results folder, run record or checkpoint that can't be written or read."""


class BusyError(StoreError):
    """Another process is training this run."""
