"""The table and the figures of a study, from records of small runs."""

import csv
import shutil
import statistics
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from reproduce import cli, outputs
from reproduce.experiments import studies
from reproduce.experiments.presets import AS_PUBLISHED
from reproduce.experiments.rows import Budgets, Comparison, Row, Study, gated
from reproduce.figures.studies import MARKERS, figures
from reproduce.figures.style import COLOURS
from reproduce.runs.loaded import Loaded
from reproduce.runs.settings import Settings
from reproduce.runs.store import Store
from reproduce.tables import budgets as budget_table
from reproduce.tables import robustness as study_tables
from reproduce.tables.results import Result
from reproduce.training.turns import run_all

START = Settings(
    widths=(784, 20, 10),
    epochs=2,
    batch_size=32,
    weight_precision=0.1,
    gates=replace(AS_PUBLISHED, log_gamma=0.5, closing_steps=5),
)
UNITS = np.array([20.0, 40.0])
ROWS = (
    Row("small", START),
    Row("Xavier", replace(START, init="xavier")),
    Row("wide", replace(START, widths=(784, 40, 20))),
)


class Silent:
    def begin(self, settings, epochs_done, steps):
        pass

    step = epoch = lambda self, *_: None


@pytest.fixture(scope="module")
def study():
    return Study("robustness_test", "Robustness", {"flattening": ROWS}, seeds=2)


@pytest.fixture(scope="module")
def results(study, as_mnist, tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    run_all([study.runs()], as_mnist, Store(folder / study.name), Silent())
    return folder


def test_the_spread_is_that_of_the_runs_of_each_start_and_of_all(study, results):
    store = Store(results / study.name)
    *starts, everything = study_tables.results(study, store.load())
    assert [row["start"] for row in starts] == ["small", "Xavier", "wide"]
    assert [row["n"] for row in (*starts, everything)] == [2, 2, 2, 6]
    assert [row["widths"] for row in starts] == ["784-20-10", "784-20-10", "784-40-20"]
    records = [store.run(settings).record() for settings in study.runs()]
    units = [record.end.widths[1] for record in records]
    assert everything["hidden layer 1_mean"] == pytest.approx(statistics.mean(units))
    cv = 100 * statistics.stdev(units) / statistics.mean(units)
    assert everything["hidden layer 1_cv"] == pytest.approx(cv)
    errors = [record.error for record in records]
    farthest = max(abs(error - statistics.mean(errors)) for error in errors)
    assert everything["error_farthest"] == pytest.approx(farthest)


def test_a_study_that_is_under_way_shows_what_is_there(study, results, tmp_path):
    store = Store(results / study.name)
    longer = replace(
        study, seeds=3, groups={"all": (*ROWS, Row("never", replace(START, epochs=9)))}
    )
    *starts, _ = study_tables.results(longer, store.load())
    assert [row["start"] for row in starts] == ["small", "Xavier", "wide"]
    paths = study_tables.write(longer, store.load(), tmp_path)
    assert "; 6 of 12 runs." in paths[1].read_text()
    paths = study_tables.write(replace(study, seeds=1), store.load(), tmp_path)
    assert "; 3 of 3 runs and 3 of other seeds." in paths[1].read_text()
    alone = study_tables.results(study, Store(tmp_path).load())
    assert alone == [] and figures(study, Store(tmp_path).load()) == {}


def test_prices_of_other_starting_sizes_are_said_where_macs_are_paid_for():
    macs, dear = (gated(START, price="macs", log_gamma=nats) for nats in (0.5, 1.25))
    half = gated(START, log_gamma=0.25)
    said = study_tables._priced([Row("small", macs), Row("Xavier", macs), Row("wide", dear)])
    assert said.startswith("A price of 0.5 nats") and said.endswith("; “wide” 1.25)")
    assert study_tables._priced([Row("small", START), Row("half", half)]).endswith("otherwise")


def test_of_a_deep_network_the_variation_of_each_layer_stands_in_one_cell():
    layers = [f"layer {number}" for number in range(6)]
    row = {"start": "all", "of": 2, "n": 2, "widths": "various", "error_farthest": 0.5}
    for name in ("macs", "error", *layers):
        row |= {f"{name}_{key}": value for key, value in study_tables._spread(UNITS).items()}
    *_, kept, varied = study_tables._cells(row, layers)
    assert kept == "-".join(["30"] * 6) and varied == " - ".join(["47.1"] * 6)  # 10 √2 of 30
    *_, kept, varied = study_tables._cells(row | {"n": 1}, layers)
    assert kept == "-".join(["30"] * 6) and varied == ""


def test_groups_are_spread_apart_and_drawn_side_by_side(study, results):
    store = Store(results / study.name)
    paired = replace(study, groups={"first": ROWS[:1], "others": ROWS[1:]})
    rows = study_tables.results(paired, store.load())
    assert [row["start"] for row in rows if row["of"]] == [
        "first: all 1 starts",
        "others: all 2 starts",
    ]
    assert set(figures(paired, store.load())) == {"robustness_test_spread"}
    picture = figures(paired, store.load())["robustness_test_spread"]()
    assert len(picture.axes[0].lines) == 6


@pytest.mark.parametrize("far", [False, True])
def test_methods_much_worse_than_ours_leave_the_others_a_panel_of_their_own(far, results, study):
    dense, ours, rival = ROWS
    groups = {"dense": (dense,), "ours": (ours,), "rival": (rival,)}
    compared = Comparison("methods_test", "Methods", groups, seeds=1)
    errors = ((dense, 2.0), (ours, 3.0), (rival, 60.0 if far else 3.5))
    loaded = Loaded(
        replace(run, record=replace(run.record, error=error))
        for row, error in errors
        for run in Store(results / study.name).load().seeds(row.settings)
    )
    axes = figures(compared, loaded)["methods_test_curves"]().axes
    assert len(axes) == 1 + far
    assert axes[0].get_ylim()[1] > (60 if far else 3.5)
    if far:
        assert axes[1].get_ylim() == pytest.approx((1.875, 3.125))


def test_each_method_of_a_comparison_has_a_colour_and_a_marker_of_its_own():
    most = max(
        len(one.groups)
        for name in studies.STUDIES
        if isinstance(one := studies.study(name), Comparison)
    )
    assert most <= len(set(COLOURS)) == len(COLOURS)
    assert most <= len(set(MARKERS)) == len(MARKERS)


def test_a_single_run_has_no_spread(study, results, tmp_path):
    first = Store(results / study.name).run(study.runs()[0])
    shutil.copytree(first.folder, tmp_path / "runs" / first.folder.name)
    only = Store(tmp_path / "runs")
    row, everything = study_tables.results(study, only.load())
    assert row["n"] == 1 and row["macs_std"] is None and row["error_farthest"] == 0
    assert everything["of"] == 1 and everything["hidden layer 1_cv"] is None
    _, text, *_ = study_tables.write(study, only.load(), tmp_path)
    assert "±" not in text.read_text().split("- ")[0] and "1 of 6 runs" in text.read_text()


def test_tables_and_figures_of_a_study_come_back_by_its_name(
    study, results, tmp_path, monkeypatch, capsys
):
    monkeypatch.setitem(studies.STUDIES, study.name, lambda dataset: study)
    monkeypatch.chdir(tmp_path)
    for command, folder, endings in (
        ("tables", "paper_tables", (".csv", ".md", ".tex", "_runs.csv")),
        ("figures", "figures", ("_sizes.png", "_widths.svg", "_error.png")),
    ):
        assert cli.main([command, study.name, "--results", str(results)]) == 0
        assert study.name in capsys.readouterr().out
        for ending in endings:
            assert (Path(folder) / f"{study.name}{ending}").stat().st_size > 0
    with open(f"paper_tables/{study.name}_runs.csv") as file:
        assert len(list(csv.DictReader(file))) == 6


def test_budgets_say_what_was_asked_for_beside_what_is_left(results, study, tmp_path):
    small, other, _ = (replace(row, settings=row.settings) for row in ROWS)
    asked = Row("half", replace(START, gates=replace(START.gates, target_macs=0.5)))
    store = Store(results / study.name).load()
    loaded = Loaded(
        [*store.seeds(other.settings)]
        + [
            replace(run, record=replace(run.record, settings=asked.settings.with_seed(seed)))
            for seed, run in enumerate(store.seeds(small.settings))
        ]
    )
    budgets = Budgets("budgets_test", "Budgets", {"all": (asked, other)}, seeds=2)
    lines = budget_table.results(budgets, loaded)
    shares = [run.record.end.macs / run.record.start.macs for run in store.seeds(small.settings)]
    assert lines[0][0] == (50.0, 100 * min(shares), 100 * max(shares))
    assert lines[1][0].asked is None
    _, text, *_ = budget_table.write(budgets, loaded, tmp_path)
    assert "| half | 50 | " in text.read_text() and "4 of 4 runs" in text.read_text()


def test_a_budget_is_told_against_prices_on_a_line_in_the_logarithm_of_macs():
    def row(macs, error):
        nothing = dict.fromkeys(field.name for field in fields(Result))
        known = {"macs": macs, "test_error_mean": error, "train_mac_ratio": 1.0}
        return Result(**nothing | known)

    by_hand = [row(400.0, 4.0), row(100.0, 2.0)]
    for macs, error, said in ((200.0, 3.5, "+0.50"), (100.0, 1.0, "-1.00"), (50.0, 1.0, "")):
        assert budget_table._against_prices(by_hand, row(macs, error)) == said


def test_a_study_of_the_sample_has_folders_of_its_own(study):
    rows = tuple(Row(r.label, replace(r.settings, dataset="mnist_sample")) for r in ROWS)
    sampled = replace(study, groups={"flattening": rows})
    here = Path("results")
    assert outputs.place(here, study).tables == Path("paper_tables")
    assert outputs.place(here, sampled).tables == here / "robustness_test-sample" / "paper_tables"


def test_another_starting_size_pays_the_same_for_a_mac():
    """By the closed form of what LeNet-5's units save: 576 and 64 positions of 25 weights each."""

    def mean_saving(first, second, features, hidden):
        convolved = first * (25 * 576 + 1600 * second) + second * 1600 * first
        linear = features * hidden + hidden * (features + 10)
        return (convolved + linear) / (first + second + features + hidden)

    start, *others = dict.fromkeys(
        (row.settings.widths, row.settings.gates.log_gamma)
        for row in studies.study("robustness_lenet_5").rows
    )
    assert [widths[0] / start[0][0] for widths, _ in others] == [0.5, 2]
    for widths, price in others:
        expected = start[1] * mean_saving(*widths) / mean_saving(*start[0])
        assert price == pytest.approx(expected, abs=1e-3)


def test_hard_concrete_gates_begin_half_open_and_have_until_the_cut_of_other_rivals():
    """One learning rate a step does not close them in one epoch of ten, nor from 0.97 in four."""
    for name in ("methods_lenet_5", "methods_vgg16_quarter"):
        groups = studies.study(name).groups
        for ours, rival in zip(groups["ours"], groups["hard-concrete L0"]):
            assert rival.settings.freeze_at == max(ours.settings.freeze_at, 0.5)
            assert rival.settings.gates == replace(ours.settings.gates, theta0=0.5)
