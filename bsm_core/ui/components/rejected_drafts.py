"""What the language model wrote and the workbench did not take, and how far its extrapolations go."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from bsm_core.domain.lineage import LineageNode, flatten
from bsm_core.ui import words
from bsm_core.ui.components.pagination import paginate
from bsm_core.ui.text import one_line
from bsm_core.workbench import Workbench
from bsm_core.workflow.nearness import PARENT_COSINE, PARENT_OVERLAP

_SIZE = 10


def rejected_drafts(workbench: Workbench, study_id: str, nodes: Sequence[LineageNode]) -> None:
    """Nothing where nothing was rejected or measured."""
    key = f"rejected-drafts-{study_id}"
    offset = (int(st.session_state.get(key, 1)) - 1) * _SIZE
    page = workbench.store.drafts.rejected(study_id, limit=_SIZE, offset=offset)
    measured = workbench.store.drafts.nearness(study_id)
    if not page.total and not measured:
        return
    title = f"{words.count(page.total, 'draft')} rejected, {words.count(len(measured), 'extrapolation')} measured"
    with st.expander(title, icon=":material/difference:"):
        if page.total:
            st.caption("Too near to something that is there already; kept with the reason, and written anew.")
            rows = [
                {
                    "kind": one.kind.value,
                    "text": one_line(one.text, 400),
                    "reason": one_line(one.reason, 200),
                }
                for one in page.rows
            ]
            st.dataframe(rows, hide_index=True, row_height=56)
            if page.total > _SIZE:
                paginate(page.total, key, size=_SIZE, noun="drafts")
        if measured:
            st.caption(
                "How near each extrapolation is to the abstraction it starts from. It is rejected from "
                f"{PARENT_OVERLAP:.0%} of the content words in common, or a cosine of {PARENT_COSINE:g}, on."
            )
            rows = [
                {
                    "extrapolation": f"{node.number} · {one_line(node.hypothesis.text, 200)}",
                    "words in common": f"{found.overlap:.0%}",
                    "cosine": "not measured" if found.cosine is None else f"{found.cosine:.2f}",
                }
                for node in flatten(nodes)
                if (found := measured.get(node.hypothesis.hypothesis_id)) is not None
            ]
            st.dataframe(rows, hide_index=True)
