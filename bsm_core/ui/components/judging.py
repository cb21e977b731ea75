"""Is the label still right? A random sample to judge, blind to the model's answer, and the count that follows."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import Verdict
from bsm_core.judging import HUMAN, MOST_JUDGED
from bsm_core.metrics.judging import CorrectedCount
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.diff import show_diff
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.judge import Agreement, Ledger

_ANSWERS = ((Verdict.YES, "Yes", "Y"), (Verdict.NO, "No", "N"), (Verdict.UNSURE, "Unsure", "U"))
_CORRECTED = (
    "The raw count less the share that was judged to have lost its label, with the exact 95% interval of a sample "
    "drawn at random without replacement. Texts judged unsure stay in the count."
)


@st.fragment
@shell.guarded
def judging(workbench: Workbench, study_id: str, model_id: str) -> None:
    """The ledger at the visit's tau; every answer counts at once, here and on Browse."""
    study = workbench.store.studies.get(study_id)
    tau = session.tau(study)
    st.markdown("##### Is the label still right?", help=words.VERDICT)
    name = st.text_input("Who judges?", key="judge-name", max_chars=40, placeholder="your name, if several judge")
    judge = judge_name(name or "")
    ledger = workbench.judging.ledger(study_id, model_id, tau, judge)
    if not ledger.corrected.raw:
        st.caption(f"At tau {tau:g} no perturbed text is an unknown unknown: there is nothing to judge.")
        return
    _figures(ledger)
    key = f"judge-size-{study_id}"
    st.number_input(
        f"How many of {ledger.corrected.raw:,} to judge, drawn at random",
        1,
        MOST_JUDGED,
        min(workbench.judging.size(study_id), MOST_JUDGED),
        key=key,
        on_change=lambda: shell.attempt(workbench.judging.set_size, study_id, int(st.session_state[key])),
        help="The order is drawn by the study's seed: a larger sample goes on where the smaller one ended.",
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        _next_text(workbench, study, model_id, ledger, judge)
    with right:
        _other_judges(workbench, study_id, model_id, ledger)
        _agreement(ledger.agreement)


def judge_name(name: str) -> str:
    """``human``, or ``human:<name>``: the agent of the judgements of whoever gives this name."""
    said = one_line(name, 40).strip()
    return f"{HUMAN}:{said}" if said else HUMAN


def corrected_words(count: CorrectedCount) -> str:
    """``≈ 87 (80 to 93)``; only the possible range while nobody has judged."""
    if count.estimate is None:
        return f"{count.low:,} to {count.high:,}"
    return f"≈ {count.estimate:,.0f} ({count.low:,} to {count.high:,})"


def _figures(ledger: Ledger) -> None:
    count = ledger.corrected
    share = "–" if count.invalid_share is None else f"{count.invalid_share:.1%}"
    raw, invalid, corrected = st.columns([2, 2, 3])
    raw.metric("Raw count", f"{count.raw:,}", border=True, help="Perturbed UUs at this tau, whatever was judged.")
    invalid.metric("Judged invalid", share, border=True, help=f"{count.invalid:,} of {count.judged:,} judged.")
    corrected.metric("Corrected count", corrected_words(count), border=True, help=_CORRECTED)
    told = [f"{count.judged:,} of a sample of {len(ledger.sample):,} judged"]
    if ledger.unsure:
        told.append(f"{ledger.unsure:,} unsure")
    if ledger.outside:
        told.append(f"{ledger.outside:,} more judged invalid outside the sample; picked texts estimate nothing")
    st.caption(", ".join(told) + ".")


def _next_text(workbench: Workbench, study: Study, model_id: str, ledger: Ledger, judge: str) -> None:
    if not ledger.open_items:
        st.success("The whole sample is judged by this judge.", icon=":material/task_alt:")
        return
    item_id = ledger.open_items[0]
    unknown = workbench.store.unknowns.get(model_id, item_id)
    label = plain(one_line(study.task.label_names[unknown.label], 40))
    with st.container(border=True):
        st.caption(f"{len(ledger.open_items):,} to go. What the model answered is not shown.")
        show_diff(unknown.original_text, unknown.perturbed_text, study.task.text_fields)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Label **{label}** still right?", help=words.VERDICT, width="content")
            for verdict, title, key in _ANSWERS:
                st.button(
                    title,
                    key=f"judge-{verdict}",
                    shortcut=key,
                    on_click=_record,
                    args=(workbench, study.study_id, item_id, verdict, judge),
                )


def _record(workbench: Workbench, study_id: str, item_id: str, verdict: Verdict, judge: str) -> None:
    shell.attempt(workbench.judging.record, study_id, item_id, verdict, judge)


def _other_judges(workbench: Workbench, study_id: str, model_id: str, ledger: Ledger) -> None:
    st.caption("Other judges answer for the whole sample. A human's word goes before theirs.")
    with st.container(horizontal=True):
        st.button(
            "Let the rule judge",
            icon=":material/rule:",
            key="judge-rule",
            help="Yes where only slips of the pen were made, no where an opinion was turned, else unsure. For English.",
            on_click=_by_rule,
            args=(workbench, study_id, model_id, ledger.sample),
        )
        asked = st.button("Ask the teacher", icon=":material/school:", key="judge-teacher")
    if asked:
        _by_teacher(workbench, study_id, model_id, ledger.sample)


def _by_rule(workbench: Workbench, study_id: str, model_id: str, sample: Sequence[str]) -> None:
    count = shell.attempt(workbench.judging.by_rule, study_id, model_id, sample)
    if count is not None:
        session.flash(f"The rule has judged {words.count(count, 'text')}.")


def _by_teacher(workbench: Workbench, study_id: str, model_id: str, sample: Sequence[str]) -> None:
    """One question a text; each answer is kept as it comes, and the first failure stops it."""
    bar = st.progress(0.0, "Asking the teacher …")
    for done, item_id in enumerate(sample, start=1):
        if shell.attempt(workbench.judging.by_teacher, study_id, model_id, item_id) is None:
            break
        bar.progress(done / len(sample), f"{done:,} of {len(sample):,} judged by the teacher")
    st.rerun()


def _agreement(agreement: Agreement) -> None:
    if len(agreement.judges) < 2:
        st.caption("With a second judge their agreement is shown here.")
        return
    alpha = "–" if agreement.alpha is None else f"{agreement.alpha:.2f}"
    st.markdown(
        f"**Agreement**: Krippendorff's alpha **{alpha}** over {words.count(agreement.shared, 'text')} "
        "with several judges",
        help="1: the judges always agree; 0: no more than by chance. No value where all verdicts are the same.",
    )
    st.dataframe(
        pa.table(
            {
                "Judges": [
                    f"{one_line(first, 40)} / {one_line(second, 40)}" for first, second, _, _ in agreement.pairs
                ],
                "Texts": [both for _, _, both, _ in agreement.pairs],
                "Cohen's kappa": [kappa for *_, kappa in agreement.pairs],
            }
        ),
        hide_index=True,
        alt="Agreement of each two judges",
        column_config={"Cohen's kappa": st.column_config.NumberColumn(format="%.2f")},
    )
    told = ", ".join(f"{one_line(judge, 40)} {count:,}" for judge, count in agreement.judges)
    st.caption(plain(f"Texts judged: {told}."))
