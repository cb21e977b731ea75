"""One visitor's state. The truth is in the URL (it survives F5, a restart and being sent to a colleague);
``st.session_state`` only carries it from page to page, since navigation clears the URL's parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

import streamlit as st

from bsm_core.domain.studies import Study
from bsm_core.domain.unknowns import check_tau
from bsm_core.ui import navigation
from bsm_core.workbench import Workbench

_STUDY = "study"
_TAU = "tau"
_FLASHES = "_flashes"


@dataclass(frozen=True, slots=True)
class Flash:
    """A message for the next drawing: ``kind`` is success, info, warning or error. ``text`` is not markdown."""

    kind: str
    text: str


def param(name: str) -> str | None:
    """One parameter of the URL; None when absent or empty."""
    return st.query_params.get(name) or None


def put(**params: object) -> None:
    """Set parameters of the URL; None and the empty string remove them."""
    for name, value in params.items():
        if value is None or value == "":
            if name in st.query_params:
                del st.query_params[name]
        elif st.query_params.get(name) != str(value):
            st.query_params[name] = str(value)


def current_study(workbench: Workbench) -> Study | None:
    """The study in the URL, else the one last looked at, else the oldest. None when there is none.

    Raises NotFoundError for an id that is not in this workspace.
    """
    wanted = param(_STUDY) or st.session_state.get(_STUDY)
    study = workbench.store.studies.get(wanted) if wanted else next(iter(workbench.store.studies.all()), None)
    if study is not None:
        st.session_state[_STUDY] = study.study_id
        put(study=study.study_id)
    return study


def open_study(study_id: str) -> None:
    """Go on with another study; what was chosen within the old one is dropped."""
    st.session_state[_STUDY] = study_id
    st.session_state.pop(_TAU, None)
    st.query_params.clear()
    put(study=study_id)


def tau(study: Study) -> float:
    """The URL's tau when it is a possible one, else this visit's, else the study's."""
    for candidate in (param(_TAU), st.session_state.get(_TAU)):
        try:
            if candidate is not None:
                return check_tau(round(float(candidate), 4))
        except ValueError:
            continue  # a mistyped address: fall back as for a missing one
    return study.tau


def set_tau(value: float) -> None:
    st.session_state[_TAU] = value
    put(tau=f"{value:g}")


def items() -> tuple[str, ...]:
    """Ids in the URL's ``items``: the UUs chosen on Browse."""
    return tuple(item for item in (param("items") or "").split(",") if item)


def flash(text: str, kind: str = "success") -> None:
    """Show ``text`` at the next drawing, for callbacks and before a rerun."""
    st.session_state.setdefault(_FLASHES, []).append(Flash(kind, text))


def take_flashes() -> list[Flash]:
    return list(st.session_state.pop(_FLASHES, []))


def _carried(params: dict[str, object]) -> dict[str, str]:
    kept = {_STUDY: st.session_state.get(_STUDY), **params}
    return {name: str(value) for name, value in kept.items() if value not in (None, "")}


def go(page: str, **params: object) -> NoReturn:
    """Switch to a page by name, with the study and ``params`` in the URL. Not inside callbacks."""
    st.switch_page(navigation.page(page), query_params=_carried(params))


def link(page: str, label: str, *, icon: str | None = None, help: str | None = None, **params: object) -> None:
    """A link to a page by name, with the study and ``params`` in the URL. ``label`` is our own words."""
    target = navigation.page(page)
    st.page_link(target, label=label, icon=icon or target.icon, help=help, query_params=_carried(params))


def join(values: Iterable[str]) -> str:
    """Ids as one URL parameter."""
    return ",".join(values)
