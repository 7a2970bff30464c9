"""Types of the numbers that closed forms take and return."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

# What a closed form returns: a float (or bool) where all that it depends on is scalar, an array of
# the broadcast shape otherwise. Which of them, only the caller knows, so that a union would have
# to be taken apart at every use; like NumPy for its ufuncs, this leaves it open.
ArrayOrFloat: TypeAlias = Any
ArrayOrBool: TypeAlias = Any
