"""Claims P1 and P2: where a unit must die, and how small steps must be for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from theory._types import Array
from theory.attraction import Attraction
from theory.dynamics import descend, flow
from theory.ledger import Evidence, claim
from theory.proofs.tools import cases, compare, decide, evaluate, identity, parse, symbols
from theory.systems import ProductUnit, WorstCase

SOURCE = "own derivation; the abstract says only that there are pruning conditions"


@dataclass(frozen=True)
class AttractionFormulas:
    """What claim P1 states, in κ, λ, c, m, μ, r, θ, V, its start v, V̄ (here B); and the code."""

    growth_r: str = "κ*θ - λ*r"
    growth_theta: str = "κ*r - c"
    m: str = "(λ + sqrt(λ**2 + 4*κ**2))/2"
    mu: str = "κ**2/m"
    potential: str = "m*θ + κ*r"
    threshold: str = "m**2*c/κ**2"
    rate: str = "μ*V - m*c"
    decay: str = "-λ*V"
    death_time: str = "log(B/(B - v))/μ"
    saddle_r: str = "c/κ"
    saddle_theta: str = "λ*c/κ**2"
    slack: str = "κ**2 - λ*c"  # the region is exact where this is not negative
    implementation: type[Attraction] = Attraction


_ATTRACTION = AttractionFormulas()


@claim(
    "P1",
    "If ‖∂C/∂w at ξ=1‖ ≤ κ for all ‖w‖ ≤ V̄/κ, then A = {V < V̄}, with V = mθ+κr and V̄ = m²c/κ², "
    "is forward invariant, and θ is 0 for good from t* = ln(V̄/(V̄−V₀))/μ at the latest, while r "
    "decays at rate λ. The saddle (c/κ, λc/κ²) lies on V = V̄. A is the exact basin of the worst "
    "case if and only if λc ≤ κ²; otherwise the cap θ ≤ 1 makes every start die.",
    supports=("A1", "A3", "A5"),
    source=SOURCE,
    formulas=_ATTRACTION,
    controls={
        "weights that grow by decay": replace(_ATTRACTION, growth_r="κ*θ + λ*r"),
        "price that opens the gate": replace(_ATTRACTION, growth_theta="κ*r + c"),
        "m from the other root": replace(_ATTRACTION, m="(-λ + sqrt(λ**2 + 4*κ**2))/2"),
        "μ = m": replace(_ATTRACTION, mu="m"),
        "V with its weights exchanged": replace(_ATTRACTION, potential="κ*θ + m*r"),
        "V̄ twice as large": replace(_ATTRACTION, threshold="2*m**2*c/κ**2"),
        "rate with the wrong sign": replace(_ATTRACTION, rate="μ*V + m*c"),
        "decay twice as fast": replace(_ATTRACTION, decay="-2*λ*V"),
        "t* with the ratio upside down": replace(_ATTRACTION, death_time="log((B - v)/B)/μ"),
        "t* half as long": replace(_ATTRACTION, death_time="log(B/(B - v))/(2*μ)"),
        "saddle at twice the weight": replace(_ATTRACTION, saddle_r="2*c/κ"),
        "saddle without the decay": replace(_ATTRACTION, saddle_theta="c/κ**2"),
        "exact in the capped case": replace(_ATTRACTION, slack="λ*c - κ**2"),
        "exact for every λ and c": replace(_ATTRACTION, slack="κ**2"),
    },
)
def attraction(f: AttractionFormulas) -> Iterator[Evidence]:
    """Where the bounds come from, then the region, then the exact basin of the worst case.

    C does not depend on w while the unit is off, so ẇ = −θ∂C/∂w − λw, which gives ṙ ≤ κθ − λr;
    integrating the gradient from 0 to w gives |C(ξ=1) − C(ξ=0)| ≤ κr, and θ̇ ≤ κr − c. The bound κ
    must hold wherever w comes; in A that is κr ≤ V < V̄.

    A state with θ = 0 and κr < c is absorbing: θ̇ ≤ κr − c < 0 keeps θ at 0, and ṙ ≤ −λr. Before a
    trajectory in A is absorbed, either θ > 0, or θ = 0 and κr ≥ c; in both cases the projected θ̇
    is at most κr − c, or is 0 ≤ κr − c, so V̇ ≤ μV − mc; the cap θ ≤ 1 only lowers θ̇. Hence
    V̄ − V ≥ (V̄−V₀)e^(μt), and as V ≥ 0, absorption comes by t*. Before it θ may be 0 and lift off.

    The worst case is linear but for the projection. Above V = V̄ its V rises until θ = 1, for at
    θ = 0 it lifts off (κr > c). If λc ≤ κ², then at the cap κr stays ≥ c: it never dies. On
    V = V̄ it runs into the saddle. If λc > κ², then at the cap κr falls to c in finite time, and
    there V = m + c < V̄: it has entered A. So then every start dies.
    """
    yield from _region(f)
    yield from _exact_basin(f)
    yield from _attraction_as_computed(f)
    yield from _simulated_basin(f)
    yield from _product_units(f)


def _region(f: AttractionFormulas) -> Iterator[Evidence]:
    import sympy as sp

    kappa, lam, c, m, mu, r, theta, potential, start, bar, t = symbols("κ λ c m μ r θ V v B t")
    # Every λ ≥ 0 is (m²−κ²)/m for one m ≥ κ, which keeps all that follows rational.
    known, decay = {mu: parse(f.mu, kappa, m)}, (m**2 - kappa**2) / m
    root = parse(f.m, kappa, lam)
    yield identity(root**2, lam * root + kappa**2, "m solves m² = λm + κ²")
    yield decide([], parse(f.mu, kappa, m) > 0, "μ is positive")
    yield identity(parse(f.mu, kappa, m), m - decay, "μ = m − λ")
    value = parse(f.potential, m, theta, kappa, r)
    rate = parse(f.rate, mu, potential, m, c).subs(known).subs(potential, value)
    growth_r = parse(f.growth_r, kappa, theta, lam, r).subs(lam, decay)
    growth_theta = parse(f.growth_theta, kappa, r, c)
    along = sp.diff(value, theta) * growth_theta + sp.diff(value, r) * growth_r
    yield identity(along, rate, "V̇ = μV − mc in the worst case")
    slower_r, slower_theta = sp.symbols("ρ τ", real=True)
    below = sp.diff(value, theta) * slower_theta + sp.diff(value, r) * slower_r
    yield decide([slower_r <= growth_r, slower_theta <= growth_theta], below <= along,
                 "V̇ ≤ μV − mc for all that grow no faster, the cap θ ≤ 1 included")
    limit = parse(f.threshold, m, c, kappa)
    general = parse(f.rate, mu, potential, m, c).subs(known)
    yield decide([potential < limit], general < 0, "V falls below V̄")
    yield decide([potential > limit], general > 0, "V rises above V̄ in the worst case")
    yield identity(sp.diff(value, r) * growth_r.subs(theta, 0),
                   parse(f.decay, lam, potential).subs(potential, value.subs(theta, 0))
                   .subs(lam, decay), "V̇ = −λV at θ = 0 in the worst case")
    yield decide([kappa * r < c], growth_theta < 0, "θ = 0 with κr < c is absorbing")
    bound = bar - (bar - start) * sp.exp(mu * t)
    fate = parse(f.death_time, bar, start, mu)
    yield identity(sp.diff(bound, t), mu * bound - mu * bar, "the bound on V solves its equation")
    yield identity(limit * parse(f.mu, kappa, m), m * c, "μV̄ = mc")
    yield identity(bound.subs(t, fate), 0, "the bound on V is 0 at t*", at=[{bar: 2, start: 1}])


def _exact_basin(f: AttractionFormulas) -> Iterator[Evidence]:
    import sympy as sp

    kappa, lam, c, m, r, theta = symbols("κ λ c m r θ")
    decay = (m**2 - kappa**2) / m
    physical = m >= kappa
    growth_r = parse(f.growth_r, kappa, theta, lam, r).subs(lam, decay)
    growth_theta = parse(f.growth_theta, kappa, r, c)
    value, limit = parse(f.potential, m, theta, kappa, r), parse(f.threshold, m, c, kappa)
    slack = parse(f.slack, kappa, lam, c).subs(lam, decay)
    saddle = {r: parse(f.saddle_r, c, kappa),
              theta: parse(f.saddle_theta, lam, c, kappa).subs(lam, decay)}
    yield identity(growth_r.subs(saddle), 0, "ṙ = 0 at the saddle")
    yield identity(growth_theta.subs(saddle), 0, "θ̇ = 0 at the saddle")
    yield identity(value.subs(saddle), limit, "the saddle lies on V = V̄")
    capped, edge = {theta: 1}, {theta: 1, r: c / kappa}
    yield decide([physical, value.subs(theta, 0) > limit], growth_theta > 0,
                 "above V̄ a gate lifts off")
    yield decide([physical, slack >= 0, growth_theta >= 0], value.subs(capped) >= limit,
                 "λc ≤ κ²: at the cap V ≥ V̄")
    yield decide([physical, slack >= 0], growth_r.subs(edge) >= 0,
                 "λc ≤ κ²: at the cap κr stays at least c")
    yield decide([physical, slack < 0, growth_theta >= 0],
                 sp.And(growth_r.subs(capped) <= growth_r.subs(edge), growth_r.subs(edge) < 0),
                 "λc > κ²: at the cap κr falls to c at a rate that does not vanish")
    yield decide([physical, slack < 0], value.subs(edge) < limit,
                 "λc > κ²: the cap is left into A")


def _grid() -> dict[str, Array]:
    """Parameters of every order of magnitude, λ = 0 and both sides of λc = κ² among them."""
    kappa, lam, c = np.meshgrid([0.01, 0.7, 1.0, 30.0], [0.0, 1e-6, 0.3, 2.0, 50.0],
                                [0.03, 1.0, 7.0])
    return {"κ": kappa.ravel(), "λ": lam.ravel(), "c": c.ravel()}


def _attraction_as_computed(f: AttractionFormulas) -> Iterator[Evidence]:
    """The code against the formulas in many digits, and its rates against an eigenvalue solver."""
    kappa, lam, c, m, mu, r, theta, bar, start = symbols("κ λ c m μ r θ B v")
    grid = _grid()
    ours = f.implementation(kappa=grid["κ"], lam=grid["λ"], c=grid["c"])
    root = parse(f.m, kappa, lam)
    rate, limit = parse(f.mu, kappa, m).subs(m, root), parse(f.threshold, m, c, kappa).subs(m, root)
    radius = 0.3 * np.minimum(evaluate(limit, **grid), 1e6) / grid["κ"]
    gate = np.minimum(0.4 * evaluate(limit, **grid) / evaluate(root, κ=grid["κ"], λ=grid["λ"]), 1)
    state = grid | {"r": radius, "θ": gate}
    value = parse(f.potential, m, theta, kappa, r).subs(m, root)
    fate = parse(f.death_time, bar, start, mu).subs({bar: limit, start: value, mu: rate})
    saddle = ours.saddle
    for name, values, formula, points in (
        ("m", ours.m, root, grid), ("μ", ours.mu, rate, grid),
        ("V̄", ours.threshold, limit, grid),
        ("r at the saddle", saddle[0], parse(f.saddle_r, c, kappa), grid),
        ("θ at the saddle", saddle[1], parse(f.saddle_theta, lam, c, kappa), grid),
        ("V", ours.potential(radius, gate), value, state),
        ("t*", ours.death_time(radius, gate), fate, state),
    ):
        yield compare(values, evaluate(formula, **points), f"{name} as computed", tool="mpmath",
                      rtol=1e-12)
    slack = evaluate(parse(f.slack, kappa, lam, c), **grid)
    yield cases(ours.tight == (slack >= 0), "tight as computed", core=False)
    matrix = np.moveaxis(np.array([[-grid["λ"], grid["κ"]], [grid["κ"], 0 * grid["κ"]]]), -1, 0)
    yield compare(np.stack([-ours.m, ours.mu], -1), np.linalg.eigvalsh(matrix),
                  "−m and μ are the worst case's eigenvalues", tool="NumPy", rtol=1e-7,
                  atol=1e-13)


def random_worst_cases(seed: int, lanes: int) -> tuple[dict[str, Array], Array]:
    """Parameters κ, λ, c and starts (r, θ) inside and outside A, one for each lane."""
    rng = np.random.default_rng(seed)
    kappa = rng.uniform(0.5, 2, lanes)
    parameters = {"kappa": kappa, "lam": kappa * rng.uniform(0, 2, lanes),
                  "c": rng.uniform(0.1, 3, lanes)}
    threshold = Attraction(**parameters).threshold
    return parameters, np.stack([rng.uniform(0, 1.5, lanes) * threshold / parameters["kappa"],
                                 rng.random(lanes)])


def _simulated_basin(f: AttractionFormulas) -> Iterator[Evidence]:
    parameters, start = random_worst_cases(seed=1, lanes=4000)
    ours = f.implementation(**parameters)
    outcome = flow(WorstCase(**parameters), start, time=60, steps=1500)
    inside, limit = ours.contains(*start), ours.death_time(*start)
    within = outcome.last_alive[inside] <= limit[inside] * (1 + 1e-9)
    yield cases(within, "simulated from inside A, dead by t*", core=False)
    near = np.abs(ours.potential(*start) / ours.threshold - 1) < 0.01
    died = outcome.last_alive < 60
    yield cases((died == (inside | ~ours.tight))[~near], "simulated basin", core=False)


def _product_units(f: AttractionFormulas) -> Iterator[Evidence]:
    """κ bounds what it should on units v·relu(w·x), and in A(κ) they die by t*."""
    rng = np.random.default_rng(2)
    for radius, c in ((0.5, 0.2), (1.0, 1.5), (1.5, 6.0)):
        unit = ProductUnit(rng.standard_normal((40, 3)), rng.standard_normal(40), lam=0.1, c=c)
        kappa = unit.gradient_bound(radius)
        direction = rng.standard_normal((4, 2000))
        direction *= radius * rng.random(2000) / np.linalg.norm(direction, axis=0)
        on, off = (np.vstack([direction, np.full(2000, gate)]) for gate in (1.0, 0.0))
        slope = unit.drift(on)[:-1] + unit.lam * direction
        yield cases(np.linalg.norm(slope, axis=0) <= kappa,
                    f"κ bounds the gradient, radius {radius:g}", core=False)
        worth = unit.objective(off) - unit.objective(on) + unit.c
        yield cases(np.abs(worth) <= kappa * unit.radius(on),
                    f"|C(1) − C(0)| ≤ κr, radius {radius:g}", core=False)
        ours = f.implementation(kappa=kappa, lam=unit.lam, c=c)
        start = np.vstack([direction, rng.random(2000)])
        held = ours.contains(unit.radius(start), start[-1]) & (ours.threshold <= kappa * radius)
        fate = ours.death_time(unit.radius(start), start[-1])[held]
        outcome = flow(unit, start[:, held], time=12 / kappa, steps=300)
        yield cases(outcome.last_alive <= fate * (1 + 1e-9),
                    f"product units in A die by t*, radius {radius:g}", core=False)


@dataclass(frozen=True)
class StepFormulas:
    """What claim P2 states, in κ, λ, c, m, μ, r, θ, V₀ (here v), V̄ (here B), step a; the code."""

    potential: str = "m*θ + κ*r"
    threshold: str = "m**2*c/κ**2"
    decay_bound: str = "1/λ"
    clip_bound: str = "m/κ**2"
    safe: str = "1/m"
    growth: str = "1 + a*μ"
    death_step: str = "log(B/(B - v))/log(1 + a*μ)"
    absorbing: str = "c"  # θ = 0 is for good where κr is at most this
    implementation: type[Attraction] = Attraction


_STEPS = StepFormulas()


@claim(
    "P2",
    "Projected gradient steps of size a keep V⁺ ≤ V in A if a ≤ min(1/λ, m/κ²), and the second "
    "bound is sharp. With a ≤ 1/m, which implies both, θ is 0 for good from step "
    "⌈ln(V̄/(V̄−V₀))/ln(1+aμ)⌉.",
    supports=("A1", "A5"),
    source=SOURCE,
    formulas=_STEPS,
    controls={
        "no bound from the decay": replace(_STEPS, decay_bound="m**2*(1 + λ)/(λ*κ**2)"),
        "bound at the clip twice as large": replace(_STEPS, clip_bound="2*m/κ**2"),
        "bound at the clip half as large, not sharp": replace(_STEPS, clip_bound="m/(2*κ**2)"),
        "safe up to 2/m": replace(_STEPS, safe="2/m"),
        "safe up to 1/μ": replace(_STEPS, safe="m/κ**2"),
        "growth 1 + 2aμ": replace(_STEPS, growth="1 + 2*a*μ"),
        "growth of the continuous flow": replace(_STEPS, growth="1 + a*μ + (a*μ)**2/2"),
        "steps with the ratio upside down": replace(
            _STEPS, death_step="log((B - v)/B)/log(1 + a*μ)"),
        "dead as soon as θ = 0, whatever r": replace(_STEPS, absorbing="m**2*c/κ**2"),
        "V without the gate": replace(_STEPS, potential="κ*r"),
        "V̄ twice as large": replace(_STEPS, threshold="2*m**2*c/κ**2"),
    },
)
def steps(f: StepFormulas) -> Iterator[Evidence]:
    """A step ends in one of three ways; in each V does not rise in A.

    r⁺ ≤ (1−aλ)r + aκθ, as a ≤ 1/λ. If θ⁺ > 0, then θ⁺ ≤ θ + a(κr−c), so V̄ − V⁺ ≥ (1+aμ)(V̄−V).
    If θ⁺ = 0, then V⁺ = κr⁺ ≤ κr + aκ²θ ≤ V, as a ≤ m/κ². For the deaths: if θ⁺ = 0 although
    θ + a(κr−c) ≥ 0, then V⁺ = κr⁺ is bounded as if θ⁺ > 0. If θ + a(κr−c) < 0, then κr⁺ ≤ c
    because 1 − aλ ≥ a²κ², which is a ≤ 1/m; and θ = 0 with κr ≤ c is absorbing. So before
    absorption V̄ − V grows by the factor 1+aμ at each step, and V ≥ 0.
    """
    yield from _one_step(f)
    yield from _deaths(f)
    yield from _steps_as_computed(f)
    yield from _simulated_steps(f)


def _one_step(f: StepFormulas) -> Iterator[Evidence]:
    import sympy as sp

    kappa, lam, c, m, mu, a = symbols("κ λ c m μ a")
    r, theta = (sp.Symbol(name, nonnegative=True) for name in "rθ")
    later_r, later_theta = (sp.Symbol(name, nonnegative=True) for name in ("r′", "θ′"))
    decay = (m**2 - kappa**2) / m
    value = parse(f.potential, m, theta, kappa, r)
    limit = parse(f.threshold, m, c, kappa)
    later = value.subs({r: later_r, theta: later_theta}, simultaneous=True)
    growth = parse(f.growth, a, mu).subs(mu, kappa**2 / m)
    raw_r, raw_theta = r + a * (kappa * theta - decay * r), theta + a * (kappa * r - c)
    worst = value.subs({r: raw_r, theta: raw_theta}, simultaneous=True)
    slow, clip = parse(f.decay_bound, lam, m, kappa), parse(f.clip_bound, m, kappa)
    # a ≤ 1/λ with λ written out, and without dividing by λ, which may be 0.
    slow_enough = a * sp.cancel(1 / slow).subs(lam, decay) <= 1
    yield identity(limit - worst, growth * (limit - value), "V̄ − V grows by 1 + aμ per free step")
    yield decide([m >= kappa, slow_enough], raw_r.subs(theta, 0) >= 0,
                 "a ≤ 1/λ: the decay does not turn r round")
    yield decide([m >= kappa, value < limit, later_r <= raw_r, later_theta <= raw_theta],
                 later <= value, "V does not rise where θ stays above 0")
    yield decide([m >= kappa, a <= clip, later_r <= raw_r],
                 later.subs(later_theta, 0) <= value, "V does not rise where θ is clipped at 0")
    tiny = [a > clip, theta > 0, theta <= a * c, value.subs(r, 0) < limit]
    rises = value.subs({r: raw_r, theta: 0}, simultaneous=True).subs(r, 0) > value.subs(r, 0)
    yield decide([*tiny, m >= kappa], rises, "sharp: above m/κ² V rises from r = 0, θ ≤ ac in A")


def _deaths(f: StepFormulas) -> Iterator[Evidence]:
    import sympy as sp

    kappa, c, m, mu, a, bar, start = symbols("κ c m μ a B v")
    r, theta = (sp.Symbol(name, nonnegative=True) for name in "rθ")
    decay = (m**2 - kappa**2) / m
    physical, small = m >= kappa, sp.cancel(a / parse(f.safe, m, kappa)) <= 1
    raw_r, raw_theta = r + a * (kappa * theta - decay * r), theta + a * (kappa * r - c)
    level = parse(f.absorbing, c, m, kappa)
    yield decide([physical, small], sp.And(a * decay <= 1, a <= m / kappa**2),
                 "a ≤ 1/m implies both bounds")
    yield decide([small, physical, raw_theta < 0], kappa * raw_r <= level,
                 "a clip that had to be is for good")
    gone = [physical, small, kappa * r <= level]
    yield decide(gone, sp.And(raw_theta.subs(theta, 0) <= 0,
                              kappa * raw_r.subs(theta, 0) <= level), "θ = 0, κr ≤ c is absorbing")
    number = parse(f.death_step, bar, start, a, mu)
    grown = (bar - start) * sp.exp(number * sp.log(parse(f.growth, a, mu)))
    yield identity(grown, bar, "by that step V̄ − V would exceed V̄",
                   at=[{bar: 2, start: sp.Rational(1, 2)}])


def _steps_as_computed(f: StepFormulas) -> Iterator[Evidence]:
    kappa, lam, m, mu, a, bar, start = symbols("κ λ m μ a B v")
    grid = _grid()
    ours = f.implementation(kappa=grid["κ"], lam=grid["λ"], c=grid["c"])
    known = {"κ": grid["κ"], "m": ours.m}
    clip = evaluate(parse(f.clip_bound, m, kappa), **known)
    some = grid["λ"] > 0
    slow = np.full(len(clip), np.inf)
    slow[some] = evaluate(parse(f.decay_bound, lam, m, kappa), λ=grid["λ"][some],
                          κ=grid["κ"][some], m=ours.m[some])
    yield compare(ours.largest_step, np.minimum(slow, clip), "largest step as computed",
                  tool="mpmath", rtol=1e-12)
    yield compare(ours.safe_step, evaluate(parse(f.safe, m, kappa), **known),
                  "safe step as computed", tool="mpmath", rtol=1e-12)
    step, radius = 0.37 * ours.safe_step, 0.7 * ours.threshold / grid["κ"]
    number = evaluate(parse(f.death_step, bar, start, a, mu), B=ours.threshold, μ=ours.mu, a=step,
                      v=0.7 * ours.threshold)
    yield compare(ours.death_step(radius, 0, step), np.ceil(number), "death step as computed",
                  tool="mpmath")


def _simulated_steps(f: StepFormulas) -> Iterator[Evidence]:
    """Random worst cases and step sizes: V falls up to the largest step, deaths come in time."""
    rng = np.random.default_rng(4)
    parameters, start = random_worst_cases(seed=3, lanes=4000)
    ours, worst = f.implementation(**parameters), WorstCase(**parameters)
    inside = ours.contains(*start)
    once = descend(worst, start, step=ours.largest_step * rng.random(4000), steps=1).state
    falls = ours.potential(*once) <= ours.potential(*start) * (1 + 1e-12)
    yield cases(falls[inside], "V falls in simulated steps", core=False)
    step = ours.safe_step * rng.uniform(0.05, 1, 4000)
    limit = ours.death_step(start[0], start[1], step)
    outcome = descend(worst, start, step=step, steps=1500)
    counted = inside & (limit <= 1500)
    yield cases(outcome.last_alive[counted] < limit[counted], "simulated deaths come in time",
                core=False)
