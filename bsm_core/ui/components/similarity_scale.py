"""What a similarity score means in this study: the pass mark, and which texts reach it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from bsm_core.charts import theme
from bsm_core.charts.similarity_scores import Group, Mark, similarity_histograms
from bsm_core.config import PAPER_SIMILARITY
from bsm_core.domain.synthesis import CheckName
from bsm_core.ports import SimilarityScale
from bsm_core.ui import words
from bsm_core.ui.text import one_line, plain
from bsm_core.workbench import Workbench

_MEANINGS = {
    "Training texts": "each against all the others; the pass mark is drawn from these",
    "Held-out training texts": "which the pass mark was not drawn from",
    "Samples": "of this study, at their last check",
    "Shuffled words": "real texts with their words in another order: the gate against nonsense must catch these",
    "Random words": "as many words as a real text, drawn from all of them",
    "Off topic": "sentences from the manual of Python's library: real English about something else",
}


def similarity_scale(workbench: Workbench, study_id: str, key: str) -> None:
    """Histograms with the mark, and a table of who passes; says so when nothing was measured yet."""
    scale = workbench.gating.scale(study_id)
    if scale is None or not scale.training:
        st.caption(
            "Not measured yet. Each check of samples measures how real texts, made-bad texts and the samples score."
        )
        return
    samples = workbench.store.gates.values(study_id, CheckName.SIMILARITY)
    groups = _groups(scale, samples)
    st.plotly_chart(
        similarity_histograms(
            [Group(name, scores, name == "Training texts") for name, scores in groups.items() if name in _DRAWN],
            [Mark(f"pass mark {scale.threshold:.3f}", scale.threshold)],
        ),
        key=f"similarity-{key}",
        config=theme.CONFIG,
        alt="Histograms of similarity scores of training texts, made-bad texts and samples, with the pass mark",
    )
    _table(groups, scale)
    best = "the closest one" if scale.top == 1 else f"the {scale.top} closest, on average"
    st.caption(
        f"BERTScore with {plain(one_line(scale.encoder, 60))}, layer {scale.layer}, against "
        f"{words.count(scale.references, 'training text')}: {best}. A score says whether a text is about the same "
        "things, not whether it makes sense."
    )
    rejected = 1 - _share(scale.real, PAPER_SIMILARITY)
    st.caption(
        f"The paper's mark is {PAPER_SIMILARITY:g}, on its own encoder's scale. On this encoder and layer it would "
        f"reject {rejected:.0%} of real texts."
    )


_DRAWN = ("Training texts", "Shuffled words", "Off topic", "Random words", "Samples")


def _groups(scale: SimilarityScale, samples: Sequence[float]) -> dict[str, Sequence[float]]:
    return {
        "Training texts": scale.training,
        "Shuffled words": scale.shuffled,
        "Off topic": scale.off_topic,
        "Random words": scale.random_words,
        "Samples": samples,
        "Held-out training texts": scale.real,
    }


def _table(groups: dict[str, Sequence[float]], scale: SimilarityScale) -> None:
    told = {name: groups[name] for name in _MEANINGS if groups[name]}
    st.dataframe(
        pa.table(
            {
                "Texts": list(told),
                "How many": [len(scores) for scores in told.values()],
                f"Reach {scale.threshold:.3f}": [f"{_share(scores, scale.threshold):.0%}" for scores in told.values()],
                f"Reach the paper's {PAPER_SIMILARITY:g}": [
                    f"{_share(scores, PAPER_SIMILARITY):.0%}" for scores in told.values()
                ],
                "What they are": [_MEANINGS[name] for name in told],
            }
        ),
        hide_index=True,
        alt="Shares of texts that reach the pass mark, and that would reach the paper's",
    )


def _share(scores: Sequence[float], mark: float) -> float:
    return sum(score >= mark for score in scores) / max(1, len(scores))
