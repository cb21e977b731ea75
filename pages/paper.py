"""Beside the paper: its tables and figures in form, from this workspace's own numbers."""

from __future__ import annotations

from bsm_core.domain.studies import Study
from bsm_core.ui import shell
from bsm_core.ui.components.paper_sections import paper_sections
from bsm_core.workbench import Workbench


def draw(workbench: Workbench, study: Study) -> None:
    paper_sections(workbench, study)


shell.show_page(
    "paper",
    "The tables and figures of the paper that this workbench builds on, filled with this workspace's numbers. What the "
    "paper reports stands beside them, and is always marked as the paper's.",
    draw,
)
