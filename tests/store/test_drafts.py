"""What a write job brings beside samples: hypotheses, rejected drafts, nearness, and calls that were reused."""

from __future__ import annotations

from dataclasses import replace

from bsm_core.domain.authoring import DraftKind, Nearness, RejectedDraft
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.jobs import JobKind
from bsm_core.ports import JobResult
from bsm_core.store import DuckStore
from tests.factories import STUDY_ID, make_call, make_hypothesis, make_job, moment


def draft(number: int) -> RejectedDraft:
    kind, text = DraftKind.EXTRAPOLATION, f"the same again {number}"
    return RejectedDraft(f"d{number}", STUDY_ID, "j", kind, text, "too near", "h1", 0.8, None, "c1", moment(number))


def test_write_jobs_result_comes_in_whole_and_once(store: DuckStore) -> None:
    parent, child = make_hypothesis("h1", Agent.LM), make_hypothesis("h2", Agent.LM, parent="h1")
    first = replace(make_call("c1"), prompt_tokens=100, completion_tokens=20, cost=0.5)
    again = replace(first, call_id="c2", prompt_tokens=0, completion_tokens=0, cost=0.0, reused_from="c1")
    result = JobResult(
        "j",
        hypotheses=(parent, child),
        nearness=(Nearness("h2", "h1", 0.25, 0.5),),
        rejected=tuple(draft(number) for number in range(3)),
        calls=(first, again),
    )
    store.jobs.add(make_job("j", JobKind.WRITE))
    store.calls.add(first)  # kept when the job was stopped for a while
    assert store.ingest(result)
    assert not store.ingest(result)
    assert store.hypotheses.all(STUDY_ID) == [parent, child]
    assert store.drafts.nearness(STUDY_ID) == {"h2": Nearness("h2", "h1", 0.25, 0.5)}
    page = store.drafts.rejected(STUDY_ID, limit=2)
    assert ([one.draft_id for one in page.rows], page.total) == (["d2", "d1"], 3)
    assert page.rows[0] == draft(2)
    assert store.calls.get("c2") == again
    assert store.calls.totals(STUDY_ID) == (2, 100, 20, 0.5)
    assert store.calls.answer_tokens(STUDY_ID, "scripted") == {"abstraction": 20.0}
