"""Every judge's word on one text, what they say together, and whose word is asked for now."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.domain.unknowns import Judgement, Verdict
from bsm_core.ui import words
from bsm_core.ui.components.judge_name import judge_title
from bsm_core.workflow.judge import decide

_LEAVES = {Verdict.NO: "it has left the count", Verdict.YES: "it counts", Verdict.UNSURE: "it stays in the count"}


def item_ledger(said: Sequence[Judgement]) -> None:
    """``said`` is oldest first. Nothing is drawn before anybody has judged."""
    if not said:
        return
    latest = latest_words(said)
    together = decide(latest)
    alike = sum(verdict is together for verdict in latest.values())
    told = f"Together: **{words.VERDICTS[together]}**, so {_LEAVES[together]}."
    if len(latest) > 1:
        told += f" {alike} of {len(latest)} judges say so."
    st.markdown(
        told, help="A human's word goes before a language model's, and that before the rule's; among like the majority."
    )
    with st.expander(f"The judges' words ({len(said)})", icon=":material/gavel:"):
        newest = list(reversed(said))
        seen: set[str] = set()
        st.dataframe(
            pa.table(
                {
                    "Judge": [judge_title(one.agent) for one in newest],
                    "Label still right?": [words.VERDICTS[one.verdict] for one in newest],
                    "When (UTC)": [f"{one.created_at:%d %b %Y %H:%M}" for one in newest],
                    "": ["" if _is_new(one.agent, seen) else "changed later" for one in newest],
                }
            ),
            hide_index=True,
            alt="Every word on this text, newest first",
        )


def latest_words(said: Sequence[Judgement]) -> dict[str, Verdict]:
    """Judge to verdict."""
    return {one.agent: one.verdict for one in said}


def _is_new(agent: str, seen: set[str]) -> bool:
    new = agent not in seen
    seen.add(agent)
    return new
