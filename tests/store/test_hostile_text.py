"""Texts and answers are hostile: they come back letter for letter, or are refused with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bsm_core.domain.tasks import Split
from bsm_core.errors import StoreError
from bsm_core.ports import JobResult, SampleFilter, UnknownFilter
from bsm_core.store import DuckStore
from tests.factories import (
    BASELINE_ID,
    STUDY_ID,
    answer,
    make_call,
    make_dataset,
    make_example,
    make_hypothesis,
    make_perturbation_set,
    make_sample,
    make_study,
    perturbation_table,
)
from tests.store.worlds import add_model, attack_rows, job_id, predict

HOSTILE = {
    "quotes": "'; DROP TABLE studies; -- \" ` $tau ? %s {0} \\",
    "nul": "before\0after",
    "long": "x" * 100_000,
    "bidi": "\u202egnp.exe\u2066 \u200f\u061c",
    "markup": "<script>alert(1)</script><iframe srcdoc='<b>'></iframe>![](http://127.0.0.1:9/x.png)",
    "white space": " \r\n\ttab and lines\n\n ",
    "beyond the plane": "\U0001f3f3\ufe0f\u200d\U0001f308 \uffff \U0010ffff e\u0301",
    "json": '{"a": [1, "\\u0000"]}',
    "nothing": "",
}
LONE = "half of a pair: \ud83d"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_comes_back_letter_for_letter(store: DuckStore, text: str) -> None:
    example = make_example(0, Split.VALIDATION, text=(text or "only the example needs some", text))
    data = replace(make_dataset(train=0, validation=0, test=0), examples=(example,))
    store.studies.create(replace(make_study(data), name=text), data)
    assert store.studies.get(STUDY_ID).name == text
    assert store.examples.page(STUDY_ID, Split.VALIDATION).rows[0].example == example

    model = add_model(store)
    predict(store, model, {example.example_id: answer(1, 0.9)})
    rows = [replace(row, perturbed_text=("P" + text, text)) for row in attack_rows("set1", [example], "+", [0.9])]
    sets = ((make_perturbation_set(set_id="set1", size=1), perturbation_table(rows)),)
    store.ingest(JobResult(job_id(), sets=sets))
    assert store.perturbations.rows("set1")[0].perturbed_text == ("P" + text, text)
    assert store.unknowns.page(UnknownFilter(BASELINE_ID, 0.65, search=text)).rows[0].original_text == example.text

    hypothesis = replace(make_hypothesis("h-human", text="H" + text), reasoning=text)
    store.hypotheses.add(hypothesis)
    assert store.hypotheses.get("h-human") == hypothesis
    sample = replace(make_sample("s-1", text=(text, text)), reasoning=text)
    store.samples.add([sample])
    assert store.samples.page(STUDY_ID, SampleFilter(search=text)).rows[0].sample == sample
    call = make_call("c-1", error=text)
    call = replace(call, answer=text, prompt=replace(call.prompt, messages=(("user", text),)))
    store.calls.add(call)
    assert store.calls.get("c-1") == call
    store.record(STUDY_ID, "note", {"text": text})
    assert store.latest(STUDY_ID, "note") == {"text": text}


def test_hostile_ids_are_only_values(filled: DuckStore) -> None:
    for text in HOSTILE.values():
        assert filled.unknowns.position(UnknownFilter(BASELINE_ID, 0.65), text) is None
        assert filled.examples.page(text, Split.TRAIN).total == 0
        assert filled.latest(text, text) is None
    assert len(filled.studies.all()) == 1


def test_half_a_character_is_refused_with_a_reason(filled: DuckStore) -> None:
    call = make_call("c-lone")
    tries = (
        lambda: filled.samples.add([make_sample("s-lone", text=(LONE,))]),
        lambda: filled.hypotheses.add(make_hypothesis("h-lone", text=LONE)),
        lambda: filled.calls.add(replace(call, answer=LONE)),
        lambda: filled.calls.add(replace(call, prompt=replace(call.prompt, messages=(("user", LONE),)))),
        lambda: filled.record(STUDY_ID, "note", {"text": LONE}),
        lambda: filled.unknowns.page(UnknownFilter(BASELINE_ID, 0.65, search=LONE)),
    )
    samples = filled.samples.page(STUDY_ID, SampleFilter()).total
    for attempt in tries:
        with pytest.raises(StoreError, match="half of a character"):
            attempt()
    assert filled.samples.page(STUDY_ID, SampleFilter()).total == samples
    assert filled.latest(STUDY_ID, "note") is None
