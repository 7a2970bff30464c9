"""What is in a pickle of plain values and arrays of bytes, without unpickling it.

The Python version of CIFAR-10 is made of such files. Their instructions are told apart by the
standard library's ``pickletools``, which carries none of them out, and followed here as far as
lists, dictionaries and arrays need: no name in a file is looked up, and nothing of it is called.
"""

import pickletools
from typing import Any, NamedTuple

import numpy as np

from reproduce.errors import DataError

VALUES = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
    *("BINBYTES", "SHORT_BINBYTES"),
}
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
EMPTY: dict[str, Any] = {"EMPTY_LIST": list, "EMPTY_DICT": dict, "EMPTY_TUPLE": tuple}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
# What arrays are made with, as NumPy before and since its second version has it.
ARRAY = {f"numpy.{core}.multiarray _reconstruct" for core in ("core", "_core")}
NAMES = {*ARRAY, "numpy ndarray", "numpy dtype"}


class _Name(NamedTuple):
    """A function or class that a pickle names: told apart, never looked up."""

    name: str


class _Made:
    """What a pickle makes by a call: an array, or the type of its elements."""

    def __init__(self, name: str, arguments: tuple[Any, ...]):
        self.name, self.arguments = name, arguments
        self.state: tuple[Any, ...] = ()

    def array(self) -> np.ndarray:
        _, shape, kind, by_columns, content = self.state
        if kind.arguments[0] not in ("u1", "|u1"):
            raise ValueError(f"elements of type {kind.arguments[0]}")
        raw = content.encode("latin-1") if isinstance(content, str) else content
        return np.frombuffer(raw, np.uint8).reshape(shape, order="F" if by_columns else "C")


def read(content: bytes) -> Any:
    """The value that a pickle holds, arrays of bytes as NumPy arrays within its dictionary.

    Raises:
        DataError: it is damaged, or holds anything but numbers, text, lists, tuples, dictionaries
            and arrays of bytes.
    """
    try:
        return _follow(content)
    except (ValueError, ArithmeticError, LookupError, TypeError, AttributeError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"holds what is not read here, or is damaged ({reason})") from error


def _follow(content: bytes) -> Any:
    stack: list[Any] = []
    marks: list[int] = []
    memo: dict[Any, Any] = {}

    def since_mark() -> list[Any]:
        start = marks.pop()
        taken = stack[start:]
        del stack[start:]
        return taken

    for code, value, _ in pickletools.genops(content):
        name = code.name
        if name in VALUES:
            stack.append(value)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in EMPTY:
            stack.append(EMPTY[name]())
        elif name in TUPLES:
            stack[-TUPLES[name] :] = [tuple(stack[-TUPLES[name] :])]
        elif name == "MARK":
            marks.append(len(stack))
        elif name in ("TUPLE", "LIST"):
            stack.append({"TUPLE": tuple, "LIST": list}[name](since_mark()))
        elif name == "DICT":
            stack.append(_paired(since_mark()))
        elif name == "APPEND":
            stack[-2].append(stack.pop())
        elif name == "APPENDS":
            more = since_mark()
            stack[-1].extend(more)
        elif name == "SETITEM":
            pair = stack[-2:]
            del stack[-2:]
            stack[-1].update(_paired(pair))
        elif name == "SETITEMS":
            items = since_mark()
            stack[-1].update(_paired(items))
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("PUT", "BINPUT", "LONG_BINPUT"):
            memo[value] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[value])
        elif name in ("GLOBAL", "STACK_GLOBAL"):
            named = value or " ".join(stack[-2:])
            if not value:
                del stack[-2:]
            if named not in NAMES:
                raise ValueError(f"it names {named}")
            stack.append(_Name(named))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(_Made(stack.pop().name, tuple(arguments)))
        elif name == "BUILD":
            state = stack.pop()
            stack[-1].state = state
        elif name not in ("PROTO", "FRAME", "STOP"):
            raise ValueError(f"instruction {name}")
    return stack.pop()


def _paired(items: list[Any]) -> dict[Any, Any]:
    pairs = zip(items[::2], items[1::2], strict=True)
    return {
        key: value.array() if isinstance(value, _Made) and value.name in ARRAY else value
        for key, value in pairs
    }
