"""What this visitor decided last, and taking it back: one step a press, bulk decisions as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from bsm_core.domain.curation import Outcome
from bsm_core.ui import session, shell, words
from bsm_core.ui.components.sample_filter import key_of, show_sample
from bsm_core.workbench import Workbench

_MOST = 50


@dataclass(frozen=True)
class Step:
    batch_id: str
    told: str
    sample_id: str | None
    """The sample to show again; None for a bulk decision."""


def steps(study_id: str) -> tuple[Step, ...]:
    return tuple(st.session_state.get(key_of(study_id, "steps"), ()))


def remember(study_id: str, outcome: Outcome, told: str, sample_id: str | None = None) -> None:
    """For callbacks, after a decision."""
    if outcome.decided:
        st.session_state[key_of(study_id, "steps")] = (
            *steps(study_id),
            Step(outcome.batch_id, told, sample_id),
        )[-_MOST:]


def undo_button(workbench: Workbench, study_id: str) -> None:
    known = steps(study_id)
    st.button(
        "Undo", icon=":material/undo:", shortcut="Z", key="sample-undo", disabled=not known,
        on_click=_undo, args=(workbench, study_id),
        help=f"Takes back: {known[-1].told}." if known else "Nothing was decided in this visit.",
    )  # fmt: skip


def _undo(workbench: Workbench, study_id: str) -> None:
    *earlier, last = steps(study_id)
    st.session_state[key_of(study_id, "steps")] = tuple(earlier)
    done = shell.attempt(workbench.curation.undo, last.batch_id)
    if done is None:
        return
    back, left = done
    if last.sample_id is not None:
        show_sample(last.sample_id)
    else:
        rest = f" {left:,} left alone: decided on again since." if left else ""
        session.flash(f"Undone for {words.count(back, 'sample')}.{rest}", "info")
