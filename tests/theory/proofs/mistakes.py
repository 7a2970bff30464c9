"""Mistakes put into the code that a claim is about: the claim must find them."""

from theory import claims
from theory.estimation import Moments
from theory.ledger import run

CLAIMS = {claim.id: claim for claim in claims()}


def finds(id, code, wrong, by):
    """Whether a claim finds a violation with other code than its own, ``by`` the evidence named."""
    items = run(CLAIMS[id], CLAIMS[id].states.but({code: wrong}), by)
    return any(not item.passed for item in items)


def finds_in(id, method, mistake, code="implementation", *, by):
    """Whether a claim finds a mistake in one method of the class that is its code."""
    broken = type("Broken", (CLAIMS[id].states.code[code],), {method: mistake})
    return finds(id, code, broken, by)


def finds_half_the_variance(id, method, code="implementation", *, by):
    """Whether a claim finds that an estimator states a variance of half the size."""

    def wrong(self, *arguments):
        mean, variance = getattr(super(type(self), self), method)(*arguments)
        return Moments(mean, variance / 2)

    return finds_in(id, method, wrong, code, by=by)
