"""Name the types of the arrays that pass between modules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]


Ints = NDArray[np.int64]


Hashes = NDArray[np.uint64]


Floats = NDArray[np.float32]


Flags = NDArray[np.bool_]
