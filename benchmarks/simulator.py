"""The simulator against one call of SciPy's solve_ivp per trajectory, and its throughput.

Writes benchmarks/simulator.json. Both sides follow the projected flow of the scalar gate from the
same random starts, in this one process, in alternation; each figure is the median over rounds.

    python benchmarks/simulator.py
"""

import os
import platform
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy.integrate import solve_ivp

from reproduce.store import write_json
from theory._types import Array
from theory.dynamics import descend, flow
from theory.scalar_gate import ScalarGate
from theory.systems import ScalarUnit

OUT = Path(__file__).with_name("simulator.json")
GATE = {"s": 1.0, "a": 1.0, "lam": 0.3, "c": 0.35}
UNIT = ScalarUnit(ScalarGate(**GATE))
TIME, STEPS = 12.0, 300
ROUNDS = 7
# Of each side's trajectories: enough for a second or more, so that a round is not noise.
LANES, CALLS = 131_072, 80
# The loosest tolerance at which SciPy too is within 1e-6.
TOLERANCE = {"method": "RK45", "rtol": 1e-9, "atol": 1e-11}


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


def by_simulator(start: Array) -> Array:
    return flow(UNIT, start, time=TIME, steps=STEPS).state


def seconds(function: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def ratio() -> dict[str, Any]:
    """Time per trajectory on both sides, in alternation, and how far their results differ."""
    ours, theirs, errors = [], [], []
    for number in range(ROUNDS):
        start = starts(LANES, seed=number)
        ours.append(seconds(lambda: errors.append(by_simulator(start)[:, :CALLS])) / LANES)
        theirs.append(seconds(lambda: errors.append(by_scipy(start[:, :CALLS]))) / CALLS)
        simulated, solved = errors[-2:]
        errors[-2:] = [float(np.abs(simulated - solved).max())]
    return {
        "microseconds per trajectory, simulator": statistics.median(ours) * 1e6,
        "microseconds per trajectory, solve_ivp": statistics.median(theirs) * 1e6,
        "ratio": statistics.median(b / a for a, b in zip(ours, theirs)),
        "ratios": [b / a for a, b in zip(ours, theirs)],
        "largest difference": max(errors),
    }


def throughput(lanes: int = 1_000_000, steps: int = 1000) -> dict[str, Any]:
    """Time and peak memory of the discrete form, once."""
    start = starts(lanes, seed=0)
    needed = seconds(lambda: descend(UNIT, start, step=0.05, steps=steps))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"trajectories": lanes, "steps": steps, "seconds": needed, "peak GiB": peak}


def main() -> None:
    result = {
        "compared": {"time": TIME, "simulator steps": STEPS, "solve_ivp": TOLERANCE, "gate": GATE,
                     "lanes": LANES, "calls": CALLS, "rounds": ROUNDS} | ratio(),
        "throughput": throughput(),
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg()[0],
                    "processor": platform.machine(), "python": platform.python_version(),
                    "numpy": np.__version__, "scipy": scipy.__version__},
    }
    write_json(OUT, result)
    compared, through = result["compared"], result["throughput"]
    print(f"{compared['ratio']:.0f} times as fast as solve_ivp, largest difference"
          f" {compared['largest difference']:.1e}; {through['trajectories']} trajectories of"
          f" {through['steps']} steps in {through['seconds']:.0f} s, {through['peak GiB']:.2f} GiB")


if __name__ == "__main__":
    main()
