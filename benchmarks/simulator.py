"""The simulator against one call of SciPy's solve_ivp per trajectory, and its throughput.

Both sides follow the projected flow of the scalar gate from the same random starts. The ratio is
time per trajectory; SciPy's tolerance is the loosest at which it too is within 1e-6. Throughput is
that of the discrete form, in one call; its memory is that of the whole process.
"""

from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from benchmarks.memory import high_water, in_a_process
from benchmarks.timing import COLUMNS, cells, milliseconds, ratio, seconds, take_turns
from theory._types import Array
from theory.dynamics import descend, flow
from theory.scalar_gate import ScalarGate
from theory.systems import ScalarUnit

THREADS = 1
USES = ("numpy", "scipy")
HEAD = (*COLUMNS, "largest difference", "peak GiB")
GATE = {"s": 1.0, "a": 1.0, "lam": 0.3, "c": 0.35}
UNIT = ScalarUnit(ScalarGate(**GATE))
TIME, STEPS = 12.0, 300
ROUNDS = 7
# Of each side's trajectories: enough for a second or more, so that a round is not noise.
LANES, CALLS = 131_072, 80
THROUGHPUT = 1_000_000, 1000  # trajectories, steps
TOLERANCE = {"method": "RK45", "rtol": 1e-9, "atol": 1e-11}


class Round:
    """Both sides from the same random starts, new ones in each round."""

    def __init__(self) -> None:
        self.number, self.largest_difference = 0, 0.0

    def prepare(self) -> None:
        self.start = starts(LANES, seed=self.number)
        self.number += 1

    def simulate(self) -> None:
        self.simulated = flow(UNIT, self.start, time=TIME, steps=STEPS).state[:, :CALLS]

    def solve(self) -> None:
        difference = np.abs(self.simulated - by_scipy(self.start[:, :CALLS])).max()
        self.largest_difference = max(self.largest_difference, float(difference))


def starts(lanes: int, seed: int) -> Array:
    """Random states (w, θ), of shape (2, lanes)."""
    rng = np.random.default_rng(seed)
    return np.stack([rng.uniform(-0.7, 2.3, lanes), rng.random(lanes)])


def by_scipy(start: Array) -> Array:
    """Final states by one call per trajectory; the field is written out, as a user would."""
    s, a, lam, c = GATE.values()

    def slope(_time: float, state: Array) -> tuple[float, float]:
        w, theta = state
        theta_dot = s * w * (a - w / 2) - c
        if (theta <= 0 and theta_dot < 0) or (theta >= 1 and theta_dot > 0):
            theta_dot = 0.0
        return s * theta * (a - w) - lam * w, theta_dot

    ends = [solve_ivp(slope, (0, TIME), lane, **TOLERANCE).y[:, -1] for lane in start.T]
    return np.stack(ends, axis=1)


def measure() -> dict[str, Any]:
    settings = {
        "time": TIME, "simulator steps": STEPS, "solve_ivp": TOLERANCE, "gate": GATE,
        "lanes": LANES, "calls": CALLS,
    }  # fmt: skip
    whole = in_a_process(throughput, *THROUGHPUT)
    return {"compared": settings | compare(), "throughput": whole}


def compare() -> dict[str, Any]:
    """Time per trajectory on both sides, and how far their results differ."""
    one = Round()
    turns = take_turns(
        {"simulator": one.simulate, "solve_ivp": one.solve}, ROUNDS, one.prepare, warm_up=0
    )
    ours, theirs = ([t / n for t in turns[name]] for name, n in zip(turns, (LANES, CALLS)))
    return {
        "microseconds per trajectory, simulator": 1e3 * milliseconds(ours),
        "microseconds per trajectory, solve_ivp": 1e3 * milliseconds(theirs),
        **ratio(theirs, ours),
        "largest difference": one.largest_difference,
    }


def throughput(lanes: int, steps: int) -> dict[str, Any]:
    """Time and peak memory of the discrete form, once, in a process of its own."""
    start = starts(lanes, seed=0)
    needed = seconds(lambda: descend(UNIT, start, step=0.05, steps=steps))
    peak = high_water() / 1024
    return {"trajectories": lanes, "steps": steps, "seconds": needed, "peak GiB": peak}


def rows(result: dict[str, Any]) -> list[list[str]]:
    one, whole = result["compared"], result["throughput"]
    what = (
        f"{whole['trajectories']:,} trajectories of {whole['steps']:,} steps,"
        f" {whole['seconds']:.0f} s"
    )
    return [
        [*cells("solve_ivp", "simulator", one), f"{one['largest difference']:.1e}", ""],
        [what, "", "", "", "", "", f"{whole['peak GiB']:.2f}"],
    ]
