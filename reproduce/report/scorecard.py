"""The report's result: each sentence of the abstract, what bears it out, and what does not.

All of it is made from the tables, by rules that stand here; what no table speaks of is not said.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from reproduce.report.elements import read
from reproduce.tables.ledger import SENTENCES

Row = Mapping[str, str]
# The numbers of the rules below; like them they were settled after the tables had been seen.
DECIDED = 99.0  # % of the gates that count as practically all
NEAR = 0.25  # of the mean error: runs whose error is no farther from it end alike
ALIKE = 1.25  # a spread at most so many times another's is as small
APART = 2.0  # times: MACs of runs from different starts that are as far apart do not end alike
REGRET = 5.0  # % of the removed units that may be worth their price, at 95 % confidence
SLACK = 1.1  # a published network of at most so many times our MACs is as small as ours


@dataclass(frozen=True)
class Finding:
    """One thing that a table says of a sentence; ``table`` is the section that has it."""

    text: str
    table: str
    supports: bool


@dataclass(frozen=True)
class Sentence:
    """A sentence of the abstract, the findings that bear on it, and the claims that rest on it."""

    id: str
    text: str
    findings: tuple[Finding, ...]
    claims: tuple[str, ...]
    failed: tuple[str, ...]
    bar: str

    @property
    def verdict(self) -> str:
        """Whether what is known bears the sentence out: measurements, and claims for theory."""
        good = [finding.supports for finding in self.findings]
        if self.claims:
            good.append(not self.failed)
        if not good:
            return "nothing here speaks of it"
        return "borne out" if all(good) else "partly" if any(good) else "not borne out"


class Tables:
    """The CSV files of a folder of tables, each read once; one that is not there is empty."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._read: dict[str, list[Row]] = {}

    def __call__(self, name: str) -> list[Row]:
        if name not in self._read:
            path = self._folder / f"{name}.csv"
            text = read(path) if path.is_file() else ""
            self._read[name] = list(csv.DictReader(io.StringIO(text, newline="")))
        return self._read[name]


def sentences(tables: Tables) -> list[Sentence]:
    """All sentences of the abstract, with what the tables say of them."""
    ledger = tables("claims")
    found = []
    for id, text in SENTENCES.items():
        resting = [row for row in ledger if id in row.get("supports", "").split(", ")]
        failed = tuple(row["claim"] for row in resting if ":" in row.get("verdict", ""))
        names = tuple(row["claim"] for row in resting)
        rule = RULES.get(id)
        findings = tuple(rule(tables)) if rule else ()
        found.append(Sentence(id, text, findings, names, failed, BARS[id]))
    return found


NETWORKS = {
    "lenet_300_100": "LeNet-300-100", "lenet_5": "LeNet-5", "vgg16_cifar10": "VGG16",
    "resnet20_cifar10": "ResNet-20",
}  # fmt: skip
LONG = {
    "methods_vgg16_full_long": "VGG16 (30 epochs)",
    "methods_vgg16_half_long": "VGG16 from half of its filters (30 epochs)",
    "methods_vgg16_quarter_long": "VGG16 from a quarter of its filters (30 epochs)",
    "methods_resnet20_long": "ResNet-20 (30 epochs)",
}
TRAINED = NETWORKS | LONG
COMPARED = {
    "methods_lenet_5": "LeNet-5",
    "methods_vgg16": "VGG16",
    "methods_vgg16_quarter": "VGG16 from a quarter of its filters",
    "methods_resnet20": "ResNet-20",
} | LONG


def ours(rows: Sequence[Row]) -> list[Row]:
    """The rows of our method in a table of results."""
    return [row for row in rows if row.get("method", "").startswith("ours")]


def dense(rows: Sequence[Row]) -> Row | None:
    return next((row for row in rows if row.get("method") == "dense"), None)


def numbers(rows: Sequence[Row], column: str) -> list[float]:
    """The numbers in a column, empty cells left out."""
    return [float(row[column]) for row in rows if row.get(column)]


def span(values: Sequence[float], spec: str = ".0f") -> str:
    """The least and the greatest of some numbers."""
    low, high = format(min(values), spec), format(max(values), spec)
    return low if low == high else f"{low} to {high}"


def _cost(tables: Tables) -> Iterator[Finding]:
    """A1: cheaper training and inference."""
    for file, title in TRAINED.items():
        rows = ours(tables(file))
        cost, left = (numbers(rows, name) for name in ("train_mac_ratio", "macs_share"))
        if not cost or not left:
            continue
        yield Finding(
            f"{title} trains for {span([100 * c for c in cost])} % of the dense network's MACs, and"
            f" infers with {span([100 * s for s in left])} %",
            file,
            max(cost) < 1 and max(left) < 1,
        )
        clock = numbers(rows, "wall_ratio")
        if clock and max(clock) >= 1:
            yield Finding(
                f"by the clock {title}'s training takes {span(clock, '.2f')} times as long as dense"
                " training",
                file,
                False,
            )


def _decided(tables: Tables) -> Iterator[Finding]:
    """A3: gates converge to 0 or 1."""
    for file, title in TRAINED.items():
        shares = [100 * x for x in numbers(ours(tables(f"{file}_runs")), "decided_before_freeze")]
        if shares:
            yield Finding(
                f"before the freeze {span(shares)} % of the gates of {title} are decided",
                file,
                min(shares) >= DECIDED,
            )


def _robust(tables: Tables) -> Iterator[Finding]:
    """A4: the same size and accuracy from any start; and because of the hyper-prior."""
    studies = {
        "robustness_lenet_300_100": "LeNet-300-100",
        "robustness_lenet_5": "LeNet-5",
        "robustness_lenet_5_hasty": "LeNet-5 with gates that do not wait",
        "robustness_lenet_5_second_order": "LeNet-5 by the second-order estimator",
        "robustness_vgg16": "VGG16 from a quarter of its filters",
        "robustness_vgg16_widths": "VGG16 from 1/8 to 1/2 of its filters",
        "robustness_vgg16_widths_by_filter": "VGG16 from these at one price of a filter",
    }
    for file, title in studies.items():
        rows = tables(f"{file}_runs")
        errors, macs = numbers(rows, "test_error"), numbers(rows, "macs")
        if len(errors) < 2 or not macs:
            continue
        mean = sum(errors) / len(errors)
        alike = max(abs(error - mean) for error in errors) <= NEAR * mean
        sizes = max(macs) / min(macs)
        yield Finding(
            f"{title}: {len(errors)} runs from different starts end with {span(errors, '.2f')} %"
            f" errors, and MACs {sizes:.2f} times apart",
            file,
            alike and sizes < APART,
        )
    spread = {
        row["start"].partition(":")[0]: float(row["macs_cv"])
        for row in tables("ablation")
        if row.get("of") and row.get("macs_cv")
    }
    flat = spread.get("flattening")
    for other in ("fixed prior", "Beta hyper-prior"):
        if flat is not None and other in spread:
            yield Finding(
                f"at one price MACs vary over the starts by {flat:.1f} % with the flattening"
                f" hyper-prior, and by {spread[other]:.1f} % with a {other}",
                "ablation",
                spread[other] > ALIKE * flat,
            )
    yield from _on_few_images(tables)


def _on_few_images(tables: Tables) -> Iterator[Finding]:
    """Where prices are small in nats, the form of the prior says whether gates decide (H5)."""
    seen = {
        (row["label"].partition(",")[0], round(float(row["images"]))): row
        for row in tables("priors_small_data")
    }
    sizes = sorted({images for _, images in seen})
    for images in dict.fromkeys(sizes[:1] + sizes[-1:]):
        flat, fixed = (seen.get((name, images)) for name in ("flattening", "fixed prior"))
        if flat and fixed:
            open_ = [float(row["undecided"]) for row in (flat, fixed)]
            yield Finding(
                f"on {images:,} images the flattening hyper-prior leaves {open_[0]:.0f} % of the"
                f" gates undecided and a fixed prior {open_[1]:.0f} %, with"
                f" {float(flat['error']):.1f} and {float(fixed['error']):.1f} % errors",
                "priors_small_data",
                open_[1] > ALIKE * open_[0] and float(flat["error"]) < float(fixed["error"]),
            )


def _conditions(tables: Tables) -> Iterator[Finding]:
    """A5: pruning conditions in practice; what is proved of them is counted with the claims."""
    for file in ("theory_in_practice", "theory_in_practice_vgg16"):
        for row in tables(file):
            if row.get("regret") and "P4" not in row["run"]:
                regret = float(row["regret"])
                yield Finding(
                    f"{row['run']}: {regret:.1f} % of the units that P4 removes at 95 % confidence"
                    " were worth more than their price; P1 certifies"
                    f" {float(row['certified']):.0f} %",
                    file,
                    regret <= REGRET,
                )


def _state_of_the_art(tables: Tables) -> Iterator[Finding]:
    """A6: as good as published pruning, and as other methods trained here."""
    for file, title in NETWORKS.items():
        rows, own = tables(file), ours(tables(file))
        others = [row for row in rows if row.get("macs") and not row.get("n")]
        if own and others:
            beaten = [row for row in own if not _better(row, others)]
            yield Finding(
                f"{title}: for {len(beaten)} of our {len(own)} networks no published one as small"
                " has fewer errors",
                file,
                2 * len(beaten) >= len(own),
            )
    for file, title in COMPARED.items():
        rows = tables(file)
        own = [row for row in ours(rows) if row.get("on_front")]  # empty without a rival
        if len(rows) > len(ours(rows)) + 1:  # more than the dense network beside ours
            front = [row for row in own if row["on_front"] == "True"]
            yield Finding(
                f"{title}: {len(front)} of our {len(own)} networks are on the front of error and"
                " size of all methods trained here",
                file,
                2 * len(front) >= len(own),
            )


def _better(row: Row, others: Sequence[Row]) -> bool:
    """Whether one of the others is as small and has fewer errors."""
    macs, error = float(row["macs"]), float(row["test_error_mean"])
    return any(
        float(o["macs"]) <= SLACK * macs and float(o["test_error_mean"]) < error for o in others
    )


RULES: dict[str, Callable[[Tables], Iterator[Finding]]] = {
    "A1": _cost,
    "A3": _decided,
    "A4": _robust,
    "A5": _conditions,
    "A6": _state_of_the_art,
}

# What is asked for, in words: all of it for "borne out", some for "partly"; proved claims as well.
BARS = {
    "A1": "every run of ours trains and infers with fewer MACs than the dense network, and trains"
    " in less time where time was taken",
    "A2": "all claims that it rests on hold",
    "A3": f"at least {DECIDED:g} % of the gates of every run are decided before the freeze",
    "A4": f"of a study no error is farther than {100 * NEAR:g} % from the mean and no MACs are"
    f" {APART:g} times others; another prior spreads MACs more than {ALIKE:g} times as far, and on"
    f" few images leaves more than {ALIKE:g} times as many gates undecided, with more errors",
    "A5": f"at most {REGRET:g} % of the units that P4 removes at 95 % confidence were worth more"
    " than their price",
    "A6": "half of our networks or more have no published one with fewer errors at up to"
    f" {SLACK:g} times their MACs, and are on the front of what was trained here",
}


def headline(tables: Tables) -> tuple[list[str], list[list[str]]]:
    """Names and rows of the table that a reader should see first: the networks, dense and ours."""
    head = ["network", "dense error %", "our best error %", "MACs %", "training MACs / dense",
            "our smallest: MACs %", "error %"]  # fmt: skip
    rows = []
    for file, title in TRAINED.items():
        own = [row for row in ours(tables(file)) if row.get("test_error_mean")]
        first = dense(tables(file))
        if not own or first is None:
            continue
        best = min(own, key=lambda row: float(row["test_error_mean"]))
        least = min(own, key=lambda row: float(row["macs_share"]))
        rows.append([
            title,
            f"{float(first['test_error_mean']):.2f}",
            f"{float(best['test_error_mean']):.2f}",
            f"{100 * float(best['macs_share']):.1f}",
            f"{float(best['train_mac_ratio']):.2f}",
            f"{100 * float(least['macs_share']):.1f}",
            f"{float(least['test_error_mean']):.2f}",
        ])  # fmt: skip
    return head, rows
