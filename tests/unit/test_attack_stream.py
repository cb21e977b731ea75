"""A running attack as the server sees it: read little by little, and the same after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bsm_core.domain.tasks import Split
from bsm_core.domain.unknowns import AttackOutcome, Perturbation
from bsm_core.metrics.attack import tally
from bsm_core.workflow import attack_stream
from bsm_core.workflow.attack_stream import RECENT, AttackStream
from tests.factories import make_dataset
from tests.store.worlds import attack_rows

_ADAPTER = TypeAdapter(Perturbation)
_ROWS = attack_rows("set", make_dataset(validation=8).of(Split.VALIDATION)[:8], "++s-+e++", [0.9] * 8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "perturbations.jsonl"


def _lines(rows: Sequence[Perturbation]) -> bytes:
    return b"".join(_ADAPTER.dump_json(row) + b"\n" for row in rows)


def test_nothing_is_known_before_the_first_text(path: Path) -> None:
    stream = AttackStream(path)
    assert stream.read() is None
    path.write_bytes(_lines(_ROWS)[:40])
    assert stream.read() is None


def test_only_what_was_appended_is_read_and_half_a_line_is_left(path: Path) -> None:
    stream, whole = AttackStream(path), _lines(_ROWS)
    path.write_bytes(_lines(_ROWS[:3]) + _lines(_ROWS[3:4])[:50])
    first = stream.read()
    assert first is not None
    assert (first.done, first.counted) == (3, tally(_ROWS[:3]))
    # What was read is not looked at again.
    path.write_bytes(b"#" * len(_lines(_ROWS[:3])) + whole[len(_lines(_ROWS[:3])) :])
    second = stream.read()
    assert second is not None
    assert (second.done, second.counted) == (8, tally(_ROWS))


def test_restarted_server_sees_the_same(path: Path) -> None:
    path.write_bytes(_lines(_ROWS[:5]))
    stream = AttackStream(path)
    stream.read()
    path.write_bytes(_lines(_ROWS))
    assert stream.read() == AttackStream(path).read()


def test_large_stream_is_read_in_parts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attack_stream, "_PART", 10)
    path.write_bytes(_lines(_ROWS))
    found = AttackStream(path).read()
    assert found is not None
    assert found.counted == tally(_ROWS)


def test_recent_are_the_last_that_fooled_the_model_newest_first(path: Path) -> None:
    path.write_bytes(_lines(_ROWS))
    found = AttackStream(path).read()
    assert found is not None
    fooled = [row for row in _ROWS if row.outcome is AttackOutcome.SUCCESSFUL]
    assert list(found.recent) == fooled[::-1][:RECENT]


def test_stream_that_a_resumed_job_cut_off_is_read_anew(path: Path) -> None:
    path.write_bytes(_lines(_ROWS))
    stream = AttackStream(path)
    stream.read()
    path.write_bytes(_lines(_ROWS[:2]))
    found = stream.read()
    assert found is not None
    assert (found.done, found.counted) == (2, tally(_ROWS[:2]))


def test_queries_of_a_resumed_worker_leave_out_what_was_there_before(path: Path) -> None:
    path.write_bytes(_lines(_ROWS))
    found = AttackStream(path).read()
    assert found is not None
    assert found.queries_since(0) == sum(row.queries for row in _ROWS)
    assert found.queries_since(3) == sum(row.queries for row in _ROWS[3:])
    assert found.queries_since(8) == 0
