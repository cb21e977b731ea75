"""Which hypotheses earned their place: what the samples of each one do, found by leaving them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.forest import ForestLine, forest
from bsm_core.domain.attribution import Attribution, Estimate, HypothesisEffect
from bsm_core.domain.jobs import JobKind
from bsm_core.domain.studies import Study
from bsm_core.report.attribution import by_effect, estimate_words, full_words, mirror_words, verdict_words
from bsm_core.ui import session, shell, words
from bsm_core.ui.components import states
from bsm_core.ui.components.job_panel import job_panel
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.ledger import LedgerEntry

_SIZE = 15
WEIGH_HELP = (
    "A small head is trained on what the original classifier makes of the texts: with all approved samples, and again "
    "with each hypothesis' samples left out and as many training texts of the same labels in their place. What gets "
    "worse without them is what they did. Training texts are drawn 20 times, for the intervals. Only validation is "
    "looked at."
)


@st.fragment
@shell.guarded
def hypothesis_effects(workbench: Workbench, study: Study) -> None:
    st.markdown("##### Which hypotheses earned their place?", help=WEIGH_HELP)
    busy = job_panel(workbench, study.study_id, [JobKind.ATTRIBUTE])
    found = workbench.attribution.latest(study.study_id)
    if found is None:
        if not busy:
            _not_yet(workbench, study.study_id)
        return
    if not busy and workbench.attribution.is_stale(study.study_id):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning("Samples, blind spots or tau changed since.", icon=":material/history:")
            _button(workbench, study.study_id, "Weigh them again")
    entries = {version: entry for entry in workbench.ledger.entries(study.study_id) for version in entry.version_ids}
    effects = by_effect(found.effects)
    st.markdown(_answer(effects))
    shown = effects[_offset(study.study_id, len(effects)) :][:_SIZE]
    _chart(shown, entries)
    _grid(shown, entries)
    paginate(len(effects), _page_key(study.study_id), size=_SIZE, noun="hypotheses")
    st.caption(
        "Percentage points of probability in the right label that its samples bring on average, with 95% intervals. "
        "Own blind spots: those of the texts it rests on, without these texts themselves; a hypothesis that rests on "
        "no clustered text has none. “Cannot be told from nothing”: the interval holds 0, or with so many hypotheses "
        "looked at chance could have done it (Holm)."
    )
    st.info(f"**How far to trust it:** {plain(_trust(found))}", icon=":material/balance:")
    _full(workbench, study.study_id, effects, entries)


def _not_yet(workbench: Workbench, study_id: str) -> None:
    model = workbench.store.models.baseline(study_id)
    if not workbench.store.samples.approved(study_id):
        states.empty(
            "No approved samples yet", "A hypothesis acts through its samples: approve some first.",
            page="samples", label="Go to the samples",
        )  # fmt: skip
        return
    if model is None or workbench.store.blind_spots.latest(model.model_id) is None:
        states.empty(
            "No blind spots yet", "What a hypothesis does is judged on its own blind spot and on the others.",
            page="spots", label="Find blind spots",
        )  # fmt: skip
        return
    st.markdown(
        "Leave each hypothesis' samples out, one after the other, and see what gets worse. It takes a minute or a few, "
        "runs in the background, and asks nothing of test."
    )
    _button(workbench, study_id, "Weigh all hypotheses")


def _button(workbench: Workbench, study_id: str, title: str) -> None:
    st.button(title, icon=":material/balance:", key="weigh-start", on_click=_start, args=(workbench, study_id))


def _start(workbench: Workbench, study_id: str) -> None:
    if shell.attempt(workbench.attribution.start, study_id):
        session.flash("The hypotheses are being weighed in the background. You can leave the page.")


def _answer(effects: Sequence[HypothesisEffect]) -> str:
    told = [(one.own or one.others, verdict_words(one)) for one in effects]
    helps = sum(bool(one and one.resolved and one.points > 0) for one, _ in told)
    harms = sum(bool(one and one.resolved and one.points < 0) for one, _ in told)
    open_ones = len(effects) - helps - harms
    said = [f"**{helps} of {words.count(len(effects), 'hypothesis', 'hypotheses')} can be told to help.**"]
    if harms:
        said.append(f"{harms} can be told to harm.")
    if open_ones:
        said.append(f"{open_ones} cannot be told from nothing: that is no proof that they do nothing.")
    return " ".join(said)


def _page_key(study_id: str) -> str:
    return f"weigh-page-{study_id}"


def _offset(study_id: str, count: int) -> int:
    last = max(0, count - 1) // _SIZE + 1
    return (min(int(st.session_state.get(_page_key(study_id), 1)), last) - 1) * _SIZE


def _number(one: HypothesisEffect, entries: Mapping[str, LedgerEntry]) -> str:
    entry = entries.get(one.hypothesis_id)
    return entry.number if entry else one.hypothesis_id


def _chart(shown: Sequence[HypothesisEffect], entries: Mapping[str, LedgerEntry]) -> None:
    def lines(part: str) -> list[ForestLine]:
        return [
            ForestLine(_number(one, entries), told.points, told.low, told.high, told.resolved, _text(one, entries, 60))
            for one in shown
            if (told := _estimate(one, part)) is not None
        ]

    named = [("Own blind spots", lines("own")), ("All other UUs", lines("others"))]
    st.plotly_chart(
        forest([one for one in named if one[1]], "Percentage points in the right label that its samples bring"),
        key="weigh-forest",
        config=theme.CONFIG,
        alt="What each hypothesis' samples bring, with 95% intervals: on its own blind spots and on all other UUs",
    )


def _estimate(one: HypothesisEffect, part: str) -> Estimate | None:
    return one.own if part == "own" else one.others


def _text(one: HypothesisEffect, entries: Mapping[str, LedgerEntry], limit: int) -> str:
    entry = entries.get(one.hypothesis_id)
    return one_line(entry.hypothesis.text, limit) if entry else ""


def _grid(shown: Sequence[HypothesisEffect], entries: Mapping[str, LedgerEntry]) -> None:
    st.dataframe(
        pa.table(
            {
                "#": [_number(one, entries) for one in shown],
                "Hypothesis": [_text(one, entries, 200) for one in shown],
                "Samples": [one.samples for one in shown],
                "Own UUs": [one.own_texts for one in shown],
                "Own blind spots": [estimate_words(one.own) for one in shown],
                "All other UUs": [estimate_words(one.others) for one in shown],
                "Validation texts": [estimate_words(one.clean) for one in shown],
                "Verdict": [verdict_words(one) for one in shown],
            }
        ),
        hide_index=True,
        key="weigh-grid",
        row_height=36,
        height=36 * (len(shown) + 1) + 3,
        alt="Hypotheses by what their samples do",
        column_config={
            "#": st.column_config.TextColumn(width=50),
            "Hypothesis": st.column_config.TextColumn(width=170),
            "Samples": st.column_config.NumberColumn(width=70),
            "Own UUs": st.column_config.NumberColumn(
                width=70, help="UUs of its blind spots that it does not rest on itself"
            ),
            "Validation texts": st.column_config.TextColumn(help="All of them as they stand: the price elsewhere"),
            "Verdict": st.column_config.TextColumn(width=210),
        },
    )


def _trust(found: Attribution) -> str:
    return (
        f"{mirror_words(found.mirror)} It cannot see what retraining the whole encoder would do; for that, retrain "
        "fully without a hypothesis below."
    )


def _full(
    workbench: Workbench, study_id: str, effects: Sequence[HypothesisEffect], entries: Mapping[str, LedgerEntry]
) -> None:
    st.markdown("##### Retrain fully without one")
    known = {one.hypothesis_id: f"{_number(one, entries)}  {_text(one, entries, 90)}" for one in effects}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Hypothesis", list(known), key="weigh-without", format_func=lambda one: known.get(one, "?"), width=520
        )
        st.button(
            "Retrain fully without this hypothesis", icon=":material/model_training:", key="weigh-retrain",
            disabled=chosen is None, on_click=_retrain, args=(workbench, study_id, chosen),
            help="Trains its arm twice at the same budget and seed, with all samples and without its own, and asks "
            "both models about the original's unknown unknowns on validation. Test is not looked at.",
        )  # fmt: skip
    job_panel(workbench, study_id, [JobKind.TRAIN], baseline=False)
    for run in workbench.attribution.full_runs(study_id):
        entry = entries.get(run.hypothesis_id)
        told = full_words(run) or ["Not trained yet."]
        name = f"{words.ARMS[run.arm]}, without {entry.number if entry else 'a hypothesis that is gone'}"
        st.markdown(f"- **{plain(name)}** ({run.budget:,} texts, seed {run.seed}): {plain(' '.join(told))}")


def _retrain(workbench: Workbench, study_id: str, hypothesis_id: str) -> None:
    if shell.attempt(workbench.attribution.retrain_without, study_id, hypothesis_id):
        session.flash("The retraining runs in the background. You can leave the page.")
