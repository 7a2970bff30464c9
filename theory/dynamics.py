"""Simulation of gates in training, many thousands of trajectories at once.

    flow(system, start, time=…, steps=…)       the projected gradient flow, to about 1e-8
    descend(system, start, step=…, steps=…)    projected gradient steps, with or without noise

A ``System`` says how fast its weights and its gate θ change; the gate is kept in [0, 1] here. Its
state is an array of shape (rows, lanes): a row for each weight, the last for θ, and a lane for
each trajectory. Lanes are worked off in blocks that fit the processor's cache, by several
threads; results do not depend on how many. No loop runs over trajectories.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from theory._checks import finite, positive, probability, require
from theory._integrator import Lanewise, advance
from theory._types import Array, Mask
from theory.attraction import Attraction
from theory.systems import System, take_lanes

# Lanes in a block: few enough for the cache, enough to hide the cost of a call; events cost a flow
# more calls.
BLOCK, FLOW_BLOCK = 16_384, 65_536


@dataclass(frozen=True, eq=False)
class Noise:
    """Independent noise on the gradient of each row and step, with mean zero.

    Attributes:
        law: "sign", ±size with equal chances; "uniform" on [−size, size]; or "normal" with
            standard deviation size, which no bound of claim P3 covers.
        sizes: one for each row of the state, at least 0.

    Raises:
        ValueError: for an unknown law, or a size that is negative or not finite.
    """

    law: Literal["sign", "uniform", "normal"]
    sizes: Sequence[float]

    def __post_init__(self) -> None:
        if self.law not in ("sign", "uniform", "normal"):
            raise ValueError(f"law = {self.law!r} is not one of 'sign', 'uniform', 'normal'")
        sizes = np.atleast_1d(require("sizes", self.sizes, 0, np.inf, open_high=True))
        object.__setattr__(self, "sizes", sizes)

    def add_to(self, drift: Array, rng: np.random.Generator) -> None:
        """Add a fresh sample to each row of ``drift``, in place."""
        for row, size in zip(drift, self.sizes, strict=True):
            if not size:
                continue
            if self.law == "normal":
                sample = rng.standard_normal(row.size)
            else:
                sample = rng.random(row.size)
                sample -= 0.5
                if self.law == "sign":
                    np.copysign(0.5, sample, out=sample)
                sample *= 2
            sample *= size
            row += sample


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of each trajectory; times are in units of the flow, or count steps.

    Attributes:
        state: the final state, of shape (rows, lanes).
        death: when θ was 0 for the first time, infinite if never; of shape (lanes,).
        last_alive: the last time with θ > 0: of a flow, when it became 0; of steps, the last
            number of a step after which it was positive. The horizon if it was so to the end,
            −∞ if it never was.
        escape: the first time after which V ≥ V̄ held, at the resolution of the steps; infinite if
            never, or if no region was given.
        clip: of steps, the first at which θ or a weight that may not be negative was clipped at
            zero; infinite if never, and of a flow.
        times: when ``path`` was recorded, of shape (records,).
        path: recorded states, of shape (records, rows, lanes), the start first; None unless
            asked for.
    """

    state: Array
    death: Array
    last_alive: Array
    escape: Array
    clip: Array
    times: Array
    path: Array | None


def flow(
    system: System,
    start: ArrayLike,
    *,
    time: float,
    steps: int,
    region: Attraction | None = None,
    every: int | None = None,
    threads: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Follow the projected gradient flow: θ moves freely in (0, 1) and rests at an end.

    Fourth-order Runge–Kutta steps of size time/steps; when θ meets or leaves an end is located
    within the step, so that the order is kept. With 50 steps for each unit of time that the
    fastest rate needs to fall by e, the error is below 1e-8. The kinks of a ``ProductUnit``, where
    w·x changes its sign for a sample, are not located: there it is about 1e-5.

    Args:
        start: initial states, of shape (rows, lanes).
        time: how long, positive.
        steps: how many Runge–Kutta steps, at least 1.
        region: where ``escape`` is from, with parameters as scalars or of shape (lanes,).
        every: record the path each so many steps.
        threads: how many blocks to work on at a time.
        on_progress: called as (lanes done, lanes) after each block.

    Raises:
        ValueError: if a value is outside its range, or ``start`` is not of shape (rows, lanes).
    """
    length = float(positive("time", time))
    work = _Work(FLOW_BLOCK, system, start, steps, every, region, threads, on_progress)
    return work.run(lambda block: _flow_block(block, length / work.steps), length)


def descend(
    system: System,
    start: ArrayLike,
    *,
    step: ArrayLike,
    steps: int,
    noise: Noise | None = None,
    seed: int = 0,
    region: Attraction | None = None,
    every: int | None = None,
    threads: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
) -> Outcome:
    """Take projected gradient steps: all rows from the old state, then θ clipped to [0, 1].

    Args:
        step: size a of a step, positive, a float or of shape (lanes,).
        noise: what is added to the gradient; None for none.
        seed: of the noise. The same seed gives the same noise, however many threads there are.

    The other arguments, and what is raised, are those of ``flow``.
    """
    work = _Work(BLOCK, system, start, steps, every, region, threads, on_progress)
    sizes = np.broadcast_to(positive("step", step), work.lanes)
    if noise is not None and len(noise.sizes) != work.rows:
        raise ValueError(f"sizes of the noise = {len(noise.sizes)} values, not {work.rows}")
    seeds = np.random.SeedSequence(_whole("seed", seed, 0)).spawn(work.blocks)

    def run(block: _Block) -> None:
        rng = np.random.default_rng(seeds[block.number])
        _descend_block(block, sizes[block.lanes], noise, rng)

    return work.run(run, work.steps)


@dataclass(eq=False)
class _Block:
    """A block of lanes in work: its part of the results, written in place."""

    number: int
    lanes: slice
    system: System
    region: Attraction | None
    steps: int
    every: int | None
    outcome: Outcome

    def record(self, step: int) -> None:
        path = self.outcome.path
        if self.every and path is not None and step % self.every == 0:
            path[step // self.every] = self.outcome.state

    def watch_escape(self, now: float) -> None:
        """Note the lanes that have just left the region."""
        if self.region is None:
            return
        region, state = self.region, self.outcome.state
        potential = region.m * state[-1] + region.kappa * self.system.radius(state)
        first = self.outcome.escape
        first[(potential >= region.threshold) & (first == np.inf)] = now


class _Work:
    """The arguments that ``flow`` and ``descend`` share, checked, and their lanes in blocks."""

    def __init__(
        self,
        block: int,
        system: System,
        start: ArrayLike,
        steps: int,
        every: int | None,
        region: Attraction | None,
        threads: int,
        on_progress: Callable[[int, int], None] | None,
    ) -> None:
        self.steps, self.threads = _whole("steps", steps), _whole("threads", threads)
        self.every = None if every is None else _whole("every", every)
        self._start = finite("start", start)
        if self._start.ndim != 2 or len(self._start) != system.rows:
            raise ValueError(
                f"start has shape {self._start.shape}; the admissible shape is"
                f" ({system.rows}, lanes)"
            )
        probability("theta of start", self._start[-1])
        if system.nonnegative:
            require("weights of start", self._start[:-1], 0, np.inf)
        self.rows, self.lanes = self._start.shape
        self.blocks, self._block = math.ceil(self.lanes / block), block
        self._system, self._region, self._on_progress = system, region, on_progress

    def run(self, work: Callable[[_Block], None], horizon: float) -> Outcome:
        outcome = self._empty(horizon)
        done = 0
        with ThreadPoolExecutor(self.threads) as pool:
            blocks = list(self._split(outcome))
            for block, _ in zip(blocks, pool.map(work, blocks)):
                done += block.lanes.stop - block.lanes.start
                if self._on_progress:
                    self._on_progress(done, self.lanes)
        alive = outcome.state[-1] > 0
        outcome.last_alive[alive] = horizon
        return outcome

    def _empty(self, horizon: float) -> Outcome:
        never = (np.full(self.lanes, np.inf) for _ in range(3))
        death, escape, clip = never
        marks = np.arange(0, self.steps + 1, self.every) if self.every else np.zeros(0, int)
        path = np.empty((len(marks), self.rows, self.lanes)) if self.every else None
        times = np.asarray(marks * (horizon / self.steps), float)
        return Outcome(
            self._start.copy(), death, np.full(self.lanes, -np.inf), escape, clip, times, path
        )

    def _split(self, outcome: Outcome) -> Iterator[_Block]:
        for number in range(self.blocks):
            part = slice(number * self._block, min((number + 1) * self._block, self.lanes))
            yield _Block(
                number,
                part,
                self._system.lanes(part),
                self._region and take_lanes(self._region, part),
                self.steps,
                self.every,
                Outcome(
                    outcome.state[:, part],
                    outcome.death[part],
                    outcome.last_alive[part],
                    outcome.escape[part],
                    outcome.clip[part],
                    outcome.times,
                    None if outcome.path is None else outcome.path[..., part],
                ),
            )


def _whole(name: str, value: int, low: int = 1) -> int:
    if require(name, value, low, np.inf, open_high=True) % 1:
        raise ValueError(f"{name} = {value!r} is not a whole number in [{low}, inf)")
    return int(value)


def _descend_block(
    block: _Block, step: Array, noise: Noise | None, rng: np.random.Generator
) -> None:
    system, outcome = block.system, block.outcome
    state = np.ascontiguousarray(outcome.state)
    theta, floored = state[-1], state if system.nonnegative else state[-1:]
    was_alive = theta > 0
    outcome.death[~was_alive] = 0
    block.record(0)
    block.watch_escape(0)
    for number in range(1, block.steps + 1):
        drift = system.drift(state)
        if noise is not None:
            noise.add_to(drift, rng)
        drift *= step
        state += drift
        clipped = np.any(floored < 0, axis=0)
        np.maximum(floored, 0, out=floored)
        np.minimum(theta, 1, out=theta)
        alive = theta > 0
        _note(outcome.clip, clipped, number)
        _note(outcome.death, ~alive, number)
        outcome.last_alive[was_alive & ~alive] = number - 1
        was_alive = alive
        if block.every or block.region:
            outcome.state[:] = state
            block.record(number)
            block.watch_escape(number)
    outcome.state[:] = state


def _note(first: Array, happened: Mask, now: float) -> None:
    """Enter ``now`` where something has happened for the first time."""
    if happened.any():
        happened &= first == np.inf
        first[happened] = now


def _flow_block(block: _Block, step: float) -> None:
    outcome = block.outcome
    lanes = Lanewise.at(block.system, np.ascontiguousarray(outcome.state))
    outcome.death[lanes.state[-1] == 0] = 0
    block.record(0)
    block.watch_escape(0)
    for number in range(1, block.steps + 1):
        lanes, falls = advance(block.system, lanes, step)
        for fallen, elapsed in falls:
            now = (number - 1) * step + elapsed
            outcome.last_alive[fallen] = now
            outcome.death[fallen] = np.minimum(outcome.death[fallen], now)
        if block.every or block.region:
            outcome.state[:] = lanes.state
            block.record(number)
            block.watch_escape(number * step)
    outcome.state[:] = lanes.state
