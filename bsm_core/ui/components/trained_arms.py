"""The models of a study so far: trained, evaluated, and with what."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from bsm_core.domain.arms import Arm
from bsm_core.ports import Store
from bsm_core.ui import words


def trained_arms(store: Store, study_id: str) -> int:
    """Draw the list of retrained models, newest first; return how many there are."""
    evaluated = {evaluation.model_id for evaluation in store.evaluations.all(study_id)}
    models = [model for model in reversed(store.models.all(study_id)) if model.arm is not Arm.ORIGINAL]
    if models:
        table = pa.table(
            {
                "Arm": [words.ARMS[model.arm] for model in models],
                "Added": [model.budget for model in models],
                "Seed": [model.seed for model in models],
                "Trained": [f"{model.created_at:%d %b %Y %H:%M}" for model in models],
                "Evaluated": ["✓ on test" if model.model_id in evaluated else "not yet" for model in models],
            }
        )
        st.dataframe(table, hide_index=True, alt="Retrained models, newest first")
    return len(models)
