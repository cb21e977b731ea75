"""The study's models by name, where one is chosen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from bsm_core.domain.arms import Arm, Model
from bsm_core.ui import words


def name_models(models: Sequence[Model]) -> dict[str, str]:
    """One short name a model, by id, in our own words; several of one arm are numbered in order of training."""
    total, seen = Counter(model.arm for model in models), Counter[Arm]()
    names = {}
    for model in models:
        seen[model.arm] += 1
        number = f" ({seen[model.arm]})" if total[model.arm] > 1 else ""
        names[model.model_id] = words.ARMS[model.arm] + number
    return names


def choose_model(
    models: Sequence[Model],
    baseline_id: str,
    key: str,
    help: str,
    on_change: Callable[[], None] | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """Its id. The baseline comes first; where it is the only model nothing is asked."""
    names = name_models(models)
    if len(names) < 2:
        return baseline_id
    options = sorted(names, key=lambda one: one != baseline_id)
    return st.selectbox(
        "Model",
        options,
        format_func=lambda one: names.get(one, "?"),
        key=key,
        help=help,
        on_change=on_change,
        width=width,
    )
