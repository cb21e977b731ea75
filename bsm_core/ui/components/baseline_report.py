"""How good the baseline is, and whether it knows when it is not."""

from __future__ import annotations

import json

import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.confusion import confusion_matrix
from bsm_core.charts.reliability import reliability_diagram
from bsm_core.domain.arms import Model
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.metrics.calibration import ece
from bsm_core.ports import UnknownFilter
from bsm_core.ui import session, words
from bsm_core.ui.text import visible
from bsm_core.workbench import Workbench


def baseline_report(workbench: Workbench, study: Study, model: Model) -> None:
    """Accuracy, calibration and natural UUs on validation; confusion matrix and reliability diagram."""
    predictions = workbench.store.predictions
    probabilities, labels = predictions.arrays(model.model_id, Split.VALIDATION)
    accuracy = predictions.accuracy(model.model_id, Split.VALIDATION)
    if accuracy is None or not len(labels):
        st.info("The model has no answers on validation texts yet.", icon=":material/hourglass_empty:")
        return
    tau = session.tau(study)
    natural = workbench.store.unknowns.counts(UnknownFilter(model.model_id, tau)).natural
    one, two, three, four = st.columns(4)
    one.metric("Accuracy", f"{accuracy:.1%}", border=True, help="Share of validation texts with the right answer.")
    two.metric("Calibration error", f"{ece(probabilities, labels):.1%}", border=True, help=words.CALIBRATION)
    three.metric(
        f"Natural UUs at tau {tau:g}", f"{natural:,}", border=True, help=f"{words.UU} Natural: {words.NATURAL}"
    )
    four.metric("Validation texts", f"{len(labels):,}", border=True, help=words.SPLITS[Split.VALIDATION])
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("##### What it takes for what")
        counts = predictions.confusion(model.model_id, Split.VALIDATION)
        st.plotly_chart(
            confusion_matrix(counts, study.task.label_names),
            key="confusion",
            config=theme.CONFIG,
            alt="Confusion matrix: the label against the model's answer",
        )
    with right:
        st.markdown("##### Is its confidence earned?")
        bins = predictions.reliability(model.model_id, Split.VALIDATION)
        st.plotly_chart(
            reliability_diagram(bins),
            key="reliability",
            config=theme.CONFIG,
            alt="Reliability diagram: accuracy by range of confidence",
        )
        st.caption("Bars below the dashed line: surer than right. That is where unknown unknowns live.")


def model_card(model: Model) -> None:
    """Everything recorded about the training run."""
    with st.expander("Model card", icon=":material/badge:"):
        st.code(visible(json.dumps(model.card, indent=2, default=str)), language="json")
