"""``parsimony simulate``: what it writes agrees with the theory, and mistakes cost one line."""

import csv

import numpy as np
import pytest

from reproduce.cli import main
from theory.attraction import Attraction
from theory.scalar_gate import ScalarGate


def simulate(folder, *arguments):
    """The CSV of a simulation as arrays, after checking that the picture is there too."""
    assert main(["simulate", *arguments, "--out", str(folder)]) == 0
    name = arguments[0]
    assert (folder / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert "</svg>" in (folder / f"{name}.svg").read_text()
    with open(folder / f"{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([row[key] for row in rows]) for key in rows[0]}


def test_basin(tmp_path, capsys):
    flags = ["--kappa", "2", "--lam", "1", "--c", "0.5", "--side", "21"]
    table = simulate(tmp_path, "basin", *flags)
    assert "basin.csv" in capsys.readouterr().out
    r, theta, died, certified = (
        table[key].astype(float) for key in ("r", "theta", "died", "certified")
    )
    region = Attraction(kappa=2.0, lam=1.0, c=0.5)
    np.testing.assert_array_equal(certified, region.contains(r, theta))
    far = np.abs(region.potential(r, theta) / region.threshold - 1) > 0.02
    np.testing.assert_array_equal(died[far], certified[far])
    inside = certified == 1
    last, bound = (
        table[key].astype(float)[inside] for key in ("last_alive", "certified_death_time")
    )
    assert (last <= bound * (1 + 1e-9)).all()


def test_flow(tmp_path):
    table = simulate(tmp_path, "flow", "--c", "0.3", "--trajectories", "15", "--time", "60")
    last = table["time"].astype(float) == 60
    assert len(np.unique(table["trajectory"])) == last.sum() == 15
    end = np.stack([table["w"][last], table["theta"][last]]).astype(float)
    gate = ScalarGate(s=1.0, a=1.0, lam=0.3, c=0.3)
    ends = np.array([gate.equilibrium_off(), gate.equilibrium_on()])
    distance = np.abs(end.T[:, None] - ends).max(axis=2)
    assert (distance.min(axis=1) < 1e-3).all()


def test_noise(tmp_path):
    table = simulate(tmp_path, "noise", "--sizes", "4", "--trajectories", "300", "--steps", "100")
    bound, early, ever = (
        table[key].astype(float) for key in ("bound", "escaped_before_clip", "escaped")
    )
    np.testing.assert_allclose(table["noise"].astype(float), [0.125, 0.25, 0.375, 0.5])
    assert (early <= bound + 0.05).all() and (early <= ever).all()
    assert ever[-1] > 0


def test_bifurcation(tmp_path):
    table = simulate(tmp_path, "bifurcation", "--prices", "12", "--a", "-1")
    kept = np.isin(table["regime"], ["kept", "metastable"])
    assert kept.any() and not kept.all()
    theta, w = table["theta"].astype(float), table["w"].astype(float)
    np.testing.assert_allclose(theta[kept], 1)
    np.testing.assert_allclose(w[kept], table["w_kept"].astype(float)[kept], atol=1e-6)
    np.testing.assert_array_equal(theta[~kept], 0)


def test_the_same_command_writes_the_same_files(tmp_path):
    flags = ["--sizes", "2", "--trajectories", "50", "--steps", "20"]
    for folder in ("one", "two"):
        simulate(tmp_path / folder, "noise", *flags)
    for kind in ("png", "svg", "csv"):
        one, two = ((tmp_path / folder / f"noise.{kind}").read_bytes() for folder in ("one", "two"))
        assert one == two


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("basin --c 0", "c = 0.0 is outside the admissible range (0, inf)"),
        ("basin --lam -1", "lam = -1.0 is outside"),
        ("basin --kappa nan", "kappa = nan is outside"),
        ("basin --side 1", "side = 1.0 is outside the admissible range [2, 2000]"),
        ("basin --time 0", "time = 0.0 is outside"),
        ("basin --time 1e9", "time = 1000000000.0 is outside"),
        ("flow --a 0", "a = 0.0 is outside"),
        ("flow --lam 0", "lam = 0.0 is outside"),
        ("flow --trajectories 0", "trajectories = 0.0 is outside"),
        ("flow --seed -1", "seed = -1.0 is outside"),
        ("noise --step 1.5", "step = 1.5 is outside the admissible range (0, 1]"),
        ("noise --start 1", "start = 1.0 is outside the admissible range [0, 1)"),
        ("noise --largest -1", "largest = -1.0 is outside"),
        ("noise --steps 0", "steps = 0.0 is outside"),
        ("noise --seed -1", "seed = -1.0 is outside"),
        ("bifurcation --c -1", "c = -1.0 is outside"),
        ("bifurcation --prices 1", "prices = 1.0 is outside"),
    ],
)
def test_bad_values(tmp_path, capsys, arguments, message):
    assert main(["simulate", *arguments.split(), "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert error.startswith(f"parsimony: {message}") and error.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: KIND"),
        (["nothing"], "unknown KIND 'nothing'; known are: basin, flow"),
        (["basin", "--lam", "x"], "argument --lam: invalid float value: 'x'"),
        (["basin", "--kapa", "1"], "unknown argument --kapa; did you mean --kappa?"),
    ],
)
def test_bad_flags(capsys, arguments, message):
    with pytest.raises(SystemExit) as exit_:
        main(["simulate", *arguments])
    error = capsys.readouterr().err
    assert exit_.value.code == 2 and message in error and error.count("\n") == 1


def test_a_folder_that_cannot_be_written(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert main(["simulate", "basin", "--side", "3", "--out", str(blocked / "x")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("kind", ["basin", "flow", "noise", "bifurcation"])
def test_help_has_examples(capsys, kind):
    with pytest.raises(SystemExit):
        main(["simulate", kind, "--help"])
    assert f"parsimony simulate {kind}" in capsys.readouterr().out.split("examples:")[1]
