"""How much of the budget is used: 1% of the training set from abstractions, 1% from extrapolations (3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from bsm_core.domain.hypotheses import Agent, HypothesisKind
from bsm_core.domain.synthesis import BudgetUse, DecisionKind
from bsm_core.ports import SampleCount, Store
from bsm_core.ui.components.agents import MEANINGS, SHORT
from bsm_core.ui.text import html

_STYLE = """<style>
.bsm-budget { display: grid; grid-template-columns: max-content minmax(8em, 1fr) minmax(8em, 1fr); gap: .45em 1.4em;
  align-items: center; font-size: .9rem; max-width: 60rem; }
.bsm-budget .who { font-weight: 600; }
.bsm-budget .what { display: flex; justify-content: space-between; gap: .6em; font-size: .82rem; }
.bsm-budget .what span:last-child { font-variant-numeric: tabular-nums; font-weight: 600; }
.bsm-budget .track { height: .55em; border-radius: .3em; background: light-dark(#e6e9ee, #2a2f38); overflow: hidden; }
.bsm-budget .fill { height: 100%; border-radius: .3em; background: #3d84c6; }
.bsm-budget .fill.full { background: #2a8a6b; }
.bsm-budget .fill.over { background: repeating-linear-gradient(45deg, #d9700f 0 6px, #b95a06 6px 9px); }
</style>"""

HELP = (
    "The paper adds as many samples as 1% of the training set from abstractions and 1% from extrapolations (3.1). "
    "Each agent's arm has the whole budget, so that arms can be compared. What is approved beyond it is not used."
)


def show_budget(store: Store, study_id: str, counts: Sequence[SampleCount]) -> None:
    """One row an agent: approved of allowed, by kind of hypothesis. ``counts`` are of the study's samples."""
    st.markdown("##### Budget", help=HELP)
    whole = store.samples.budget(study_id)
    written = {one.agent for one in counts}
    rows = "".join(_row(agent, _use(agent, whole, counts)) for agent in Agent if agent in written)
    st.html(f'{_STYLE}<div class="bsm-budget">{rows}</div>')


def _use(agent: Agent, whole: BudgetUse, counts: Sequence[SampleCount]) -> BudgetUse:
    own = [one for one in counts if one.agent is agent and one.status is DecisionKind.APPROVED]
    abstraction, extrapolation = (sum(one.count for one in own if one.kind is kind) for kind in HypothesisKind)
    return replace(whole, approved_abstraction=abstraction, approved_extrapolation=extrapolation)


def _row(agent: Agent, use: BudgetUse) -> str:
    who = f'<div class="who" title="{html(MEANINGS[agent])}">{html(SHORT[agent].capitalize())}</div>'
    return (
        who
        + _meter("abstraction", use.approved_abstraction, use.allowed_abstraction)
        + _meter("extrapolation", use.approved_extrapolation, use.allowed_extrapolation)
    )


def _meter(kind: str, approved: int, allowed: int) -> str:
    share = min(1.0, approved / allowed) if allowed else 0.0
    state = "over" if approved > allowed else "full" if allowed and approved == allowed else ""
    told = f"{approved:,} of {allowed:,}" + (" ✓" if state == "full" else " (more than are used)" if state else "")
    return (
        f'<div><div class="what"><span>from {kind}</span><span>{told}</span></div>'
        f'<div class="track"><div class="fill {state}" style="width:{100 * share:.1f}%"></div></div></div>'
    )
