"""The gates one by one, what they catch, and the job that applies them."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pydantic import TypeAdapter

from bsm_core.config import GateConfig
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.domain.synthesis import CheckName
from bsm_core.domain.tasks import Split, Task, Text
from bsm_core.errors import JobCancelledError, NothingToDoError
from bsm_core.jobs.results import read_result, write_result
from bsm_core.workflow import verdicts
from bsm_core.workflow.gate import Compared, apply_gates, gate
from bsm_core.workflow.nonsense import NonsenseJudge, junk, loops
from bsm_core.workflow.repeats import inner_repeat, repeat_shares, trigrams
from bsm_core.workflow.shingles import Nearest, nearest
from bsm_core.workflow.tables import text_table
from bsm_core.workflow.word_order import WordOrder, misspelled
from tests.agents import SharedWords, Undecided
from tests.attacks import log_lines, open_context
from tests.factories import START, STUDY_ID, make_task

CONFIG = GateConfig()
_TASK = TypeAdapter(Task)
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
        (("x" * 10_001,), False, "at most 10,000"),
    ],
)
def test_length_gate_wants_forty_characters_and_no_runaway(text: Text, passed: bool, reason: str) -> None:
    found = verdicts.length(text, CONFIG)
    assert found.passed is passed
    assert reason in found.reason
    assert found.value is not None
    assert found.threshold in (40, 10_000)


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
    copy = verdicts.repetition(1.0, REAL, CONFIG)
    assert not copy.passed
    assert "100% of its word triples are shared with: a quiet little film" in copy.reason
    assert verdicts.repetition(0.9, REAL, CONFIG).passed
    assert verdicts.repetition(0.0, None, CONFIG).passed


def test_text_that_says_the_same_over_and_over_is_nonsense() -> None:
    loop = ("it is a film it is a film it is a film it is a film",)
    assert inner_repeat(loop) > 0.5
    judge = NonsenseJudge(REFERENCES, seed=0)
    assert "repeats itself" in judge.judge(loop).reason
    packed = ("".join(f"ab{n % 3} ab{n % 2} " for n in range(60)),)
    found = loops(packed)
    assert found is not None
    assert not found.passed
    assert loops(REAL) is None


def test_letters_that_the_training_texts_never_have_are_nonsense() -> None:
    judge = NonsenseJudge(REFERENCES, seed=0)
    assert "100% of its letters" in judge.judge(("это очень хороший фильм о двух братьях и их лодке",)).reason
    assert "letters" not in judge.judge(("the film by Łukasz Żal follows the hollow script , a joy .",)).reason
    assert "letters" not in NonsenseJudge(REFERENCES[:3], seed=0).judge(("это очень хороший фильм",)).reason


@pytest.mark.parametrize("share", [0.0, 0.1, 0.2])
def test_copy_of_a_sealed_text_is_found_though_it_is_misspelled_or_cut(share: float) -> None:
    sealed = [(sentence(number),) for number in range(2000, 2100)]
    long = [(f"{one[0]} {other[0]}",) for one, other in pairwise(sealed)]
    drawn = random.Random(1)
    copies: list[Text] = [(misspelled(text[0], drawn, share).upper() + "!",) for text in long[:20]]
    found = nearest(copies, long)
    assert [one.place for one in found] == list(range(20))
    assert min(one.share for one in found) > (0.6 if share < 0.2 else 0.4)
    cut: Text = (" ".join(long[3][0].split()[:14]),)
    assert nearest([cut], long)[0].share > 0.95
    whole: Text = (f"{long[3][0]} and nobody in the rain had asked for any of it, least of all my aunt",)
    assert nearest([whole], long)[0].share > 0.95
    assert nearest([("my aunt prefers gardening to computers",)], long)[0].share < 0.3
    assert nearest([("...",)], [("...",)]) == [Nearest(0.0, None)]


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


SEALED: Text = ("my aunt, who sells umbrellas in Trieste, was asked for her opinion of it by a passing tram",)


def gate_folder(tmp_path: Path, samples: list[Text]) -> JobSpec:
    inputs = tmp_path / "jobs" / "j" / "inputs"
    inputs.mkdir(parents=True)
    table = text_table(samples).append_column(
        "sample_id", pa.array([f"s{n}" for n in range(len(samples))], pa.string())
    )
    table = table.append_column("hypothesis_id", pa.array([f"h{n}" for n in range(len(samples))], pa.string()))
    pq.write_table(table, inputs / "samples.parquet")
    pq.write_table(text_table(REFERENCES), inputs / "references.parquet")
    pq.write_table(text_table([(sentence(5000),)]), inputs / "existing.parquet")
    sealed = text_table([SEALED, (sentence(6001),)]).append_column("split", pa.array(["test", "validation"]))
    pq.write_table(sealed, inputs / "sealed.parquet")
    behind = text_table([(sentence(7000),)]).append_column("hypothesis_id", pa.array(["h0"]))
    pq.write_table(behind, inputs / "sources.parquet")
    params: dict[str, object] = {"model_id": "m", "model_path": "model", "gates": CONFIG.to_dict()}
    params["task"] = _TASK.dump_python(make_task(), mode="json")
    return JobSpec("j", STUDY_ID, JobKind.GATE, "Check", 0, params, START)


def test_gate_job_checks_each_sample_and_asks_the_baseline(tmp_path: Path) -> None:
    good = "the camera saves the hollow plot , and the cast follows the tired script in the rain ."
    samples: list[Text] = [(good,), (sentence(5000),), ("too short",), (shuffled(sentence(3001), 4),), SEALED]
    spec = gate_folder(tmp_path, samples)
    with open_context(tmp_path / "jobs" / "j") as context:
        result = gate(spec, context, load_classifier=lambda path: Undecided(), similarity_for=SharedWords)  # noqa: ARG005
        assert any("samples pass every gate" in line for line in log_lines(context))
    assert [check.name for check in result.checks] == [name for name in CheckName if name is not CheckName.LABEL] * 5
    failed = {(check.sample_id, check.name) for check in result.checks if not check.passed}
    assert failed >= {("s1", CheckName.REPETITION), ("s2", CheckName.LENGTH), ("s3", CheckName.NONSENSE)}
    assert ("s4", CheckName.LEAKAGE) in failed
    assert not any("umbrellas" in check.reason for check in result.checks if check.name is CheckName.LEAKAGE)
    assert not any(sample_id == "s0" for sample_id, _ in failed)
    assert {check.rules for check in result.checks} == {CONFIG.fingerprint}
    fits = {check.sample_id: check for check in result.checks if check.name is CheckName.FIT}
    assert fits["s0"].value is not None
    assert (fits["s1"].value, fits["s1"].passed, fits["s1"].advisory) == (None, True, True)
    ((model_id, table),) = result.predictions
    assert model_id == "m"
    assert table["item_kind"].to_pylist() == ["sample"] * 5
    assert table["item_id"].to_pylist() == ["s0", "s1", "s2", "s3", "s4"]
    assert result.events[0][1]["threshold"] == pytest.approx(0.12)
    write_result(tmp_path / "r", result)
    assert read_result(tmp_path / "r", "j").checks == result.checks


def test_gate_job_without_samples_is_refused(tmp_path: Path) -> None:
    spec = gate_folder(tmp_path, [])
    with open_context(tmp_path / "jobs" / "j") as context, pytest.raises(NothingToDoError, match="no samples"):
        gate(spec, context, load_classifier=lambda path: Undecided(), similarity_for=SharedWords)  # noqa: ARG005


def compared() -> Compared:
    return Compared(REFERENCES, [], [(SEALED, Split.TEST)], [[]])


def test_similarity_mark_set_by_hand_is_used_as_it_stands(tmp_path: Path) -> None:
    with open_context(tmp_path / "j") as context:
        config = GateConfig(min_similarity=0.5)
        far = ("morgu beldan fistra holumbe nactri vesola",)
        found = apply_gates(["a"], [far], compared(), make_task(), config, 0, SharedWords, context)
    (check,) = [check for check in found.checks if check.name is CheckName.SIMILARITY]
    assert (check.passed, check.threshold, found.scale.threshold) == (False, 0.5, 0.5)
    assert "the pass mark is 0.500" in check.reason


def test_cancelled_gate_job_stops(tmp_path: Path) -> None:
    with open_context(tmp_path / "j") as context:
        (tmp_path / "j" / "cancel").touch()
        with pytest.raises(JobCancelledError):
            apply_gates(["a"], [REAL], compared(), make_task(), CONFIG, 0, SharedWords, context)
