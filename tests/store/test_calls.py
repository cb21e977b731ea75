"""What was said to the teacher."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.errors import NotFoundError
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_call


@pytest.mark.parametrize("error", [None, "no answer within 60 s"])
def test_call_comes_back_as_it_was_made(store: DuckStore, error: str | None) -> None:
    call = make_call("c1", error=error)
    store.calls.add(call)
    assert store.calls.get("c1") == call
    with pytest.raises(NotFoundError, match="no teacher call 'nothing'"):
        store.calls.get("nothing")


def test_pages_are_newest_first(store: DuckStore) -> None:
    for n in range(5):
        store.calls.add(make_call(f"c{n}", at=n))
    store.calls.add(make_call("c-other", study_id="st-other"))
    pages = [store.calls.page(STUDY_ID, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [[call.call_id for call in page.rows] for page in pages] == [["c4", "c3"], ["c2", "c1"], ["c0"]]
    assert {page.total for page in pages} == {5}


def test_totals_leave_unreported_usage_out(store: DuckStore) -> None:
    assert store.calls.totals(STUDY_ID) == (0, 0, 0, 0.0)
    store.calls.add(replace(make_call("c1"), prompt_tokens=100, completion_tokens=20, cost=0.25))
    store.calls.add(replace(make_call("c2"), prompt_tokens=50, completion_tokens=5, cost=None))
    store.calls.add(make_call("c3", error="refused"))
    assert store.calls.totals(STUDY_ID) == (3, 150, 25, 0.25)
