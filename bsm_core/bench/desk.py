"""The writing desk's answer: from the question to the classifier's answer with its nearest training texts."""

from __future__ import annotations

import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bsm_core.answering.process import AnswerProcess
from bsm_core.bench.attack import Options, read_examples
from bsm_core.classifiers.untrained import save_untrained
from bsm_core.config import EMBEDDED_ENCODER
from bsm_core.errors import WorkbenchError
from bsm_core.tasks.assets import asset_path

_LOADING = 300.0
"""Seconds that the model and the training texts may take to be read."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds an answer takes, over ``asked`` questions; seconds until the first answer and until all training
    texts were read."""

    asked: int
    references: int
    median_ms: float
    p95_ms: float
    first_answer_s: float
    all_read_s: float
    load: float


def run(asked: int, references: int, json_path: Path | None) -> None:
    """Print the figures, and write them to ``json_path``. Raises WorkbenchError when no answer comes."""
    found = measure(asked, references)
    print(
        f"{found.asked} answers over {found.references:,} training texts: median {found.median_ms:.0f} ms, "
        f"95th percentile {found.p95_ms:.0f} ms; first answer after {found.first_answer_s:.1f} s, "
        f"training texts read after {found.all_read_s:.1f} s; load {found.load:.1f}"
    )
    if json_path is not None:
        json_path.write_text(json.dumps(asdict(found), indent=2) + "\n", "utf-8")


def measure(asked: int, references: int) -> Figures:
    texts = [example.text for example in read_examples(Options(n=asked + references))]
    written, train = texts[:asked], texts[asked:]
    with tempfile.TemporaryDirectory(prefix="bsm-bench-") as scratch:
        folder = save_untrained(asset_path(EMBEDDED_ENCODER), Path(scratch), train[:100], 0)
        known = Path(scratch) / "train.parquet"
        sides = {"text": [text[0] for text in train], "text_b": pa.nulls(len(train), pa.string())}
        pq.write_table(pa.table({**sides, "label": [0] * len(train)}), known)
        process = AnswerProcess()
        try:
            began = time.monotonic()
            if process.ask(folder, known, written[0], _LOADING) is None:
                raise WorkbenchError(f"no answer after {_LOADING:.0f} s; is the machine busy?")
            first = time.monotonic() - began
            while (answer := process.ask(folder, known, written[0], _LOADING)) is None or answer.read < 1:
                time.sleep(0.2)
            read = time.monotonic() - began
            took = []
            for text in written:
                start = time.perf_counter()
                process.ask(folder, known, text, _LOADING)
                took.append(1000 * (time.perf_counter() - start))
        finally:
            process.close()
    return Figures(
        asked,
        len(train),
        float(np.median(took)),
        float(np.percentile(took, 95)),
        first,
        read,
        os.getloadavg()[0],
    )
