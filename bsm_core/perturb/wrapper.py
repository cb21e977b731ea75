"""Our classifier as TextAttack's victim model."""

from __future__ import annotations

from collections.abc import Sequence

from textattack.models.wrappers import ModelWrapper

from bsm_core.domain.tasks import Text
from bsm_core.perturb.broker import ask
from bsm_core.ports import Classifier, FloatArray, JobContext


class ClassifierWrapper(ModelWrapper):
    """Answers TextAttack's queries with the classifier's logits, without padding to the maximum length, and together
    with the queries of the other searches that wait."""

    def __init__(self, classifier: Classifier, context: JobContext) -> None:
        self.model = classifier
        self.context = context

    def __call__(self, text_input_list: Sequence[str | Sequence[str]]) -> FloatArray:
        """Float32 (n, K). Tells progress and raises JobCancelledError when the user asked to stop, also in the midst
        of an example: ranking the words of a long text is thousands of queries."""
        logits = ask(self._logits, [_text(item) for item in text_input_list])
        # TextAttack takes rows that sum to 1 for probabilities; centered rows never do, and their softmax is the same.
        return logits - logits.mean(axis=1, keepdims=True)

    def _logits(self, texts: list[Text]) -> FloatArray:
        self.context.check_cancelled()
        return self.model.logits(texts, self.context)


def _text(item: str | Sequence[str]) -> Text:
    return (item,) if isinstance(item, str) else tuple(item)
