"""Tables 4 to 7 as they stand on the page: a row a figure with its meaning, a column a set or one label of it."""

from __future__ import annotations

from collections.abc import Sequence

from bsm_core.domain.attacks import Replay
from bsm_core.domain.unknowns import PerturbationSet
from bsm_core.report.attack_table import MEASURES, AttackColumn
from bsm_core.ui.components.attack_names import set_details
from bsm_core.ui.components.discovery_form import SET_NAMES
from bsm_core.ui.text import html, one_line

STYLE = """<style>
.bsm-sets { overflow-x: auto; }
.bsm-sets table { border-collapse: collapse; font-size: .93rem; font-variant-numeric: tabular-nums; min-width: 100%; }
.bsm-sets th { text-align: left; font-weight: 600; vertical-align: bottom; padding: .4em 1em .5em .5em; }
.bsm-sets thead th { border-bottom: 2px solid light-dark(#c9cfd6, #414955); min-width: min(7.5rem, 26vw);
  max-width: 15rem; }
.bsm-sets tbody th { min-width: min(12rem, 34vw); max-width: 22rem; vertical-align: top;
  border-bottom: 1px solid light-dark(#e4e7eb, #2a313b); }
.bsm-sets th:first-child { position: sticky; left: 0; background: light-dark(#fcfcfb, #12151a); }
.bsm-sets small { display: block; font-weight: 400; font-size: .8rem; opacity: .75; }
.bsm-sets td { padding: .4em 1em .4em .5em; vertical-align: top; white-space: nowrap;
  border-bottom: 1px solid light-dark(#e4e7eb, #2a313b); }
.bsm-sets .part { border-left: 1px solid light-dark(#e4e7eb, #2a313b); font-weight: 400; }
</style>"""


def attack_table_html(columns: Sequence[AttackColumn], models: dict[str, str]) -> str:
    """Use with STYLE. ``models`` are names by id; label names are escaped."""
    heads = "".join(_head(column, models) for column in columns)
    rows = "".join(
        f'<tr><th scope="row">{html(measure.title)}<small>{html(measure.help)}</small></th>'
        + "".join(f"<td{_part(column)}>{html(measure.told(column))}</td>" for column in columns)
        + "</tr>"
        for measure in MEASURES
    )
    return _table(f"<th></th>{heads}", rows)


def replay_table_html(sets: Sequence[PerturbationSet], replays: Sequence[Replay], models: dict[str, str]) -> str:
    """A row a model, a column a set: what each makes of the texts that fooled the attacked one. Use with STYLE."""
    heads = "".join(_set_head(one, models) for one in sets)
    found = {(replay.set_id, replay.model_id): replay for replay in replays}
    rows = "".join(
        f'<tr><th scope="row">{html(name)}</th>'
        + "".join(_replayed(one, model_id, found.get((one.set_id, model_id))) for one in sets)
        + "</tr>"
        for model_id, name in models.items()
    )
    return _table(f"<th>Model</th>{heads}", rows)


def _head(column: AttackColumn, models: dict[str, str]) -> str:
    if column.label is not None:
        return f'<th scope="col" class="part">{html(one_line(column.label, 32))}<small>only these</small></th>'
    return _set_head(column.chosen, models)


def _set_head(one: PerturbationSet, models: dict[str, str]) -> str:
    name, meaning = SET_NAMES[one.recipe]
    details = "<br>".join(html(part) for part in set_details(one, models))
    return f'<th scope="col" title="{html(meaning)}">{html(name)}<small>{details}</small></th>'


def _part(column: AttackColumn) -> str:
    return "" if column.label is None else ' class="part"'


def _replayed(one: PerturbationSet, model_id: str, replay: Replay | None) -> str:
    if replay is None:
        return "<td>–<small>not replayed</small></td>"
    attacked = " (attacked)" if one.model_id == model_id else ""
    return (
        f"<td><b>{replay.unknowns.counted:,}</b> of {replay.answered:,}"
        f"<small>{replay.wrong:,} wrong{attacked}</small></td>"
    )


def _table(head: str, rows: str) -> str:
    return f'<div class="bsm-sets"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
