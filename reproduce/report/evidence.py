"""What stands behind a claim beside its verdict: its proof, its tests and its pictures."""

import re
from pathlib import Path

import theory

# Pictures of the claims whose names begin so; the longest beginning that fits counts.
PICTURES = {
    "H": ("hyperprior",),
    "H5": ("priors_small_data", "hyperprior"),
    "B": ("theory_in_practice_worths",),
    "D": ("lenet_300_100_separation",),
    "D3": ("theory_in_practice_worths",),
    "D4": ("theory_in_practice_worths",),
    "F": ("phase_portrait", "bifurcation"),
    "P1": ("basin", "death_times"),
    "P2": ("death_times",),
    "P3": ("escape",),
    "P4": ("theory_in_practice_worths",),
    "G": ("estimators_moments", "estimators_trajectories"),
    "G2": ("estimators_attractor", "estimators_trajectories"),
    "G5": ("gate_step",),
}


def pictures(claim: str) -> tuple[str, ...]:
    """The figures in which a claim is to be seen, by file name without ending."""
    fitting = [start for start in PICTURES if claim.startswith(start)]
    return PICTURES[max(fitting, key=len)] if fitting else ()


def proof(claim: theory.Claim) -> str:
    """The file of a claim's proof, from the root of the tree."""
    return f"{claim.check.__module__.replace('.', '/')}.py"


def tests(claim: theory.Claim) -> str:
    """The file of the tests of a claim's proof, from the root of the tree."""
    return f"tests/theory/proofs/test_{claim.check.__module__.rpartition('.')[2]}.py"


def existing(root: Path, files: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some files that are there."""
    return tuple(file for file in files if (root / file).is_file())


def anchor(claim: str) -> str:
    """What a link to a claim ends with."""
    return f"claim-{re.sub('[^A-Za-z0-9]', '', claim).lower()}"
