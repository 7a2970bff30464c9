"""``parsimony export``: the final network of a run, to use it elsewhere."""

from argparse import ArgumentParser, Namespace

from reproduce import console, export
from reproduce.commands.flags import add_out, add_results
from reproduce.runs.found import find

KEPT = "files are whole or as they were, the same command writes them again"
EXAMPLES = """examples:
  parsimony export lenet_300_100-gates-1f0c2b3d4e5f --to onnx
  parsimony export results/own/lenet_5-gates-1f0c2b3d4e5f --to safetensors --out models"""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("wanted", metavar="RUN", help="its folder, or its name as in 'runs'")
    parser.add_argument(
        "--to",
        choices=("safetensors", "onnx"),
        required=True,
        help="safetensors: weights, and the architecture as JSON, for reproduce.export.load; onnx:"
        " for other programs, any batch size",
    )
    add_out(parser, "folder to write to", "exported")
    add_results(parser)


def run(options: Namespace) -> int:
    found = find(options.wanted, options.results)
    with console.working(f"exporting {found.folder.name}"):
        paths = export.export(found, options.to, options.out)
    console.files(paths)
    return 0
