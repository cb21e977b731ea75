"""The embedded model and the rules together: the real model writes, code applies, and the label holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bsm_core.config import GateConfig, TeacherConfig
from bsm_core.domain.hypotheses import Agent
from bsm_core.domain.teaching import TeacherCall
from bsm_core.errors import TeacherAnswerError
from bsm_core.tasks.assets import asset_path
from bsm_core.teacher.local import EmbeddedTeacher
from bsm_core.workflow.lexicon import lexicon, words
from bsm_core.workflow.specs import SampleRequest
from bsm_core.workflow.writers import RuleWriter, Slot, Written
from tests.agents import make_unknown
from tests.factories import STUDY_ID, make_hypothesis, make_task

pytestmark = pytest.mark.slow

PATTERNS = ("typo/insertion/opinion", "synonym", "frame/intensifier", "frame/idiom")


@pytest.fixture(scope="module")
def teacher() -> Iterator[EmbeddedTeacher]:
    calls: list[TeacherCall] = []
    made = EmbeddedTeacher(TeacherConfig(), asset_path("smollm2-135m-instruct"), calls.append)
    yield made
    made.close()


def write(teacher: EmbeddedTeacher, key: str, label: int, number: int) -> Written | None:
    hypothesis = make_hypothesis(f"h-{key}", Agent.RULE, text=f"It fails for {key}.")
    object.__setattr__(hypothesis, "pattern", key)
    request = SampleRequest(hypothesis, None, (make_unknown("a fine film", "a fien film"),), 1)
    writer = RuleWriter(make_task(), teacher, STUDY_ID, 0, GateConfig())
    try:
        return writer.write(request, Slot(PATTERNS.index(key), number, label), [])[0]
    except TeacherAnswerError:
        return None


def test_embedded_model_writes_sentences_whose_opinions_do_not_contradict_their_label(teacher: EmbeddedTeacher) -> None:
    written = [write(teacher, key, label, label) for key in PATTERNS[:3] for label in (0, 1)]
    usable = [one for one in written if one is not None]
    assert len(usable) >= 5
    for one in usable:
        against = lexicon().negative if one.label else lexicon().positive
        frame_words = {"terribly", "awfully", "painfully", "pretty", "beautifully", "nicely"}
        assert not {word.lower() for word in words(one.text[0])} & (against - frame_words), one.text
        assert len(one.text[0]) >= 40


def test_the_same_seed_gives_the_same_text_of_the_real_model(teacher: EmbeddedTeacher) -> None:
    one, other = (write(teacher, "frame/idiom", 1, 3) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.text == other.text
