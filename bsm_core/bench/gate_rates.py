"""What passes each gate: real texts that no gate has seen, and three kinds of bad ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tabulate import tabulate

from bsm_core.bench import gate_texts
from bsm_core.bench.quiet import QuietContext
from bsm_core.classifiers.layers import LayerRow, best_layer, chosen_layer, layer_table
from bsm_core.classifiers.similarity import BertScoreSimilarity
from bsm_core.config import PAPER_SIMILARITY, GateConfig
from bsm_core.domain.synthesis import CheckName
from bsm_core.domain.tasks import Split, Text
from bsm_core.tasks.assets import asset_path, find_asset
from bsm_core.tasks.cards import load_task
from bsm_core.workflow.gate import Compared, apply_gates

TRAINING, SEALED, EACH = 6000, 1000, 300
LAYER_REFERENCES = 500


@dataclass(frozen=True, slots=True)
class Rates:
    """Of ``size`` texts of a kind: the share that passes each gate, and all of them."""

    kind: str
    size: int
    gates: dict[str, float]
    all: float


def pass_rates(seed: int, config: GateConfig | None = None) -> list[Rates]:
    """Over movie-review sentences, with the gates' defaults; also copies of sealed texts, misspelled ones too."""
    config = config or GateConfig()
    drawn = gate_texts.sentences(TRAINING + SEALED + EACH, seed)
    training, sealed, real = drawn[:TRAINING], drawn[TRAINING : TRAINING + SEALED], drawn[TRAINING + SEALED :]
    kinds = gate_texts.kinds(real, training, seed)
    groups = {"real, held out": kinds.real, **kinds.bad, **gate_texts.copies(sealed[:EACH], seed)}
    texts = [(kind, text) for kind, group in groups.items() for text in group]
    compared = Compared(training, [], [(text, Split.TEST) for text in sealed], [[] for _ in texts])
    ids = [str(place) for place in range(len(texts))]

    def similarity_for(references: Sequence[Text], seed: int, gates: GateConfig) -> BertScoreSimilarity:
        layer = chosen_layer(gates.similarity_encoder, gates.similarity_layer)
        return BertScoreSimilarity(asset_path(gates.similarity_encoder), references, seed, layer)

    print("the gates ...", flush=True)
    task = load_task(gate_texts.SENTENCES)
    found = apply_gates(ids, [text for _, text in texts], compared, task, config, seed, similarity_for, QuietContext())
    failed = {(check.sample_id, check.name) for check in found.checks if not check.passed}
    return [_rates(kind, [place for place in ids if texts[int(place)][0] == kind], failed) for kind in groups]


def _rates(kind: str, ids: Sequence[str], failed: set[tuple[str, CheckName]]) -> Rates:
    gates = [CheckName.LENGTH, CheckName.NONSENSE, CheckName.REPETITION, CheckName.LEAKAGE, CheckName.SIMILARITY]
    counts = Counter(name for place in ids for name in gates if (place, name) not in failed)
    clean = sum(all((place, name) not in failed for name in gates) for place in ids)
    return Rates(kind, len(ids), {name.value: counts[name] / len(ids) for name in gates}, clean / len(ids))


def tell_rates(rates: Sequence[Rates]) -> None:
    headers = ["pass", *rates[0].gates, "all"]
    rows = [[f"{row.kind} ({row.size})", *map(_percent, row.gates.values()), _percent(row.all)] for row in rates]
    print(tabulate(rows, headers, colalign=("left", *["right"] * (len(headers) - 1)), disable_numparse=True))


def run_layers(encoder: str, seed: int, json_path: Path | None) -> None:
    """Print how well each layer of ``encoder`` (an asset or a folder) separates, and the best one."""
    drawn = gate_texts.sentences(LAYER_REFERENCES + EACH, seed)
    references, real = drawn[:LAYER_REFERENCES], drawn[LAYER_REFERENCES:]
    kinds = gate_texts.kinds(real, references, seed)
    folder = find_asset(encoder) or Path(encoder)
    rows = layer_table(folder, references, kinds.real, kinds.bad, seed, PAPER_SIMILARITY)
    print(f"{encoder}, {len(references)} references, {EACH} texts of each kind")
    _tell_layers(rows)
    print(f"best: layer {best_layer(rows).layer}")
    if json_path is not None:
        body = {"encoder": encoder, "best": best_layer(rows).layer, "layers": [asdict(row) for row in rows]}
        json_path.write_text(json.dumps(body, indent=2) + "\n", "utf-8")


def _tell_layers(rows: Sequence[LayerRow]) -> None:
    bad = list(rows[0].bad)
    headers = ["layer", "mark", "real", *bad, f"real >= {PAPER_SIMILARITY:g}", *(f"AUC {name}" for name in bad), "mean"]
    told = [
        [
            row.layer,
            f"{row.mark:.3f}",
            _percent(row.real),
            *map(_percent, row.bad.values()),
            _percent(row.real_raw),
            *(f"{one:.3f}" for one in row.separation.values()),
            f"{row.mean_separation:.3f}",
        ]
        for row in rows
    ]
    print(tabulate(told, headers, colalign=["right"] * len(headers), disable_numparse=True))


def _percent(share: float) -> str:
    return f"{share:.1%}"
