"""The pages as data: title, icon, stable URL. The router reads it; links are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

PAGES_FOLDER = Path(__file__).resolve().parents[2] / "pages"

DEFAULT = "overview"


@dataclass(frozen=True, slots=True)
class PageEntry:
    """``name`` is the file's stem and the URL path (the default page answers at ``/``)."""

    name: str
    title: str
    icon: str
    group: str
    help: str


ENTRIES = (
    PageEntry("overview", "Overview", ":material/map:", "Study", "The study as a path of steps, and what to do next."),
    PageEntry("data", "Data", ":material/dataset:", "Study", "Make a study; look at its rows and splits."),
    PageEntry(
        "baseline", "Baseline", ":material/model_training:", "Find", "Train the classifier and see how good it is."
    ),
    PageEntry(
        "discover", "Discover", ":material/troubleshoot:", "Find", "Provoke confident mistakes on validation texts."
    ),
    PageEntry("browse", "Browse", ":material/visibility:", "Find", "Look at the unknown unknowns one by one."),
    PageEntry("spots", "Blind spots", ":material/bubble_chart:", "Find", "Unknown unknowns that lie together."),
    PageEntry("hypotheses", "Hypotheses", ":material/psychology:", "Mend", "Write down why the model fails."),
    PageEntry("survey", "Survey", ":material/groups:", "Mend", "Have people say why the model fails."),
    PageEntry("samples", "Samples", ":material/edit_note:", "Mend", "Generate, check and approve synthetic samples."),
    PageEntry("retrain", "Retrain", ":material/autorenew:", "Mend", "Train one model per treatment, at one budget."),
    PageEntry("compare", "Compare", ":material/compare_arrows:", "Mend", "See whether the blind spots are gone."),
    PageEntry(
        "experiments", "Experiments", ":material/science:", "Prove", "Several seeds, by a plan fixed beforehand."
    ),
    PageEntry("paper", "Beside the paper", ":material/menu_book:", "Prove", "The paper's tables, with your numbers."),
    PageEntry("report", "Report", ":material/article:", "Prove", "All that was found, as files."),
    PageEntry("controlled", "Self-test", ":material/science:", "Prove", "Are planted blind spots found and removed?"),
    PageEntry("prompts", "Prompts", ":material/chat:", "System", "What the language model is asked, word for word."),
    PageEntry("jobs", "Jobs", ":material/list_alt:", "System", "Everything that runs or ran in the background."),
    PageEntry("settings", "Settings", ":material/settings:", "System", "Teacher endpoint, device, tau and gates."),
)

_BY_NAME = {entry.name: entry for entry in ENTRIES}


def entry(name: str) -> PageEntry:
    return _BY_NAME[name]


def page(name: str) -> Any:
    """The ``st.Page`` of a name, for ``st.navigation``, ``st.page_link`` and ``st.switch_page``."""
    found = _BY_NAME[name]
    return st.Page(
        PAGES_FOLDER / f"{name}.py",
        title=found.title,
        icon=found.icon,
        url_path=name,
        default=name == DEFAULT,
        help=found.help,
    )


def sections() -> dict[str, list[Any]]:
    """Pages by group, in order, for ``st.navigation``."""
    grouped: dict[str, list[Any]] = {}
    for item in ENTRIES:
        grouped.setdefault(item.group, []).append(page(item.name))
    return grouped
