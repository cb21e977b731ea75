"""The gates one by one, what they catch, and the job that applies them."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bsm_core.config import GateConfig
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.synthesis import CheckName
from bsm_core.domain.tasks import Text
from bsm_core.errors import JobCancelledError, NothingToDoError
from bsm_core.jobs.results import read_result, write_result
from bsm_core.workflow.gate import apply_gates, gate, length_check, repetition_check
from bsm_core.workflow.nonsense import NonsenseJudge, junk
from bsm_core.workflow.repeats import inner_repeat, repeat_shares, trigrams
from bsm_core.workflow.tables import text_table
from bsm_core.workflow.word_order import WordOrder, misspelled
from tests.agents import SharedWords, Undecided
from tests.attacks import log_lines, open_context
from tests.factories import START, STUDY_ID

CONFIG = GateConfig()
REAL = ("a quiet little film about two brothers and the boat they cannot agree on",)


def sentence(number: int) -> str:
    """One of many sentences with the grammar of English, and no two alike."""
    drawn = random.Random(number)
    noun, other = drawn.sample(["film", "plot", "cast", "score", "ending", "script", "hero", "camera", "story"], 2)
    verb = drawn.choice(["carries", "ruins", "follows", "outlives", "mocks", "needs", "forgets", "saves"])
    how = drawn.choice(["with a light hand", "in the second half", "from the first scene", "as few others do"])
    which = drawn.choice(["tired", "clever", "noisy", "gentle", "hollow", "bright", "clumsy", "patient"])
    return f"the {noun} {verb} the {which} {other} {how} , and it is {drawn.choice(['a shame', 'a joy', 'enough'])} ."


REFERENCES: list[Text] = [(sentence(number),) for number in range(700)]


def shuffled(text: str, seed: int) -> str:
    parts = text.split()
    random.Random(seed).shuffle(parts)
    return " ".join(parts)


@pytest.mark.parametrize(
    ("text", "passed", "reason"),
    [
        (("x" * 39,), False, "39 characters; at least 40"),
        (("x" * 40,), True, "40 characters"),
        ((" " * 40 + "x",), False, "1 characters"),
        (("x" * 30, "y" * 30), True, "60 characters"),
        (("x" * 60, " "), False, "a text is empty"),
        (("x" * 10_001,), False, "at most 10,000"),
    ],
)
def test_length_gate_wants_forty_characters_and_no_runaway(text: Text, passed: bool, reason: str) -> None:
    check = length_check("s", text, CONFIG, START)
    assert (check.name, check.passed) == (CheckName.LENGTH, passed)
    assert reason in check.reason
    assert check.value is not None
    assert check.threshold in (40, 10_000)


def test_repeat_share_is_of_the_most_alike_text_earlier_ones_included() -> None:
    candidates: list[Text] = [
        ("one two three four five",),
        ("ONE two, three four FIVE!",),
        ("one two three nine",),
        ("all new here",),
    ]
    shares = repeat_shares(candidates, [("zero one two three",)])
    assert [round(share, 2) for share, _ in shares] == [0.33, 1.0, 0.5, 0.0]
    assert shares[1][1] == candidates[0]
    assert shares[3][1] is None


def test_text_of_two_words_repeats_only_itself() -> None:
    assert repeat_shares([("two words",), ("other words",)], [("Two words!",)])[0][0] == 1.0
    assert trigrams(("",)) == frozenset()
    assert repeat_shares([("...",)], [("...",)]) == [(0.0, None)]


def test_repetition_gate_refuses_a_copy_and_a_text_that_repeats_itself() -> None:
    copy = repetition_check("s", REAL, 1.0, REAL, CONFIG, START)
    assert not copy.passed
    assert "100% of its word triples are shared with: a quiet little film" in copy.reason
    loop = ("it is a film it is a film it is a film it is a film",)
    assert inner_repeat(loop) > 0.5
    assert not repetition_check("s", loop, 0.0, None, CONFIG, START).passed
    assert repetition_check("s", REAL, 0.9, REAL, CONFIG, START).passed


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("As an AI language model, I have not seen it.", "refusal"),
        ("I'm sorry, but I can't write that review for you.", "refusal"),
        ("Sample: a fine film about two brothers", "repeats the prompt"),
        ("Here is a positive movie review sentence: fine.", "repeats the prompt"),
        ('{"sample": "a fine film"}', "repeats the prompt"),
        ("```a fine film```", "repeats the prompt"),
        ("very very very very good film", "4 times in a row"),
        ("a film \x00 about", "control characters"),
        ("a film \ud800 about", "control characters"),
        ("a f\ufffdlm about two br\ufffdthers", "lost in decoding"),
        ("#### @@@@ $$$$ %%%% film &&&& ****", "symbols"),
        ("xkcdf brwpt qwrtp zxcvb the film", "no vowel"),
        ("a " + "o" * 41 + " of a film", "41 letters"),
        ("... !!! ???", "no words"),
    ],
)
def test_junk_is_named(text: str, problem: str) -> None:
    assert problem in junk(text)


@pytest.mark.parametrize(
    "text",
    [
        *REAL,
        "I'm sorry to say that the film is dull .",
        "a smart , sweet and playful romantic comedy .",
        "c'est magnifique",
    ],
)
def test_real_text_is_no_junk(text: str) -> None:
    assert junk(text) == ""


def test_word_order_passes_real_and_misspelled_texts_and_catches_shuffled_ones() -> None:
    judge = NonsenseJudge(REFERENCES, seed=0)
    fresh = [sentence(number) for number in range(1000, 1200)]
    drawn = random.Random(0)

    def passing(texts: list[str]) -> float:
        return sum(judge.judge((text,)).passed for text in texts) / len(texts)

    assert passing(fresh) > 0.95
    assert passing([misspelled(text, drawn) for text in fresh]) > 0.9
    assert passing([shuffled(text, number) for number, text in enumerate(fresh)]) < 0.1


def test_word_order_is_not_judged_where_there_is_too_little_of_it() -> None:
    judge = NonsenseJudge(REFERENCES, seed=0)
    assert judge.judge(("film the a",)).passed
    assert NonsenseJudge(REFERENCES[:20], seed=0).judge((shuffled(sentence(1), 1),)).passed
    assert WordOrder([], seed=0).mark is None


def test_text_of_unknown_words_is_nonsense_only_against_a_rich_vocabulary() -> None:
    many = [(f"{sentence(n)} word{n}x",) for n in range(1200)]
    strange = ("morgu beldan fistra holumbe nactri vesola",)
    assert "occur in the training texts" in NonsenseJudge(many, 0).judge(strange).reason
    assert "occur" not in NonsenseJudge(REFERENCES, 0).judge(strange).reason


def gate_folder(tmp_path: Path, samples: list[Text]) -> JobSpec:
    inputs = tmp_path / "jobs" / "j" / "inputs"
    inputs.mkdir(parents=True)
    table = text_table(samples).append_column(
        "sample_id", pa.array([f"s{n}" for n in range(len(samples))], pa.string())
    )
    pq.write_table(table, inputs / "samples.parquet")
    pq.write_table(text_table(REFERENCES), inputs / "references.parquet")
    pq.write_table(text_table([(sentence(5000),)]), inputs / "existing.parquet")
    params: dict[str, object] = {"model_id": "m", "model_path": "model", "gates": CONFIG.to_dict()}
    return JobSpec("j", STUDY_ID, JobKind.GATE, "Check", 0, params, START)


def test_gate_job_checks_each_sample_four_times_and_asks_the_baseline(tmp_path: Path) -> None:
    good = "the camera saves the hollow plot , and the cast follows the tired script in the rain ."
    samples: list[Text] = [(good,), (sentence(5000),), ("too short",), (shuffled(sentence(3001), 4),)]
    spec = gate_folder(tmp_path, samples)
    with open_context(tmp_path / "jobs" / "j") as context:
        result = gate(spec, context, load_classifier=lambda path: Undecided(), similarity_for=SharedWords)  # noqa: ARG005
        assert any("samples pass every gate" in line for line in log_lines(context))
    assert [check.name for check in result.checks] == list(CheckName) * 4
    failed = {(check.sample_id, check.name) for check in result.checks if not check.passed}
    assert failed >= {("s1", CheckName.REPETITION), ("s2", CheckName.LENGTH), ("s3", CheckName.NONSENSE)}
    assert not any(sample_id == "s0" for sample_id, _ in failed)
    ((model_id, table),) = result.predictions
    assert model_id == "m"
    assert table["item_kind"].to_pylist() == ["sample"] * 4
    assert table["item_id"].to_pylist() == ["s0", "s1", "s2", "s3"]
    assert result.events[0][1]["threshold"] == pytest.approx(0.12)
    write_result(tmp_path / "r", result)
    assert read_result(tmp_path / "r", "j").checks == result.checks


def test_gate_job_without_samples_is_refused(tmp_path: Path) -> None:
    spec = gate_folder(tmp_path, [])
    with open_context(tmp_path / "jobs" / "j") as context, pytest.raises(NothingToDoError, match="no samples"):
        gate(spec, context, load_classifier=lambda path: Undecided(), similarity_for=SharedWords)  # noqa: ARG005


def test_similarity_mark_set_by_hand_is_used_as_it_stands(tmp_path: Path) -> None:
    with open_context(tmp_path / "j") as context:
        config = GateConfig(min_similarity=0.5)
        far = ("morgu beldan fistra holumbe nactri vesola",)
        found = apply_gates(["a"], [far], REFERENCES, [], config, 0, SharedWords, context)
    check = found.checks[-1]
    assert found.scale is None
    assert (check.name, check.passed, check.threshold) == (CheckName.SIMILARITY, False, 0.5)
    assert "the pass mark is 0.50" in check.reason


def test_cancelled_gate_job_stops(tmp_path: Path) -> None:
    with open_context(tmp_path / "j") as context:
        (tmp_path / "j" / "cancel").touch()
        with pytest.raises(JobCancelledError):
            apply_gates(["a"], [REAL], REFERENCES, [], CONFIG, 0, SharedWords, context)
