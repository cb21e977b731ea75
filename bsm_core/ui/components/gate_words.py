"""A human's word against a gate, and what the gates said before."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.synthesis import Check, CheckName, SampleState
from bsm_core.ui import session, shell
from bsm_core.ui.components.judge_name import current_judge
from bsm_core.ui.components.sample_checks import TITLES, measured, verdict
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench


def gate_words(workbench: Workbench, state: SampleState) -> None:
    """Below a sample's verdicts. Nothing when it has not been checked."""
    if not state.checks:
        return
    with st.expander("Overrule a verdict", icon=":material/gavel:"):
        _overrule_form(workbench, state)
    earlier = workbench.gating.earlier(state.sample.sample_id)
    if earlier:
        with st.expander(f"Earlier verdicts ({len(earlier)})", icon=":material/history:"):
            st.caption("From checks before the last one, perhaps under other settings. Nothing is taken away.")
            _history(earlier)


def _overrule_form(workbench: Workbench, state: SampleState) -> None:
    own = state.sample.sample_id
    by_name = {check.name: check for check in state.checks}
    failed = [check.name for check in state.checks if not check.stands]
    name = st.selectbox(
        "Verdict",
        list(by_name),
        index=list(by_name).index(failed[0]) if failed else 0,
        key=f"overrule-name-{own}",
        format_func=lambda one: f"{TITLES[one]}: {verdict(by_name[one])}{_after(by_name[one])}",
    )
    reviewer = current_judge()
    check = by_name[name]
    if check.is_overruled:
        st.button(
            "Let the gate's verdict count again", icon=":material/undo:", key="overrule-back",
            on_click=_take_back, args=(workbench, own, name, reviewer),
        )  # fmt: skip
        return
    key = f"overrule-reason-{own}-{name}"
    st.text_input("Why is the gate mistaken?", key=key, max_chars=300)
    st.button(
        f"Overrule: it {'fails' if check.passed else 'passes'}",
        icon=":material/gavel:",
        key="overrule-do",
        on_click=_overrule,
        args=(workbench, own, name, key, reviewer),
    )
    st.caption(
        "The gate's verdict stays on record beside yours. Yours also holds when the gates look again; an edited text "
        "is a new version, and starts afresh."
    )


def _after(check: Check) -> str:
    return f", overruled: {'passes' if check.stands else 'fails'}" if check.is_overruled else ""


def _overrule(workbench: Workbench, sample_id: str, name: CheckName, key: str, reviewer: str) -> None:
    shell.attempt(workbench.gating.overrule, sample_id, name, str(st.session_state.get(key) or ""), reviewer)


def _take_back(workbench: Workbench, sample_id: str, name: CheckName, reviewer: str) -> None:
    shell.attempt(workbench.gating.take_back, sample_id, name, reviewer)


def check_outdated(workbench: Workbench, study_id: str, busy: bool) -> None:
    """Says how many samples were checked under other settings than the present ones, with the button that mends it."""
    outdated = 0 if busy else workbench.gating.outdated(study_id)
    if not outdated:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{outdated:,} of the samples were checked under other settings of the gates.",
            width="content",
            help="Their verdicts count until the gates look again, and stay on record after that.",
        )
        st.button(
            f"Check {outdated:,} again", icon=":material/restart_alt:", key="samples-check-again",
            on_click=_check_again, args=(workbench, study_id),
        )  # fmt: skip


def _check_again(workbench: Workbench, study_id: str) -> None:
    if shell.attempt(workbench.gating.check_again, study_id) is not None:
        session.flash("The check has started in the background. The verdicts so far stay on record.")


def _history(earlier: Sequence[Check]) -> None:
    st.dataframe(
        pa.table(
            {
                "When": [f"{check.created_at:%d %b %H:%M}" for check in earlier],
                "Gate": [TITLES[check.name] for check in earlier],
                "Verdict": [verdict(check) for check in earlier],
                "Measured": [measured(check) for check in earlier],
                "Reason": [one_line(check.reason, 300) for check in earlier],
            }
        ),
        hide_index=True,
        alt="Earlier verdicts of the gates, newest first",
        column_config={"Reason": st.column_config.TextColumn(width="large")},
    )
