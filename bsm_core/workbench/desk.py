"""Writing by hand: what the classifier says to what is being written, what comes near it, and drafts that survive."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq

from bsm_core.domain.studies import Study
from bsm_core.domain.synthesis import DecisionKind, DecisionRole
from bsm_core.domain.tasks import Split, Text
from bsm_core.ports import Answers, LiveAnswer, Neighbor, Store
from bsm_core.workbench.launch import Launcher
from bsm_core.workflow.repeats import repeat_shares
from bsm_core.workflow.review import ANONYMOUS, TAKEN_BACK, human_word
from bsm_core.workflow.specs import new_id

_WAIT = 0.25
"""Seconds a page waits for an answer; a model that is still loading takes longer, and is asked again."""


@dataclass(frozen=True, slots=True)
class Look:
    """``sample`` is the study's sample that repeats most of the text, and ``sample_share`` the share of the text's word
    trigrams that it has."""

    answer: LiveAnswer
    tau: float
    sample: Text | None
    sample_share: float

    @property
    def predicted(self) -> int:
        return max(range(len(self.answer.probabilities)), key=self.answer.probabilities.__getitem__)

    @property
    def confidence(self) -> float:
        return max(self.answer.probabilities)

    def is_uu(self, label: int) -> bool:
        """Whether the model is wrong and confident, if ``label`` is right (2.1)."""
        return self.predicted != label and self.confidence >= self.tau

    @property
    def nearest(self) -> tuple[Neighbor, ...]:
        return self.answer.neighbors


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody was writing when they were last heard of."""

    hypothesis_id: str
    text: Text
    label: int


class Desk:
    """``writer`` tells people at the same study apart; each has one draft."""

    def __init__(self, store: Store, launcher: Launcher, answers: Answers, workspace: Path) -> None:
        self._store = store
        self._launch = launcher
        self._answers = answers
        self._folder = workspace / "desk"
        self._guard = threading.Lock()

    def look(self, study_id: str, text: Text, wait: float = _WAIT) -> Look | None:
        """None while the model is loading. Raises NothingToDoError without a baseline, ClassifierError when the model
        cannot answer."""
        study, _, model = self._launch.with_baseline(study_id)
        answer = self._answers.ask(self._launch.path(model), self._references(study), text, wait)
        if answer is None:
            return None
        share, sample = repeat_shares([text], self._store.samples.texts(study_id))[0]
        return Look(answer, study.tau, sample, share)

    def draft(self, study_id: str, writer: str) -> Draft | None:
        payload = self._store.latest(study_id, _event(writer))
        if payload is None or not isinstance(payload["text"], list):
            return None
        return Draft(str(payload["hypothesis_id"]), tuple(map(str, payload["text"])), int(str(payload["label"])))

    def save(self, study_id: str, writer: str, draft: Draft) -> None:
        """Keep the draft when it differs from the last one."""
        if draft != self.draft(study_id, writer):
            payload: dict[str, object] = {
                "hypothesis_id": draft.hypothesis_id,
                "text": list(draft.text),
                "label": draft.label,
            }
            self._store.record(study_id, _event(writer), payload)

    def take_back(self, sample_id: str) -> None:
        """The sample stays on record, rejected with the reason that its writer took it back."""
        role, now = DecisionRole.WITHDRAWAL, datetime.now(UTC)
        word = human_word(sample_id, DecisionKind.REJECTED, TAKEN_BACK, ANONYMOUS, role, new_id("b"), now)
        self._store.samples.decide([word])

    def _references(self, study: Study) -> Path:
        """The training texts as a file, written once: a study's data never change."""
        path = self._folder / f"{study.study_id}.parquet"
        with self._guard:
            if not path.exists():
                self._folder.mkdir(parents=True, exist_ok=True)
                draft = path.with_suffix(".part")
                pq.write_table(self._store.examples.table(study.study_id, Split.TRAIN), draft)
                draft.replace(path)
        return path

    def close(self) -> None:
        self._answers.close()


def _event(writer: str) -> str:
    return f"desk-draft/{writer}"
