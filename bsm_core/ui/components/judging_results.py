"""What the judges' words come to: the corrected count, what each judge's word is worth, and how far they agree."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.metrics.agreement import strength
from bsm_core.metrics.statistics import wilson_interval
from bsm_core.ui import words
from bsm_core.ui.components.corrected import CORRECTED, corrected_words
from bsm_core.ui.components.judge_name import judge_title
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.judge import Agreement, Ledger

_UNUSABLE_SHOWN = 20


def judging_results(workbench: Workbench, study_id: str, ledger: Ledger) -> None:
    _figures(ledger)
    _judges(ledger)
    _unusable(workbench, study_id)
    _agreement(ledger.agreement)


def share_words(count: int, size: int) -> str:
    """``3 of 20: 15% (5% to 36%)``, with Wilson's 95% interval; ``–`` of nothing."""
    if not size:
        return "–"
    interval = wilson_interval(count, size)
    return f"{count:,} of {size:,}: {count / size:.0%} ({interval.low:.0%} to {interval.high:.0%})"


def _figures(ledger: Ledger) -> None:
    count = ledger.corrected
    share = "–" if count.invalid_share is None else f"{count.invalid_share:.1%}"
    raw, invalid, corrected = st.columns([2, 2, 3])
    raw.metric("Raw count", f"{count.raw:,}", border=True, help="Perturbed UUs at this tau, whatever was judged.")
    invalid.metric("Judged invalid", share, border=True, help=f"{count.invalid:,} of {count.judged:,} judged.")
    corrected.metric("Corrected count", corrected_words(count), border=True, help=CORRECTED)
    told = [f"{count.judged:,} of a sample of {len(ledger.sample):,} judged"]
    if ledger.unsure:
        told.append(f"{ledger.unsure:,} unsure")
    if ledger.outside:
        told.append(f"{ledger.outside:,} more judged invalid outside the sample; picked texts estimate nothing")
    st.caption(", ".join(told) + ".")


def _judges(ledger: Ledger) -> None:
    if not ledger.records:
        st.caption("Nobody has judged a text of the sample yet.")
        return
    st.markdown(
        "**How often each judge calls a label wrong**",
        help="With 95% intervals. On plain originals the label should be right: whoever calls it wrong there as often "
        "as on unknown unknowns says nothing about these. The rule sees what was changed, so originals are not its "
        "business.",
    )
    st.dataframe(
        pa.table(
            {
                "Judge": [judge_title(one.judge) for one in ledger.records],
                "Unknown unknowns": [share_words(*one.sample) for one in ledger.records],
                "Plain originals (false alarms)": [share_words(*one.originals) for one in ledger.records],
                "Changed, model not fooled": [share_words(*one.held) for one in ledger.records],
            }
        ),
        hide_index=True,
        alt="How often each judge calls a label wrong, on unknown unknowns and on foils",
    )


def _unusable(workbench: Workbench, study_id: str) -> None:
    unusable = workbench.judging.unusable(study_id)
    if not unusable:
        return
    with st.expander(f"The teacher gave no verdict on {words.count(len(unusable), 'text')}"):
        st.caption("Ask it again for these alone, or read its answers on the Settings page.")
        told = [f"{item}: {one_line(why, 160)}" for item, why in unusable.items()]
        st.code("\n".join(told[:_UNUSABLE_SHOWN]), language=None)


def _agreement(agreement: Agreement) -> None:
    if len(agreement.judges) < 2:
        st.caption("With a second judge their agreement is shown here.")
        return
    st.markdown(
        f"**Agreement: {strength(agreement.alpha)}.** Krippendorff's alpha {_two_digits(agreement.alpha)} over "
        f"{words.count(agreement.shared, 'text')} with several judges",
        help="1: the judges always agree; 0: no more than by chance. Up to 0.2 nearly chance, to 0.4 weak, to 0.6 "
        "moderate, to 0.8 good, above very good (Landis and Koch). Not known where all verdicts are the same.",
    )
    st.dataframe(
        pa.table(
            {
                "Judges": [f"{judge_title(first)} / {judge_title(second)}" for first, second, *_ in agreement.pairs],
                "Texts both judged": [both for _, _, both, _ in agreement.pairs],
                "Cohen's kappa": [_two_digits(kappa) for *_, kappa in agreement.pairs],
                "In words": [strength(kappa) for *_, kappa in agreement.pairs],
            }
        ),
        hide_index=True,
        alt="Agreement of each two judges",
    )
    told = ", ".join(f"{judge_title(judge)} {count:,}" for judge, count in agreement.judges)
    st.caption(plain(f"Texts judged: {told}."))


def _two_digits(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
