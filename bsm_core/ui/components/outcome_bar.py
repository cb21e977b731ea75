"""What became of attacked texts, as one slim bar. Told apart by pattern and by words, not by colour alone."""

from __future__ import annotations

from bsm_core.charts import theme
from bsm_core.domain.attacks import AttackTally
from bsm_core.metrics.attack import AttackStatistics

_PALE = "rgba(255, 255, 255, .55)"
STYLE = f"""<style>
.bsm-bar {{ display: flex; height: .9rem; border-radius: .3rem; overflow: hidden; gap: 1px; max-width: 60rem;
  background: light-dark(#eceff2, #262c35); }}
.bsm-bar span {{ min-width: 3px; }}
.bsm-legend {{ display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; font-size: .88rem; margin-top: .35rem;
  font-variant-numeric: tabular-nums; }}
.bsm-legend i {{ display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin-right: .4rem;
  vertical-align: -.08rem; }}
.bsm-fooled {{ background: repeating-linear-gradient(45deg, {_PALE} 0 1.5px, transparent 1.5px 6px) {theme.WRONG}; }}
.bsm-held {{ background: {theme.RIGHT}; }}
.bsm-before {{ background: radial-gradient({_PALE} 1px, transparent 1.4px) 0 0 / 5px 5px {theme.NEUTRAL}; }}
.bsm-broken {{ background: repeating-linear-gradient(90deg, {_PALE} 0 2px, transparent 2px 5px) {theme.ACCENT}; }}
</style>"""


def outcome_html(counted: AttackTally | AttackStatistics, missing: int = 0) -> str:
    """Bar and legend; ``missing`` texts are not attacked yet. Use with STYLE. Numbers and our own words only."""
    parts = [
        ("fooled", "fooled", counted.successful),
        ("held", "held", counted.failed),
        ("before", "wrong before the attack", counted.skipped),
        ("broken", "attack broke off", counted.errors),
    ]
    shown = [part for part in parts if part[2] or part[0] in ("fooled", "held")]
    told = ", ".join(f"{number:,} {word}" for _, word, number in shown)
    bars = "".join(
        f'<span class="bsm-{name}" style="flex: {number} 0 0" title="{number:,} {word}"></span>'
        for name, word, number in shown
        if number
    )
    rest = f'<span style="flex: {missing} 0 0" title="{missing:,} to come"></span>' if missing else ""
    legend = "".join(f'<span><i class="bsm-{name}"></i><b>{number:,}</b> {word}</span>' for name, word, number in shown)
    return (
        f'<div class="bsm-bar" role="img" aria-label="{told}">{bars}{rest}</div><div class="bsm-legend">{legend}</div>'
    )
