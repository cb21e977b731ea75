"""An attack while it runs, on Discover and on Jobs: outcomes so far, pace, and the last diffs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bsm_core.domain.jobs import JobKind, JobSpec, JobState
from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import Perturbation
from bsm_core.ports import JobContext, JobResult
from bsm_core.ui.components import attack_progress
from bsm_core.workbench import Workbench
from bsm_core.workflow.discover import PHASE, STREAM
from tests.factories import make_dataset
from tests.pages.conftest import OpenPage, make_workbench, put_job, served, words_of
from tests.store.worlds import attack_rows

_ADAPTER = TypeAdapter(Perturbation)
_ROWS = attack_rows("set", make_dataset(validation=6).of(Split.VALIDATION)[:6], "++-se+", [0.9] * 6)
_HOSTILE = replace(_ROWS[0], perturbed_text=("<img src=x onerror=alert(1)> & so on",))


@pytest.fixture
def attacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A job that has attacked 7 of 20 texts and goes on until the test is over."""
    over = threading.Event()
    monkeypatch.setattr(attack_progress, "_LEAST_SECONDS", 0.0)

    def handler(spec: JobSpec, context: JobContext) -> JobResult:
        context.progress(PHASE, 0, 20)
        context.partial.mkdir(exist_ok=True)
        lines = [_ADAPTER.dump_json(row) + b"\n" for row in [*_ROWS, _HOSTILE]]
        (context.partial / STREAM).write_bytes(b"".join(lines) + b'{"half a line')
        context.progress(PHASE, 20, 20)  # one that is written at once
        context.progress("", 7, 20)
        context.progress(PHASE, 6, 20)
        over.wait(60)
        context.check_cancelled()
        return JobResult(spec.job_id)

    with served(make_workbench(tmp_path / "workspace", handlers=dict.fromkeys(JobKind, handler))) as made:
        yield made
        over.set()


@pytest.mark.parametrize(
    "place", [("discover", JobKind.DISCOVER), ("compare", JobKind.EVALUATE), ("jobs", JobKind.EVALUATE)]
)
def test_running_attack_shows_outcomes_pace_and_the_last_diffs(
    attacking: Workbench, open_page: OpenPage, place: tuple[str, JobKind]
) -> None:
    put_job(attacking, JobState.RUNNING, place[1])
    said = words_of(open_page(place[0]))
    assert "<b>4</b> fooled" in said
    assert "<b>1</b> wrong before the attack" in said
    assert "<b>1</b> attack broke off" in said
    assert "13 to come" in said
    assert "a second" in said or "a minute" in said
    assert " left" in said
    assert "&lt;img" in said
    assert "<img" not in said


def test_job_that_attacks_nothing_has_no_outcomes(workbench: Workbench, open_page: OpenPage) -> None:
    put_job(workbench, JobState.RUNNING, JobKind.DISCOVER)  # nothing is written yet
    page = open_page("jobs")
    assert "bsm-bar" not in words_of(page)
    assert page.get("progress")
