"""One handler a job kind, with its adapters. Only workers call them: torch and TextAttack load on first use."""

from __future__ import annotations

import os
from collections.abc import Callable

from bsm_core.bootstrap import parts
from bsm_core.domain.jobs import JobKind, JobSpec
from bsm_core.ports import JobContext, JobResult

Handler = Callable[[JobSpec, JobContext], JobResult]


def worker_handlers() -> dict[JobKind, Handler]:
    """One handler a job kind, with its adapters. Only workers call this: torch and TextAttack load on first use."""
    # Read when torch loads. Its threads would else spin while they wait, and on a busy machine hold up each other.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    return {
        JobKind.TRAIN: _train,
        JobKind.DISCOVER: _discover,
        JobKind.CLUSTER: _cluster,
        JobKind.LOCATE: _locate,
        JobKind.ATTRIBUTE: _attribute,
        JobKind.SYNTHESIZE: _synthesize,
        JobKind.UNTARGETED: _untargeted,
        JobKind.WRITE: _write,
        JobKind.CROSS_CHECK: _cross_check,
        JobKind.COMPARE_PROMPTS: _compare_prompts,
        JobKind.GATE: _gate,
        JobKind.JUDGE: _judge,
        JobKind.EVALUATE: _evaluate,
        JobKind.REPLAY: _replay,
        JobKind.CONTROLLED: _controlled,
    }


def _train(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.classifiers.train import ClassifierTrainer
    from bsm_core.tasks.assets import find_asset
    from bsm_core.workflow.train import train

    return train(spec, context, trainer=ClassifierTrainer(find_asset), load_classifier=parts.load_classifier)


def _discover(spec: JobSpec, context: JobContext) -> JobResult:
    if "imported" in spec.params:
        from bsm_core.workflow.imported import import_pairs

        return import_pairs(spec, context, load_classifier=parts.load_classifier)
    from bsm_core.workflow.discover import discover

    return discover(spec, context, load_classifier=parts.load_classifier, perturber=parts.perturber())


def _evaluate(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.evaluate import evaluate

    return evaluate(spec, context, load_classifier=parts.load_classifier, perturber=parts.perturber())


def _replay(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.replay import replay

    return replay(spec, context, load_classifier=parts.load_classifier)


def _cluster(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.cluster import cluster

    return cluster(spec, context, embedder_for=parts.text_embedder, grouper_for=parts.grouper)


def _locate(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.locate import locate

    return locate(spec, context, embedder_for=parts.text_embedder)


def _attribute(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.domain.blind_spots import SpotSpace
    from bsm_core.workflow.attribute import attribute

    # What the classifier itself decides from: the head stands in its head's place.
    return attribute(spec, context, embedder_for=lambda path: parts.text_embedder(SpotSpace.CLASSIFIER, path))


def _synthesize(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.synthesize import synthesize

    workspace = parts.workspace(context)
    return synthesize(
        spec,
        context,
        teacher_for=lambda config, record: parts.make_teacher(config, workspace, record),
        load_classifier=parts.load_classifier,
        similarity_for=parts.similarity_for,
        load=parts.prompts(workspace).current,
    )


def _untargeted(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.untargeted import write_untargeted

    workspace = parts.workspace(context)
    return write_untargeted(
        spec,
        context,
        teacher_for=lambda config, record: parts.make_teacher(config, workspace, record),
        load_classifier=parts.load_classifier,
        similarity_for=parts.similarity_for,
    )


def _write(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.write import write

    workspace = parts.workspace(context)
    return write(
        spec,
        context,
        open_teacher=parts.open_teacher(workspace),
        cache=parts.answers(workspace),
        load_classifier=parts.load_classifier,
        similarity_for=parts.similarity_for,
        load_embedder=parts.load_embedder,
        open_batch=parts.open_batch(workspace),
    )


def _cross_check(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.cross_check import cross_check

    workspace = parts.workspace(context)
    return cross_check(spec, context, open_teacher=parts.open_teacher(workspace), cache=parts.answers(workspace))


def _compare_prompts(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.compare_prompts import compare_prompts

    workspace = parts.workspace(context)
    return compare_prompts(spec, context, open_teacher=parts.open_teacher(workspace), cache=parts.answers(workspace))


def _judge(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.judge_texts import judge_texts

    workspace = parts.workspace(context)
    return judge_texts(
        spec,
        context,
        teacher_for=lambda config, record: parts.make_teacher(config, workspace, record),
        load=parts.prompts(workspace).current,
    )


def _gate(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.workflow.gate import gate

    return gate(spec, context, load_classifier=parts.load_classifier, similarity_for=parts.similarity_for)


def _controlled(spec: JobSpec, context: JobContext) -> JobResult:
    from bsm_core.classifiers.train import ClassifierTrainer
    from bsm_core.tasks.assets import find_asset
    from bsm_core.workflow.controlled import controlled
    from bsm_core.workflow.controlled_cell import Parts

    trainer = ClassifierTrainer(find_asset)
    return controlled(spec, context, parts=Parts(trainer, parts.load_classifier, parts.text_embedder, parts.grouper()))
