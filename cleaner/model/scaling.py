"""Scale features to small whole numbers, so that every sum of weighted features is exact.

A feature is standardised, clipped at six standard deviations and rounded to a twentieth of one.
Weights are whole numbers too. Sums of products stay below EXACT and are therefore exact in
float32, in any order and on any machine: a line's score has the same bits alone and in any batch.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from cleaner.text import Flags, Floats

# Steps of one standard deviation, and the clipping (RESEARCH: ±6) in steps; fits an int8.
STEPS = 20
LIMIT = 6 * STEPS
# One unit of a stored weight: log-odds per step.
WEIGHT_UNIT = 2.0**-14
# Whole numbers up to this are exact in float32.
EXACT = 2**24

# Quantised features.
Steps = NDArray[np.int8]


class Scaling(NamedTuple):
    """Standardisation of the columns of one feature matrix."""

    mean: Floats  # (n_features,)
    deviation: Floats  # (n_features,), positive

    @classmethod
    def fit(cls, total: NDArray[np.float64], squares: NDArray[np.float64], n: int) -> Scaling:
        """Compute means and standard deviations from sums and sums of squares over n rows."""
        mean = total / n
        deviation = np.sqrt(np.maximum(squares / n - mean**2, 0)) + 1e-6
        return cls(mean.astype(np.float32), deviation.astype(np.float32))

    def part(self, start: int, stop: int) -> Scaling:
        """Scaling of the features from start to stop."""
        return Scaling(self.mean[start:stop], self.deviation[start:stop])

    def quantise(self, columns: Floats, occupied: Floats | Flags) -> Floats:
        """Scale and round columns.

        Parameters
        ----------
        columns : float32 array (n_features, n_rows)
        occupied : float32 or bool array (n_rows,)
            1 for a line, 0 for an empty row.

        Returns
        -------
        float32 array (n_features, n_rows)
            Whole numbers from -LIMIT to LIMIT; 0 in empty rows, which is an average line.
        """
        scale = np.float32(STEPS) / self.deviation
        quantised: Floats = columns * scale[:, None]
        quantised -= (self.mean * scale)[:, None]
        quantised *= occupied
        np.rint(quantised, out=quantised)
        return np.clip(quantised, -LIMIT, LIMIT, out=quantised)
