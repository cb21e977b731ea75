"""The event log survives kills and nonsense, and its history is read little by little."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from bsm_core.jobs.events import CURVE_POINTS, LOG_LINES, Curve, EventLog, JobHistory, append_event, make_event


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def test_history_without_a_file_is_empty(path: Path) -> None:
    history = JobHistory(path)
    history.refresh()
    assert (history.phase, history.log, history.metrics, history.seconds(running=True)) == ("", (), (), 0.0)


def test_refresh_reads_only_what_is_new_and_waits_for_the_line_being_written(path: Path) -> None:
    history = JobHistory(path)
    append_event(path, make_event("log", message="one"))
    history.refresh()
    half = json.dumps(make_event("log", message="two"))
    with path.open("a") as file:
        file.write(half[:20])
        file.flush()
        history.refresh()
        assert history.log == ("one",)
        file.write(half[20:] + "\n")
    history.refresh()
    assert history.log == ("one", "two")


def test_line_torn_by_a_kill_costs_that_line_only(path: Path) -> None:
    append_event(path, make_event("log", message="before"))
    with path.open("ab") as file:
        file.write(b'{"t": "2026-01-05T09')
    log = EventLog(path)
    log.append(make_event("log", message="after"))
    log.append(make_event("log", message="and on"))
    log.close()
    history = JobHistory(path)
    history.refresh()
    assert history.log == ("before", "after", "and on")


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\xff\xfe garbage",
        b"",
        b"null",
        b"[1, 2]",
        b'"text"',
        b"{}",
        b'{"t": "yesterday", "type": "log", "message": "x"}',
        b'{"t": 5, "type": "log", "message": "x"}',
        b'{"t": "2026-01-05T09:00:00+00:00", "type": "progress", "phase": "p", "done": "many", "total": 3}',
        b'{"t": "2026-01-05T09:00:00+00:00", "type": "metric", "name": "loss", "step": null, "value": 1}',
        b'{"t": "2026-01-05T09:00:00+00:00", "type": "progress"}',
        b'{"t": "2026-01-05T09:00:00+00:00"}',
    ],
)
def test_corrupt_lines_are_passed_over(path: Path, line: bytes) -> None:
    path.write_bytes(line + b"\n")
    append_event(path, make_event("progress", phase="training", done=1, total=2))
    history = JobHistory(path)
    history.refresh()
    assert (history.phase, history.done, history.total) == ("training", 1, 2)
    assert history.metrics == ()


def test_unknown_event_types_are_passed_over(path: Path) -> None:
    append_event(path, make_event("applause", volume=11))
    history = JobHistory(path)
    history.refresh()
    assert history.latest is not None


def test_log_keeps_the_newest_lines(path: Path) -> None:
    log = EventLog(path)
    for number in range(LOG_LINES + 50):
        log.append(make_event("log", message=str(number)))
    log.close()
    history = JobHistory(path)
    history.refresh()
    assert len(history.log) == LOG_LINES
    assert history.log[-1] == str(LOG_LINES + 49)


def test_started_again_resets_the_progress_and_the_clock(path: Path) -> None:
    for event in (
        {"t": "2026-01-05T09:00:00+00:00", "type": "started", "device": ""},
        {"t": "2026-01-05T09:10:00+00:00", "type": "progress", "phase": "training", "done": 5, "total": 9},
        {"t": "2026-01-05T10:00:00+00:00", "type": "started", "device": "cuda"},
        {"t": "2026-01-05T10:00:30+00:00", "type": "log", "message": "x"},
    ):
        append_event(path, event)
    history = JobHistory(path)
    history.refresh()
    assert (history.phase, history.done, history.device, history.seconds(running=False)) == ("", 0, "cuda", 30.0)


def test_phase_begins_anew_with_each_worker_at_what_was_done_before(path: Path) -> None:
    def at(second: int, type_: str, **values: object) -> None:
        append_event(path, make_event(type_, **values) | {"t": f"2026-01-05T09:00:{second:02d}+00:00"})

    history = JobHistory(path)
    at(0, "started", device="cpu")
    at(1, "progress", phase="reading", done=3, total=3)
    at(4, "progress", phase="attacking", done=0, total=9)
    at(9, "progress", phase="attacking", done=5, total=9)
    history.refresh()
    assert (history.phase_from, history.phase_seconds(running=False)) == (0, 5.0)
    at(20, "started", device="cpu")
    at(22, "progress", phase="attacking", done=5, total=9)
    at(25, "progress", phase="attacking", done=6, total=9)
    history.refresh()
    assert (history.phase_from, history.phase_seconds(running=False)) == (5, 3.0)


def test_curve_is_thinned_and_always_ends_with_the_newest_point() -> None:
    curve = Curve("loss")
    for step in range(10_001):
        curve.add(step, float(step))
    points = curve.points()
    assert len(points) <= CURVE_POINTS
    assert [points[0].step, points[-1].step] == [0, 10_000]
    gaps = [after.step - before.step for before, after in pairwise(points[:-1])]
    assert len(set(gaps)) == 1


def test_curve_of_a_resumed_job_has_each_step_once() -> None:
    curve = Curve("loss")
    for step in (1, 2, 3, 4, 5):
        curve.add(step, 0.5)
    for step in (3, 4, 5, 6):
        curve.add(step, 0.25)
    assert [(point.step, point.value) for point in curve.points()] == [
        *((1, 0.5), (2, 0.5)),
        *((3, 0.25), (4, 0.25), (5, 0.25), (6, 0.25)),
    ]


def test_event_log_on_a_full_device_raises_and_recovers_on_a_line_of_its_own(path: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        append_event(Path("/dev/full"), make_event("log", message="x"))
    append_event(path, make_event("log", message="room again"))
    assert path.read_bytes().endswith(b"\n")
