"""What the language model is going to write, and has written, as plain text."""

from __future__ import annotations

from bsm_core.workflow.estimate import Estimate


def estimate_text(found: Estimate) -> str:
    """A line a stage, the totals, and what the figures rest on."""
    lines = [f"{'':15}{'calls':>9}{'tokens read':>14}{'written':>11}"]
    lines += [
        f"{stage.stage:15}{stage.calls:>9,}{stage.prompt_tokens:>14,}{stage.completion_tokens:>11,}"
        for stage in found.stages
    ]
    total = f"about {found.calls:,} calls, {found.tokens:,} tokens"
    most = f"at most {found.most_calls:,} calls, {found.max_tokens:,} tokens"
    if found.cost is not None and found.max_cost is not None:
        total, most = f"{total}, {dollars(found.cost)}", f"{most}, {dollars(found.max_cost)}"
    lines += [f"{total}; {most}.", basis(found)]
    return "\n".join(lines)


def basis(found: Estimate) -> str:
    """What the figures rest on, in a sentence."""
    lengths = "measured on this model's earlier answers" if found.measured else "a guess until this model has answered"
    prices = "" if found.cost is not None else " The cost is unknown: set the model's prices on the Settings page."
    return (
        f"Prompts are counted at four characters a token; the length of answers is {lengths}. A quarter more calls are "
        f"expected, for what is rejected and written anew. What was answered before costs nothing.{prices}"
    )


def dollars(cost: float) -> str:
    """US dollars; small sums keep their digits."""
    return f"${cost:,.2f}" if cost >= 1 or cost == 0 else f"${cost:.4f}"
