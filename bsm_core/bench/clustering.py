"""Finding the blind spots among thousands of unknown unknowns: how long each phase of the job takes."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tabulate import tabulate

from bsm_core.bench.quiet import QuietContext
from bsm_core.classifiers.text_vectors import SentenceVectors
from bsm_core.config import EMBEDDED_ENCODER, load_preset
from bsm_core.domain.blind_spots import SpotMethod, SpotSpace
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.tasks import Example, Split
from bsm_core.errors import WorkbenchError
from bsm_core.grouping.grouper import LANDMARKS, SpotGrouper
from bsm_core.tasks.assets import asset_path
from bsm_core.tasks.loading import load_dataset
from bsm_core.workflow.cluster import cluster, usual_size
from bsm_core.workflow.tables import example_table

_NATURAL = 5
"""Every fifth text is taken as it stands, the others with two letters swapped: as after an attack."""

_WRONG = 5
"""Every fifth validation text counts as wrong."""

_MOST_TEXTS = 8_000
"""Of the 8,530 packaged sentences; of more UUs some are made from the same sentence."""


@dataclass(frozen=True, slots=True)
class Phase:
    name: str
    seconds: float
    processor: float
    """Seconds of processor time: what counts on a machine that does other things as well."""


class PhaseClock(QuietContext):
    """A job's context that notes when each phase begins."""

    def __init__(self, inputs: Path) -> None:
        self.inputs = inputs
        self._begun = [("", *_clocks())]

    def progress(self, phase: str, done: int, total: int) -> None:  # noqa: ARG002
        if self._begun[-1][0] != phase:
            # The first phase begins with the job, so that loading the encoder counts to reading.
            begun = self._begun.pop()[1:] if not self._begun[-1][0] else _clocks()
            self._begun.append((phase, *begun))

    def phases(self) -> list[Phase]:
        """Up to now."""
        marks = [*self._begun, ("", *_clocks())]
        return [
            Phase(name, until - since, burnt - before) for (name, since, before), (_, until, burnt) in pairwise(marks)
        ]


def _clocks() -> tuple[float, float]:
    """(wall, processor)."""
    return time.perf_counter(), time.process_time()


def run(count: int, method: str, json_path: Path | None) -> None:
    """Print the seconds of each phase over ``count`` UUs; write them to ``json_path``.

    Raises WorkbenchError for a count below 2.
    """
    if count < 2:
        raise WorkbenchError(f"--n {count} makes no clusters; use 2 or more")
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="bsm-bench-") as scratch:
        texts = _write_inputs(Path(scratch), count)
        spec = _spec(count, SpotMethod(method))
        clock = PhaseClock(Path(scratch))
        result = cluster(
            spec,
            clock,
            embedder_for=lambda _space, _path: SentenceVectors(asset_path(EMBEDDED_ENCODER)),
            grouper_for=SpotGrouper,
        )
        phases = clock.phases()
    spots = len(result.clusterings[0][0].spots)
    told = [*phases, _sum("all but reading", phases[1:]), _sum("together", phases)]
    rows = [[phase.name, f"{phase.seconds:.1f}", f"{phase.processor:.1f}"] for phase in told]
    print(f"{count:,} unknown unknowns among {texts:,} validation texts, {method}: {spots} spots")
    print(
        tabulate(rows, ["phase", "seconds", "CPU seconds"], disable_numparse=True, colalign=("left", "right", "right"))
    )
    print(
        f"{os.cpu_count()} processors ({platform.machine()}), {os.environ.get('OMP_NUM_THREADS', 'all')} threads, "
        f"load {load:.1f} before and {os.getloadavg()[0]:.1f} after; t-SNE over {min(count, LANDMARKS):,} of the texts"
    )
    if json_path is not None:
        body: dict[str, Any] = {"count": count, "method": method, "spots": spots, "processors": os.cpu_count()}
        json_path.write_text(json.dumps(body | {"phases": [asdict(one) for one in phases]}, indent=2) + "\n", "utf-8")


def _sum(name: str, phases: Sequence[Phase]) -> Phase:
    return Phase(name, sum(one.seconds for one in phases), sum(one.processor for one in phases))


def _write_inputs(folder: Path, count: int) -> int:
    """What the job would be told: real review sentences; returns how many are validation texts."""
    size = min(count, _MOST_TEXTS)
    config = replace(load_preset("demo"), task="rotten_tomatoes", train_size=1, validation_size=size, test_size=1)
    examples = list(load_dataset(config).of(Split.VALIDATION))
    wrong = pa.array([place % _WRONG == 0 for place in range(len(examples))], pa.bool_())
    pq.write_table(example_table(examples).append_column("wrong", wrong), folder / "validation.parquet")
    rows = [_unknown(examples[place % len(examples)], place) for place in range(count)]
    pq.write_table(pa.Table.from_pylist(rows), folder / "unknowns.parquet")
    before = {"spot_id": pa.array([], pa.string()), "name": pa.array([], pa.string())}
    pq.write_table(pa.table(before | {"item_ids": pa.array([], pa.list_(pa.string()))}), folder / "before.parquet")
    return len(examples)


def _unknown(example: Example, place: int) -> dict[str, str | None]:
    text = example.text[0]
    shown = text if place % _NATURAL == 0 else _swapped(text, place)
    own = {"item_id": f"u{place:05d}", "example_id": example.example_id}
    return own | {"text": shown, "text_b": None, "original_text": text, "original_text_b": None}


def _swapped(text: str, place: int) -> str:
    words = text.split()
    at = place % len(words)
    words[at] = words[at][:1] + words[at][1:3][::-1] + words[at][3:]
    return " ".join(words)


def _spec(count: int, method: SpotMethod) -> JobSpec:
    params: dict[str, object] = {
        "model_id": "m-bench",
        "model_path": "",
        "clustering_id": "cl-bench",
        "tau": 0.65,
        "method": method,
        "space": SpotSpace.ENCODER,
        "size": usual_size(method, count),
    }
    return JobSpec("bench", "st-bench", JobKind.CLUSTER, "Find blind spots", 0, params, datetime.now(UTC))
