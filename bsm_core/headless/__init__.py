"""Main jobs without a browser: the loop, and experiments."""

from bsm_core.headless.bars import ProgressBars
from bsm_core.headless.loop import arms_for, run

__all__ = ["ProgressBars", "arms_for", "run"]
