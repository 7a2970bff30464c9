"""Claims D1 and D2: with an affine price, minima are deterministic networks.

C is any cost over n gates that are 0 or 1; its expectation E_θ[C] over independent gates is its
multilinear extension to the cube. Claims D1x and D2x are counterexamples: they show that
stronger wordings of D1 and D2 are false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory._types import Array, Mask
from theory.ledger import Evidence, claim
from theory.proofs.tools import cases, decide, exact, identity, parse, symbols

SOURCE = "own derivation; the abstract says only that the gates converge to 0 or 1"


def vertices(n: int) -> Mask:
    """The 2ⁿ vertices of the cube, of shape (2ⁿ, n); the last gate varies fastest."""
    return np.array(list(product([False, True], repeat=n)))


def neighbours(n: int) -> NDArray[np.int64]:
    """The places in `vertices` of each vertex's neighbours across each gate: (2ⁿ, n)."""
    return np.arange(2**n)[:, None] ^ (1 << np.arange(n)[::-1])


def extend(costs: ArrayLike, theta: ArrayLike) -> Array:
    """E_θ[C] for independent gates: the multilinear extension of C to the cube. Claim D1.

    Args:
        costs: C at the vertices, of shape (..., 2ⁿ), in the order of `vertices`.
        theta: gate probabilities, of shape (..., n); the leading shapes broadcast.
    """
    theta = np.asarray(theta, float)[..., None, :]
    chances = np.where(vertices(theta.shape[-1]), theta, 1 - theta).prod(-1)
    return np.einsum("...v,...v->...", np.asarray(costs), chances)


def off_and_on(costs: ArrayLike) -> tuple[Array, Array]:
    """C(ξ_i=0) and C(ξ_i=1) with the other gates as at each vertex: two of shape (..., 2ⁿ, n).

    Their difference, off − on, is what gate i is worth there: its marginal value. It is the same
    at both ends of an edge. Claims D1 and D3.

    Args:
        costs: of shape (..., 2ⁿ), in the order of `vertices`.
    """
    costs = np.asarray(costs)
    n = int(np.log2(costs.shape[-1]))
    bits, here, across = vertices(n), costs[..., None], costs[..., neighbours(n)]
    return np.where(bits, across, here), np.where(bits, here, across)


def tables(n: int, levels: int) -> Array:
    """Every cost over n gates with values 0 to levels−1, of shape (levels^(2ⁿ), 2ⁿ)."""
    return np.indices([levels] * 2**n).reshape(2**n, -1).T.astype(float)


def numeric(formula: str, names: str) -> Callable[..., Array]:
    """The formula as a NumPy function of the blank-separated names."""
    import sympy as sp

    known = symbols(names)
    return sp.lambdify(known, parse(formula, *known), "numpy")


@dataclass(frozen=True)
class VertexFormulas:
    """What claim D1 states, in a gate θ, the price c, C(ξ_i=0) = off, C(ξ_i=1) = on and n."""

    price: str = "c*θ"
    worth: str = "off - on"
    at_most: str = "n*2**(n - 1)"
    generic_price: bool = True


_VERTEX = VertexFormulas()


@claim(
    "D1",
    "E_θ[C] + cΣθ is multilinear, so its minimum over the cube is at a vertex and every strict "
    "local minimiser is one. A local minimiser with a fractional set S makes it constant on the "
    "face that frees S, and c one of at most n·2ⁿ⁻¹ marginal values of C; for every other c each "
    "local minimiser is a strict vertex.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_VERTEX,
    controls={
        "a convex price": replace(_VERTEX, price="c*θ**2"),
        "marginal value with the wrong sign": replace(_VERTEX, worth="on - off"),
        "2ⁿ⁻¹ marginal values": replace(_VERTEX, at_most="2**(n - 1)"),
        "n·2ⁿ marginal values": replace(_VERTEX, at_most="n*2**n"),
        "any price at all": replace(_VERTEX, generic_price=False),
    },
)
def at_vertices(f: VertexFormulas) -> Iterator[Evidence]:
    """Multilinear functions average over sign flips, whence a strong maximum principle.

    Let F be multilinear and θ a point with fractional set S. Move the coordinates of S by ±h_i,
    small enough to stay in the cube. The mean of F over all 2^|S| sign patterns is F(θ): one
    coordinate after the other, as F is affine in each. So some corner of such a box is no higher
    than F(θ); with boxes that reach the cube's boundary, one coordinate at a time, some vertex
    is. If θ is a local minimiser, every corner is at least F(θ), and so equals it, for all small
    h: F is constant near θ within the face that frees S, and, being a polynomial, on that face.
    An edge of the face frees one gate i, and along it F changes by C(ξ_i=1) − C(ξ_i=0) + c = 0.
    If c is no marginal value, S is therefore empty, and no slope at the vertex is 0: so at a
    local minimiser all that lead into the cube are positive, and it is strict.
    """
    yield from _mean_over_signs(f)
    number = numeric(f.at_most, "n")(np.arange(1, 9))
    rng = np.random.default_rng(1)
    costs = [rng.integers(2**40, size=2**n) for n in range(1, 9)]
    found = [np.unique(np.subtract(*off_and_on(values))).size for values in costs]
    yield cases(found == number, "that many marginal values occur, and never more, n = 1 to 8")
    for n, levels in ((2, 4), (3, 3)):
        for c in (0.5, 1.0, 1.5):
            yield from _every_small_cost(f, n, levels, c)


def _mean_over_signs(f: VertexFormulas) -> Iterator[Evidence]:
    import sympy as sp

    c, gate = symbols("c θ")
    for n in (1, 2):
        theta, step, costs = (sp.symbols(f"{name}1:{size + 1}")
                              for name, size in (("θ", n), ("h", n), ("C", 2**n)))
        chances = [sp.prod(g if bit else 1 - g for g, bit in zip(theta, vertex))
                   for vertex in vertices(n)]
        objective = (sum(cost * chance for cost, chance in zip(costs, chances))
                     + sum(parse(f.price, c, gate).subs(gate, g) for g in theta))
        place = {symbol: sp.Rational(k + 2, 17)
                 for k, symbol in enumerate((*theta, *step, *costs, c))}
        yield identity(sum(sp.diff(objective, g, 2) for g in theta), 0,
                       f"affine in each of {n} gates", at=[place])
        corners = [objective.subs({g: g + sign * h for g, h, sign in zip(theta, step, signs)},
                                  simultaneous=True) for signs in product((-1, 1), repeat=n)]
        yield identity(sum(corners) / 2**n, objective,
                       f"the mean over the sign flips of {n} gates", at=[place])


def _every_small_cost(f: VertexFormulas, n: int, levels: int, c: float) -> Iterator[Evidence]:
    """All costs with few integer levels, at points with few binary digits: doubles are exact."""
    price, costs, bits = numeric(f.price, "c θ"), tables(n, levels), vertices(n)

    def objective(theta: Array) -> Array:
        column = costs.reshape(-1, *[1] * (theta.ndim - 1), 2**n)
        return extend(column, theta) + price(c, theta).sum(-1)

    title = f"{n} gates, c = {c:g}"
    points = np.array(list(product([0, 0.375, 1], repeat=n)))
    free = (points > 0) & (points < 1)
    at_vertex, here = objective(bits.astype(float)), objective(points)
    yield cases(here >= at_vertex.min(-1, keepdims=True), f"{title}: a vertex is lowest")

    corners = points[:, None] + np.where(bits, 0.125, -0.125) * free[:, None]
    minimal = (objective(corners) >= here[..., None]).all(-1) & free.any(-1)
    on_face = (free[:, None] | (bits == points[:, None])).all(-1)
    top = np.where(on_face, at_vertex[:, None], -np.inf).max(-1)
    bottom = np.where(on_face, at_vertex[:, None], np.inf).min(-1)
    yield cases((top == bottom) | ~minimal, f"{title}: flat around a fractional minimiser")

    ties = numeric(f.worth, "off on")(*off_and_on(costs)) == c
    tied = np.einsum("tvi,pv,pi->tp", ties, on_face, free, optimize=True) > 0
    yield cases(tied | ~minimal, f"{title}: then c is a marginal value on that face")

    generic = ~ties.any((-1, -2)) if f.generic_price else np.ones(len(costs), bool)
    rise = at_vertex[:, neighbours(n)] - at_vertex[..., None]
    strict = (rise > 0).all(-1) | (rise < 0).any(-1)
    strict_only = np.asarray(strict.all(-1) & ~minimal.any(-1))
    yield cases(strict_only[generic],
                f"{title}: if c is none, each local minimiser is a strict vertex")


@dataclass(frozen=True)
class FlatFaceFormulas:
    """The counterexample of claim D1x: an objective in two gates θ and φ, and a point on it."""

    objective: str = "φ*(θ - 1/4)"
    gate: str = "1/2"


_FLAT_FACE = FlatFaceFormulas()


@claim(
    "D1x",
    "It is false that the vertices of the flat face around a fractional local minimiser are local "
    "minimisers too, or that every local minimiser is a vertex: θ₂(θ₁−¼) has the local minimiser "
    "(½, 0), constant along θ₁, but (0, 0) is none.",
    supports=("A3",),
    source=SOURCE,
    formulas=_FLAT_FACE,
    controls={
        "θ₂(θ₁+¼)": replace(_FLAT_FACE, objective="φ*(θ + 1/4)"),
        "θ₂(θ₁−¾)": replace(_FLAT_FACE, objective="φ*(θ - 3/4)"),
        "the point (⅛, 0)": replace(_FLAT_FACE, gate="1/8"),
    },
)
def flat_face(f: FlatFaceFormulas) -> Iterator[Evidence]:
    """The price is within: C = θ₁θ₂ − θ₁/4 − θ₂/2 and c = ¼ give this objective."""
    import sympy as sp

    theta, phi = sp.symbols("θ φ", nonnegative=True)
    objective, gate = parse(f.objective, theta, phi), parse(f.gate)
    near = [theta >= gate - sp.Rational(1, 10), theta <= gate + sp.Rational(1, 10), phi <= 1]
    yield decide(near, objective >= objective.subs({theta: gate, phi: 0}),
                 "the fractional point is a local minimiser")
    yield identity(objective.subs(phi, 0), 0, "constant on the face that frees θ₁")
    yield exact(sp.diff(objective, phi).subs({theta: 0, phi: 0}) < 0,
                "at (0, 0) the objective falls as θ₂ rises")


@dataclass(frozen=True)
class CurvatureFormulas:
    """What claim D2 states, with h = ∂²J/∂w², b = ∂²J/∂w∂θ: the Hessian's gate entry and root."""

    gate_curvature: str = "0"
    lowest: str = "(h - sqrt(h**2 + 4*b**2))/2"
    mixed_derivative: bool = True


_CURVATURE = CurvatureFormulas()


@claim(
    "D2",
    "An interior stationary point of J(w,θ) with a non-zero mixed derivative b is a strict "
    "saddle: ∂²J/∂θ_i² = 0, so the Hessian's lowest eigenvalue is at most (h−√(h²+4b²))/2 < 0. "
    "The partner coordinate is a weight, an interior gate, or a bound one with zero gradient.",
    supports=("A3", "A5"),
    source=SOURCE,
    formulas=_CURVATURE,
    controls={
        "a fixed prior's curvature": replace(_CURVATURE, gate_curvature="4"),
        "b² for 4b²": replace(_CURVATURE, lowest="(h - sqrt(h**2 + b**2))/2"),
        "the upper root": replace(_CURVATURE, lowest="(h + sqrt(h**2 + 4*b**2))/2"),
        "mixed derivative zero allowed": replace(_CURVATURE, mixed_derivative=False),
    },
)
def saddles(f: CurvatureFormulas) -> Iterator[Evidence]:
    """The 2×2 block of gate and partner bounds the lowest eigenvalue of the whole Hessian.

    For the lowest eigenvalue is the least of vᵀHv over unit vectors v, and vectors that vanish
    outside the two coordinates are among them. Where the partner is bound, a direction and its
    opposite have the same curvature, and one of them leads into the cube: with no gradient
    against it, J falls along it.
    """
    import sympy as sp

    theta, c, lam, root = symbols("θ c λ r")
    w, h, b = sp.symbols("w h b", real=True)
    off, worth = sp.Function("f")(w), sp.Function("g")(w)
    objective = off - theta * worth + lam * w**2 / 2 + c * theta
    bend = parse(f.gate_curvature)
    yield identity(sp.diff(objective, theta, 2), bend, "curvature in a gate")
    lowest = parse(f.lowest, h, b)
    block = sp.Matrix([[h, b], [b, bend]])
    places = [{h: 2, b: sp.Rational(1, 3)}, {h: -2, b: 5}]
    yield identity((block - lowest * sp.eye(2)).det(), 0, "an eigenvalue of the block", at=places)
    yield identity(lowest.subs(b, 0), (h - sp.Abs(h)) / 2, "the lower one", at=places)
    given = [sp.Eq(root**2, h**2 + 4 * b**2), *([sp.Ne(b, 0)] if f.mixed_derivative else [])]
    in_root = lowest.subs(sp.sqrt(h**2 + 4 * b**2), root)
    yield decide(given, in_root < 0, "it is negative")
    yield decide(given, block.trace() - in_root > 0, "the other is positive: a saddle")
    into = sp.Matrix([1, -(h**2 + 1) / (2 * b)])  # the partner moves up
    yield decide(given, (into.T * block * into)[0] < 0, "J falls into the cube at a bound partner")
    yield _random_hessians(f)


def _random_hessians(f: CurvatureFormulas) -> Evidence:
    """Symmetric matrices of order 6 whose last two coordinates are gates."""
    half = np.random.default_rng(2).normal(size=(400, 6, 6)) * np.geomspace(0.01, 10, 6)
    hessians = half + half.swapaxes(1, 2)
    hessians[:, [4, 5], [4, 5]] = float(parse(f.gate_curvature))
    diagonal = np.einsum("kii->ki", hessians)
    bound = numeric(f.lowest, "h b")(diagonal[:, :5], hessians[:, :5, 5])
    least = np.linalg.eigvalsh(hessians)[:, :1]
    return cases(least <= bound + 1e-9, "whole Hessians against the bound", core=False)


@dataclass(frozen=True)
class BoundPartnerFormulas:
    """The counterexample of claim D2x: an objective in two gates θ and φ, and a point on it."""

    objective: str = "θ*φ"
    gate: str = "1/2"
    partner: str = "0"


_BOUND_PARTNER = BoundPartnerFormulas()


@claim(
    "D2x",
    "It is false that a stationary interior gate with a non-zero mixed derivative always lets J "
    "fall: where the partner is held at 0 by a positive gradient, as in J = θ₁θ₂ at (½, 0), the "
    "point is a constrained minimum all the same.",
    supports=("A3",),
    source=SOURCE,
    formulas=_BOUND_PARTNER,
    controls={
        "partner with zero gradient": replace(_BOUND_PARTNER, objective="(θ - 1/2)*φ"),
        "partner with negative gradient": replace(_BOUND_PARTNER, objective="-θ*φ"),
        "partner at 1": replace(_BOUND_PARTNER, partner="1"),
        "no mixed derivative": replace(_BOUND_PARTNER, objective="φ"),
    },
)
def bound_partner(f: BoundPartnerFormulas) -> Iterator[Evidence]:
    """Also (½, 1) with the partner held at 1, by θ₂ → 1−θ₂."""
    import sympy as sp

    theta, phi = sp.symbols("θ φ", nonnegative=True)
    objective = parse(f.objective, theta, phi)
    point = {theta: parse(f.gate), phi: parse(f.partner)}
    yield decide([theta <= 1, phi <= 1], objective >= objective.subs(point),
                 "nothing in the square is lower")
    yield exact(sp.Ne(sp.diff(objective, theta, phi).subs(point), 0), "mixed derivative not 0")
    yield exact(sp.Eq(sp.diff(objective, theta).subs(point), 0), "the gate is stationary")
    yield exact(sp.diff(objective, phi).subs(point) > 0, "the partner's gradient is positive")
