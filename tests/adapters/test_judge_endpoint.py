"""The teacher as a judge over the real wire: a job of the workbench, the real client, a scripted endpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from bsm_core.bootstrap import build_inline
from bsm_core.config import Settings, TeacherConfig
from bsm_core.domain.jobs import JobState
from bsm_core.domain.unknowns import Verdict
from bsm_core.errors import NothingToDoError
from bsm_core.workbench import Workbench
from tests.endpoint import Reply, Request, ScriptedEndpoint, fails, says
from tests.factories import BASELINE_ID, STUDY_ID, make_filled_store

AGENT = "lm:scripted"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    make_filled_store(tmp_path / "workbench.duckdb").close()
    return tmp_path


@pytest.fixture
def keyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")


def opened(workspace: Path, endpoint: ScriptedEndpoint) -> Workbench:
    return build_inline(Settings(workspace, TeacherConfig(endpoint=endpoint.url, model="scripted", retries=0)))


def calls(workbench: Workbench) -> int:
    return workbench.store.calls.totals(STUDY_ID)[0]


@pytest.mark.usefixtures("keyed")
def test_sample_is_judged_in_a_job_that_a_refused_key_only_interrupts(workspace: Path) -> None:
    """Refused in the middle: the calls are kept at once; resumed, the rest is asked, and nothing twice."""
    refused = [3]

    def reply(_: Request) -> Reply:
        refused[0] -= 1
        return fails(401, "wrong key") if refused[0] == 0 else says("No.\nThe opinion is gone.")

    with ScriptedEndpoint(reply) as endpoint:
        workbench = opened(workspace, endpoint)
        workbench.judging.set_draw(STUDY_ID, 8, 0.3)
        before = calls(workbench)
        asked = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65, AGENT).open_questions
        job_id = workbench.judging.start_teacher(STUDY_ID, BASELINE_ID, 0.65)
        workbench.tick()
        assert workbench.job(job_id).state is JobState.FAILED
        assert calls(workbench) - before == len(endpoint.requests)
        assert not [one for one in workbench.store.judgements.ballots(STUDY_ID) if one.agent == AGENT]
        workbench.resume(job_id)
        workbench.tick()
        assert workbench.job(job_id).state is JobState.INGESTED
        assert len(endpoint.requests) == len(asked) + 1
        assert calls(workbench) - before == len(asked) + 1
        ledger = workbench.judging.ledger(STUDY_ID, BASELINE_ID, 0.65, AGENT)
        assert ledger.open_questions == ()
        (record,) = [one for one in ledger.records if one.judge == AGENT]
        assert record.sample == (8, 8)
        assert record.originals[1] + record.held[1] == len(asked) - 8 > 0
        with pytest.raises(NothingToDoError, match="has judged all of these"):
            workbench.judging.start_teacher(STUDY_ID, BASELINE_ID, 0.65)
        workbench.close()


@pytest.mark.usefixtures("keyed")
def test_all_uus_are_judged_and_a_bad_answer_is_told_and_can_be_asked_again(workspace: Path) -> None:
    answers = iter(["It depends."])

    with ScriptedEndpoint(lambda _: says(next(answers, "yes"))) as endpoint:
        workbench = opened(workspace, endpoint)
        workbench.judging.set_draw(STUDY_ID, 5, 0.0)
        raw = workbench.judging.corrected(STUDY_ID, BASELINE_ID, 0.65).raw
        assert raw > 5
        workbench.judging.start_teacher(STUDY_ID, BASELINE_ID, 0.65, everything=True)
        workbench.tick()
        said = [one for one in workbench.store.judgements.ballots(STUDY_ID) if one.agent == AGENT]
        assert len(said) == raw - 1
        assert {one.verdict for one in said} == {Verdict.YES}
        ((_, why),) = workbench.judging.unusable(STUDY_ID).items()
        assert "does not begin with yes, no or unsure: 'It depends.'" in why
        workbench.judging.start_teacher(STUDY_ID, BASELINE_ID, 0.65, everything=True)
        workbench.tick()
        assert len(endpoint.requests) == raw + 1
        assert workbench.judging.unusable(STUDY_ID) == {}
        workbench.close()
