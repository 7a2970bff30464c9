"""The command line of the benchmarks: ``python -m benchmarks [NAME ...]``."""

import argparse
import sys

from benchmarks.results import BENCHMARKS, BY_NAME_ONLY, renew
from reproduce.errors import UserError


def main() -> None:
    default = [name for name in BENCHMARKS if name not in BY_NAME_ONLY]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures ratios.")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", choices=BENCHMARKS,
        help=f"which: {', '.join(BENCHMARKS)}; without, all but {', '.join(BY_NAME_ONLY)}",
    )  # fmt: skip
    for name in parser.parse_args().names or default:
        print(f"{name} ...", flush=True)
        try:
            print(renew(name), flush=True)
        except UserError as error:
            sys.exit(f"{name}: {error}")


if __name__ == "__main__":
    main()
