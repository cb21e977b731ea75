"""The tables of what a study consists of: data, models, hypotheses, attacks."""

from __future__ import annotations

from collections.abc import Sequence

from bsm_core.domain.arms import Model
from bsm_core.domain.curation import PretestVerdict
from bsm_core.domain.studies import Study
from bsm_core.domain.tasks import Split
from bsm_core.legible import one_line, visible
from bsm_core.ports import Store
from bsm_core.report.attack_table import MEASURES, attack_columns, attack_records
from bsm_core.report.ledger import effect_told, ledger_record, share_told
from bsm_core.report.names import AGENTS, arm_name
from bsm_core.report.table import Head, Table, Value, table
from bsm_core.report.tables import NONE
from bsm_core.workflow.ledger import LedgerEntry

_SHOWN = tuple(one for one in MEASURES if one.key not in ("invalid_share", "errors", "total_queries", "seconds"))
"""As many columns as fit on paper."""


def data_table(store: Store, study: Study) -> Table:
    """Texts by split and label."""
    labels = study.task.label_names
    counted = {(split, label): total for split, label, total in store.examples.counts(study.study_id)}
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for split in Split:
        counts = [counted.get((split, label), 0) for label in range(len(labels))]
        cells = (split.value, f"{sum(counts):,}", *(f"{count:,}" for count in counts))
        record: dict[str, Value] = {"split": split.value, "texts": sum(counts)}
        rows.append((cells, record | {f"label_{place}": count for place, count in enumerate(counts)}))
    heads = (Head("Split"), Head("Texts"), *(Head(one_line(name, 40), "label") for name in labels))
    dropped = ", ".join(f"{count:,} {what}" for what, count in study.dropped.items()) or "none"
    return table("data", "Texts by split and label", f"Dropped at import: {dropped}.", heads, rows)


def models_table(models: Sequence[Model]) -> Table:
    """What the cards say, a row a model."""
    heads = (
        Head("Model"),
        Head("Id"),
        Head("Seed"),
        Head("Trained from"),
        Head("Training texts", "of these added"),
        Head("Epochs"),
        Head("Steps"),
        Head("Seconds"),
        Head("Accuracy", "validation"),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for one in models:
        card = one.card
        base = one.parent_model_id or one_line(str(card.get("base", NONE)), 60)
        size, epochs = card.get("train_size"), card.get("epochs")
        cells = (
            arm_name(one.arm),
            one.model_id,
            str(one.seed),
            base,
            f"{_shown(size)} ({one.budget:,} added)",
            str(len(epochs)) if isinstance(epochs, list) else _shown(epochs),
            _shown(card.get("steps")),
            _shown(card.get("seconds")),
            f"{accuracy:.1%}" if isinstance(accuracy := card.get("accuracy"), float) else NONE,
        )
        record: dict[str, Value] = {"arm": one.arm.value, "model_id": one.model_id, "seed": one.seed}
        record |= {"parent_model_id": one.parent_model_id, "added": one.budget, "base": base}
        record |= {key: value for key, value in card.items() if isinstance(value, (str, int, float)) and key != "base"}
        rows.append((cells, record))
    return table("models", "The models", "From the card that each model's folder holds.", heads, rows)


def hypotheses_table(entries: Sequence[LedgerEntry]) -> Table:
    """Each hypothesis and its fate."""
    heads = (
        Head("No."),
        Head("Hypothesis", text=True),
        Head("By"),
        Head("Samples", "approved of written"),
        Head("Pre-test", "failures on its samples; on plain texts"),
        Head("Fate"),
        Head("Its own natural UUs", "right after retraining"),
    )
    rows: list[tuple[Sequence[str], dict[str, Value]]] = []
    for entry in entries:
        tally, found = entry.samples, entry.pretest
        tested = (
            f"{share_told(found.failed, found.size)}; {share_told(found.control_failed, found.control_size)}"
            if found
            else "not tested"
        )
        cells = (
            entry.number,
            f"{entry.hypothesis.kind.capitalize()}: {visible(entry.hypothesis.text, 600)}",
            AGENTS[entry.hypothesis.agent],
            f"{tally.approved:,} of {tally.total:,}",
            tested,
            _fate(entry),
            effect_told(entry.effects) or NONE,
        )
        rows.append((cells, ledger_record(entry)))
    note = (
        "A pre-test asks whether the model fails on a hypothesis' first samples more often than on plain texts; "
        "intervals are Wilson's 95%."
    )
    return table("hypotheses", "The hypotheses and their fate", note, heads, rows)


def attacks_table(store: Store, study_id: str, tau: float, experiment_id: str | None) -> Table | None:
    """Tables 4 to 7 of the paper: every attack, its columns the measures. None before the first one."""
    sets = store.perturbations.sets(study_id, experiment_id)
    if not sets:
        return None
    columns = attack_columns(store, sets, tau)
    records = attack_records(columns, tau)
    cells = [
        (
            f"{arm_name(store.models.get(one.chosen.model_id).arm)}, {one.chosen.split}, {one.chosen.recipe}",
            *(measure.told(one) for measure in _SHOWN),
        )
        for one in columns
    ]
    heads = (Head("Attack"), *(Head(measure.title) for measure in _SHOWN))
    note = f"Every attack of this study. Unknown unknowns at tau {tau:g}. The table's CSV has all measures."
    return table("attacks", "What the attacks did", note, heads, list(zip(cells, records, strict=True)))


def _fate(entry: LedgerEntry) -> str:
    if not entry.samples.total:
        kept = "kept, no samples written"
    elif entry.samples.approved:
        kept = "kept, its approved samples can be trained on"
    else:
        kept = "kept, no sample approved"
    verdicts: dict[PretestVerdict | None, str] = {None: kept}
    by = " (a person's word)" if entry.word else ""
    return verdicts.get(entry.verdict, f"{entry.verdict}{by}; {kept}")


def _shown(value: object) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.4g}" if isinstance(value, float) else f"{value:,}"
    return NONE if value is None else one_line(str(value), 40)
