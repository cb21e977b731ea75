"""The pre-test of a hypothesis before money is spent: its first samples against plain validation texts, as the baseline
answered them already. No job is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bsm_core.domain.curation import Candidate, Pretest
from bsm_core.domain.studies import Study
from bsm_core.errors import ConfigError, NothingToDoError
from bsm_core.metrics.pretest import fisher_greater, pretest_verdict
from bsm_core.ports import Store
from bsm_core.workflow.specs import new_id

FIRST = 10
"""Samples that a pre-test looks at: the first ones written."""
FEWEST = 3
CONTROLS_EACH = 10
"""Plain texts for each sample, of its label. They cost nothing, and steady the comparison."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What pre-tests of a study compare. ``samples`` by the version of the hypothesis they were written for, oldest
    first; ``controls`` by label, in an order drawn by seed."""

    study_id: str
    model_id: str
    tau: float
    size: int
    samples: dict[str, list[Candidate]]
    controls: dict[int, list[Candidate]]


def ground(store: Store, study: Study, model_id: str, size: int = FIRST) -> Ground:
    """Samples count as they were written, whatever was decided since, but for those rejected or failed by a gate: their
    label or their language is doubtful. Controls are drawn from all validation texts, those behind a hypothesis
    included, which can only make it harder to support.

    Raises ConfigError for an impossible size.
    """
    if size < FEWEST:
        raise ConfigError(f"a pre-test of {size} samples tells nothing; use {FEWEST} or more")
    samples: dict[str, list[Candidate]] = {}
    for one in store.pretests.candidates(study.study_id, model_id, study.tau):
        samples.setdefault(str(one.hypothesis_id), []).append(one)
    labels = range(len(study.task.label_names))
    controls: dict[int, list[Candidate]] = {label: [] for label in labels}
    wanted = dict.fromkeys(labels, size * CONTROLS_EACH)
    for one in store.pretests.controls(model_id, study.tau, wanted, int(str(study.config["seed"]))):
        controls[one.label].append(one)
    return Ground(study.study_id, model_id, study.tau, size, samples, controls)


def pretest(on: Ground, hypothesis_ids: Sequence[str]) -> Pretest:
    """Of the hypothesis whose versions have these ids, the present one first. Nothing is stored.

    Raises NothingToDoError for too few samples or texts.
    """
    known = [one for name in reversed(hypothesis_ids) for one in on.samples.get(name, [])]
    samples = known[: on.size]
    if len(samples) < FEWEST:
        raise NothingToDoError(
            f"a pre-test needs {FEWEST} samples that the classifier has answered, and this hypothesis has "
            f"{len(samples)}; write more, and check them by the gates"
        )
    labels = Counter(one.label for one in samples)
    each = min(CONTROLS_EACH, *(len(on.controls[label]) // count for label, count in labels.items()))
    if not each:
        raise NothingToDoError("too few validation texts of the samples' labels to compare with")
    controls = [one for label, count in sorted(labels.items()) for one in on.controls[label][: each * count]]
    failed, control_failed = sum(one.is_uu for one in samples), sum(one.is_uu for one in controls)
    figures = (failed, len(samples), control_failed, len(controls))
    return Pretest(
        pretest_id=new_id("pt"),
        study_id=on.study_id,
        hypothesis_id=hypothesis_ids[0],
        model_id=on.model_id,
        tau=on.tau,
        size=len(samples),
        failed=failed,
        control_size=len(controls),
        control_failed=control_failed,
        p_value=fisher_greater(*figures),
        verdict=pretest_verdict(*figures),
        sample_ids=tuple(one.sample_id for one in samples),
        control_ids=tuple(one.sample_id for one in controls),
        created_at=datetime.now(UTC),
    )
