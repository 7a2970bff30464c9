"""Priors on few images: the table says what the records say, and H5 is predicted as it stands."""

import csv
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from reproduce import outputs
from reproduce.experiments.rows import Row, SmallData
from reproduce.experiments.studies import study
from reproduce.figures.small_data import finding
from reproduce.methods import weighed
from reproduce.runs.record import GatedEpoch
from reproduce.runs.store import Store
from reproduce.tables.small_data import summary
from tests.reproduce.methods.test_rivals import FLAT
from tests.reproduce.training.test_loop import train

PRIORS = {"flattening": "flattening", "fixed": "fixed prior", "beta": "Beta hyper-prior"}


@pytest.fixture(scope="module")
def runs(data, tmp_path_factory):
    """The study in miniature: three priors, two numbers of images, and its folder."""
    root, groups = tmp_path_factory.mktemp("priors"), {}
    for prior, name in PRIORS.items():
        gates = replace(FLAT.gates, prior=prior)
        learnt = replace(FLAT, method="gates_weighed", gates=gates)
        rows = [Row(f"{name}, N = {n}", replace(learnt, train_images=n)) for n in (64, 128)]
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(weighed, "LEAST_IMAGES", 2000)  # enough for a prediction to be tried
            for row in rows:
                train(row.settings, data, root)
        groups[name] = tuple(rows)
    return SmallData("small", "Priors on small data", groups, seeds=1), root


def test_the_prediction_is_the_share_of_gates_within_ln_99_nats_of_their_price(runs):
    small, root = runs
    for row in small.groups["fixed prior"]:
        (run,) = Store(root).load().seeds(row.settings)
        seen = run.record.weighed
        excess = np.array(seen.worth) - np.array(seen.price)
        rests, whole = expit(excess), sum(run.record.start.widths)
        told = summary(run)
        for inside in ((rests > 0.01) & (rests < 0.99), abs(excess) < math.log(99)):
            assert told["predicted"] == pytest.approx(100 * inside.sum() / whole)
        assert told["images"] == row.settings.train_images
    for row in small.groups["flattening"]:
        assert summary(Store(root).load().seeds(row.settings)[0])["predicted"] == 0


def test_table_and_picture_are_written_from_the_records(runs, tmp_path):
    small, root = runs
    place = outputs.Place(root, tmp_path, tmp_path)
    outputs.write_tables(small, Store(root).load(), place)
    rows = list(csv.DictReader((tmp_path / "small.csv").read_text().splitlines()))
    assert [row["label"] for row in rows] == [row.label for row in small.rows]
    for row, asked in zip(rows, small.rows):
        (run,) = Store(root).load().seeds(asked.settings)
        last = [epoch for epoch in run.epochs if isinstance(epoch, GatedEpoch)][-1]
        assert float(row["undecided"]) == pytest.approx(100 * (1 - last.decided))
    files = outputs.write_figures(small, Store(root).load(), place)
    assert {file.name for file in files} == {"small.png", "small.svg"}


def test_the_title_is_the_share_undecided_on_the_fewest_images():
    found = {
        "one": [{"images": 500, "undecided": 90.0}, {"images": 500, "undecided": 80.0}],
        "two": [{"images": 500, "undecided": 5.0}, {"images": 1000, "undecided": 1.0}],
    }
    assert finding(found) == "Gates left undecided on 500 images: one 85 %, two 5 %"


def test_the_trade_off_per_sample_is_the_same_for_every_number_of_images():
    per_sample = {
        (
            round(1e6 * settings.gates.log_gamma / images),
            round(1e6 * settings.weight_precision / images),
        )
        for row in study("priors_small_data").rows
        for settings in [row.settings]
        for images in [settings.train_images or 60_000]
    }
    assert len(per_sample) == 1
    assert math.isclose(next(iter(per_sample))[0], 1e6 * 39 / 60_000, rel_tol=1e-3)
