"""The crowd's grid of market time: steps of half a second, blocks of ten minutes, days; all from market second 0."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from messages.values import SECOND

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

STEP_S = 0.5
STEP_NS = SECOND // 2
STEPS = 1_200
"""In a block."""
BLOCK_S = 600
BLOCK_NS = BLOCK_S * SECOND
BLOCKS = 144
"""In a day."""
DAY_S = 86_400
HOUR_S = 3_600

STEP_TIMES: Floats = np.arange(STEPS + 1, dtype=np.float64) * STEP_S
"""Seconds after the block's start, both ends included."""
