"""What the server keeps for its whole life is put where the garbage collector does not look."""

from __future__ import annotations

import gc

# Loaded with this module, so that they are there when ``settle`` is called.
import pandas  # noqa: F401

from bsm_core.charts import confidence  # noqa: F401


def settle() -> None:
    """Freeze what is loaded by now. Called once, before the first visitor.

    Streamlit collects garbage after each run of a page, holding up the answer that is still being sent. Over the
    modules of pandas and Plotly that takes longer than our pages do (about 90 ms, each time, to find nothing).
    """
    gc.collect()
    gc.freeze()


def release() -> None:
    """Before the server ends: DuckDB complains on the console about what the interpreter's end does not collect."""
    gc.unfreeze()
