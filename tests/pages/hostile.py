"""Texts that try to run, fetch, cover or break a page, in a workspace that shows them everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bsm_core.domain.jobs import JobKind, JobState
from bsm_core.domain.tasks import Dataset, Split
from bsm_core.domain.unknowns import AttackOutcome
from bsm_core.ports import JobResult
from bsm_core.store import open_store
from tests.factories import (
    answer,
    make_example,
    make_job,
    make_model,
    make_perturbation,
    make_perturbation_set,
    make_study,
    make_task,
    perturbation_table,
    prediction_table,
)

RUN = "window.__ran = (window.__ran || 0) + 1"

TEXTS = (
    f"<script>{RUN}</script> a script tag",
    f"<img src=x onerror='{RUN}'> an event handler",
    f'<iframe srcdoc="<script>parent.{RUN}</script>"></iframe> a framed script',
    f"<svg onload='{RUN}'><animate onbegin='{RUN}' attributeName=x dur=1s></svg> a drawing",
    "<style>h1 { position: fixed; inset: 0; background: red; z-index: 99999 }</style> a style overlay",
    "<div style='position:fixed;inset:0;background:url(http://evil.test/css.png)'>cover</div> a cover",
    "<img src='http://evil.test/tag.png'> a remote image",
    "![alt](http://evil.test/markdown.png) a markdown image",
    "[click](javascript:alert(1)) $$\\href{javascript:alert(1)}{x}$$ :red[colour] a markdown link",
    "<form action='http://evil.test/form'><input name=q><button>Go</button></form> a form",
    "</div></div><h1>Taken over</h1> closing tags",
    "\u202egnp.live\u202c \u2066hidden\u2069 \u200bzero\u200bwidth bidi controls",
    "a" + "\u0301" * 500 + " a pile of marks",
    "<script>" + "long " * 20_000,
    "x" * 100_000,
)

PERTURBED = TEXTS[::3]


def make_hostile_workspace(workspace: Path) -> list[str]:
    """Every text is a natural UU, and every third a perturbed one as well; the study, its labels and a failed job have
    hostile names. Returns the ids of all UUs."""
    workspace.mkdir(parents=True)
    store = open_store(workspace / "workbench.duckdb")
    task = make_task(labels=(f"<img src=x onerror='{RUN}'>", "![b](http://evil.test/label.png)"))
    wrong = [make_example(text=(text,), split=Split.VALIDATION, label=0) for text in TEXTS]
    right = [make_example(n, Split.VALIDATION, label=0) for n in range(len(PERTURBED))]
    rows = [make_example(100 + n, split) for n, split in enumerate((Split.TRAIN, Split.TEST))]
    data = Dataset(task, (*wrong, *right, *rows), seed=0)
    store.studies.create(
        replace(make_study(data), name=f"<script>{RUN}</script> ![n](http://evil.test/name.png)"), data
    )
    attacked = [
        replace(
            make_perturbation("set-v", example, AttackOutcome.SUCCESSFUL, answer(0, 0.9), answer(1, 0.95)),
            perturbed_text=(text,),
        )
        for example, text in zip(right, PERTURBED, strict=True)
    ]
    clean = prediction_table(
        [example.example_id for example in (*wrong, *right)],
        "example",
        [*[answer(1, 0.97)] * len(wrong), *[answer(0, 0.9)] * len(right)],
    )
    perturbed = prediction_table(
        [one.perturbation_id for one in attacked], "perturbation", [answer(1, 0.95)] * len(right)
    )
    store.jobs.add(make_job("job-train-m-original"))
    store.ingest(
        JobResult(
            "job-train-m-original",
            models=(make_model(),),
            sets=((make_perturbation_set(set_id="set-v", size=len(attacked)), perturbation_table(attacked)),),
            predictions=(("m-original", clean), ("m-original", perturbed)),
        )
    )
    store.jobs.add(make_job("job-evil", JobKind.DISCOVER, title=f"<b onclick='{RUN}'>job</b>", at=200))
    store.jobs.mark("job-evil", JobState.FAILED, TEXTS[2])
    store.close()
    return [example.example_id for example in wrong] + [one.perturbation_id for one in attacked]
