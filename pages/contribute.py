"""Contribute: the survey, for people who see nothing else of the study. Reached by a link of one's own."""

from __future__ import annotations

from bsm_core.ui.components.survey_frame import frame
from bsm_core.ui.components.survey_seat import show_seat

with frame():
    show_seat()
