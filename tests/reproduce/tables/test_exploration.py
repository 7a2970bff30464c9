"""The table of what was tried: a column for each setting that differs, validation errors only."""

import csv
from dataclasses import replace

from reproduce import cli, outputs
from reproduce.experiments import studies
from reproduce.experiments.rows import Exploration, Row
from reproduce.runs.store import Store
from tests.reproduce.methods.test_rivals import FLAT
from tests.reproduce.training.test_loop import train


def test_the_table_says_what_the_records_say_and_never_calls_it_test_error(data, tmp_path):
    judged = replace(FLAT, judged_on="validation")
    other = replace(judged, gates=replace(judged.gates, estimator="trapezoid"))
    rows = (Row("path", judged), Row("trapezoid", other))
    for row in rows:
        train(row.settings, data, tmp_path)
    tried = Exploration("tried", "What was tried", {"": rows}, seeds=1)
    loaded = Store(tmp_path).load()
    outputs.write_tables(tried, loaded, outputs.Place(tmp_path, tmp_path, tmp_path))
    table = (tmp_path / "tried.md").read_text()
    assert "test error" not in table and "| estimator | validation error % |" in table
    for line, row in zip(
        csv.DictReader((tmp_path / "tried_runs.csv").read_text().splitlines()), rows
    ):
        (run,) = loaded.seeds(row.settings)
        assert float(line["validation_error"]) == round(run.record.error, 4)
        assert f"| {row.settings.gates.estimator} | {run.record.error:.2f} | 1 |" in table
        last = run.epochs[-1]
        assert f"| {last.train_loss:.4f} | {last.loss:.4f} |" in table


def test_who_asks_for_its_pictures_is_told_that_it_has_none(data, tmp_path, monkeypatch, capsys):
    tried = Exploration("tried", "What was tried", {"": (Row("path", FLAT),)}, seeds=1)
    train(FLAT, data, outputs.place(tmp_path, tried).runs)
    monkeypatch.setitem(studies.STUDIES, "tried", lambda dataset: tried)
    assert cli.main(["figures", "tried", "--results", str(tmp_path)]) == 2
    assert "tried has no figures, but a table" in capsys.readouterr().err
