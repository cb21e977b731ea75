"""One hypothesis of the ledger: what it says, how its first samples do against plain texts, and what came of it."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.curation import Pretest, PretestVerdict
from bsm_core.metrics.pretest import pretest_sentence
from bsm_core.report.ledger import share_told
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.agents import agent_badge
from bsm_core.ui.components.diff import show_text
from bsm_core.ui.components.judge_name import current_judge, judge_title
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench
from bsm_core.workflow.ledger import LedgerEntry
from bsm_core.workflow.pretest import FEWEST, FIRST

BADGES = {
    PretestVerdict.SUPPORTED: (":material/check_circle:", "green"),
    PretestVerdict.REFUTED: (":material/cancel:", "red"),
    PretestVerdict.OPEN: (":material/help:", "gray"),
}
CONTROL_HELP = (
    "The control are validation texts of the same labels, ten for each sample, drawn by the study's seed, as the "
    "baseline answered them already. Failing means what it means everywhere: wrong, at tau or more."
)


def ledger_entry(workbench: Workbench, entry: LedgerEntry) -> None:
    hypothesis = entry.hypothesis
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{entry.number}** {hypothesis.kind.value}", width="content")
            agent_badge(hypothesis.agent)
            if entry.verdict is not None:
                icon, color = BADGES[entry.verdict]
                st.badge(entry.verdict.value, icon=icon, color=color)  # type: ignore[arg-type]
            session.link("samples", "Samples", icon=":material/edit_note:", hypothesis=hypothesis.hypothesis_id)
        show_text((hypothesis.text,))
        if hypothesis.reasoning:
            st.caption("Why, says its writer:")
            show_text((hypothesis.reasoning,))
        if entry.pretest is None:
            st.caption(
                f"Not pre-tested. It takes {FEWEST} samples that the classifier has answered (the gates see to that); "
                f"the first {FIRST} are compared with plain texts."
            )
        else:
            _figures(entry.pretest)
        _word(workbench, entry)
        _later(entry)


def _figures(found: Pretest) -> None:
    figures = (found.failed, found.size, found.control_failed, found.control_size)
    st.markdown(f"**{pretest_sentence(*figures)}**", help=CONTROL_HELP)
    st.caption(
        f"{share_told(found.failed, found.size)} against {share_told(found.control_failed, found.control_size)}, with "
        f"95% intervals; p = {found.p_value:.3g} (Fisher's exact test, one-sided). By the figures: {found.verdict}. "
        f"At tau {found.tau:g}, {found.created_at:%d %b %H:%M}."
    )


def _word(workbench: Workbench, entry: LedgerEntry) -> None:
    own = entry.hypothesis.hypothesis_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button(
            "Pre-test again" if entry.pretest else "Pre-test",
            icon=":material/science:", key="pretest-one", on_click=_pretest, args=(workbench, own),
        )  # fmt: skip
        if entry.word is not None:
            st.caption(
                plain(one_line(f"{judge_title(entry.word.reviewer)} says {entry.verdict}: {entry.word.reason}", 400)),
                width="content",
            )
            st.button(
                "Let the figures count again", icon=":material/undo:", key="verdict-back",
                on_click=shell.attempt, args=(workbench.ledger.take_back, own, current_judge()),
            )  # fmt: skip
    with st.expander("Overrule the verdict", icon=":material/gavel:"):
        verdict = st.selectbox("Verdict", list(PretestVerdict), key=f"verdict-{own}", format_func=lambda one: one.value)
        key = f"verdict-reason-{own}"
        st.text_input("Why do the figures mislead?", key=key, max_chars=300)
        st.button(
            "Keep this verdict", icon=":material/gavel:", key="verdict-keep",
            on_click=_overrule, args=(workbench, own, verdict, key),
        )  # fmt: skip
        st.caption("The figures stay on record beside yours.")


def _later(entry: LedgerEntry) -> None:
    if not entry.effects:
        return
    size = entry.effects[0].size
    st.caption(
        f"Of the {words.count(size, 'validation text')} it rests on, wrong at first, later models get right:",
        help="The newest model of each arm. These texts were chosen since they were wrong, so some come right by mere "
        "further training: compare with the control arms.",
    )
    st.dataframe(
        [{"arm": effect.arm, "right": f"{effect.right:,} of {effect.size:,}"} for effect in entry.effects],
        hide_index=True,
        width=420,
        alt="Later effect of this hypothesis by arm",
    )


def _pretest(workbench: Workbench, hypothesis_id: str) -> None:
    shell.attempt(workbench.ledger.pretest, hypothesis_id)


def _overrule(workbench: Workbench, hypothesis_id: str, verdict: PretestVerdict, key: str) -> None:
    reason = str(st.session_state.get(key) or "")
    shell.attempt(workbench.ledger.overrule, hypothesis_id, verdict, current_judge(), reason)
