"""Who made it: a badge with a sign and a word, the same on every page."""

from __future__ import annotations

import streamlit as st

from bsm_core.domain.hypotheses import Agent

ICONS = {
    Agent.HUMAN: ":material/person:",
    Agent.LM: ":material/smart_toy:",
    Agent.HYBRID: ":material/handshake:",
    Agent.RULE: ":material/rule:",
    Agent.AUTHORS: ":material/menu_book:",
}
MEANINGS = {
    Agent.HUMAN: "Written by a human alone.",
    Agent.LM: "Written by a language model alone, kept unchanged.",
    Agent.HYBRID: "Drafted by a language model or a rule, then edited by a human.",
    Agent.RULE: "Made by code from the edits that fooled the model; no language model reasoned about it.",
    Agent.AUTHORS: "From the curated set that ships with the workbench.",
}
SHORT = {
    Agent.HUMAN: "human",
    Agent.LM: "language model",
    Agent.HYBRID: "hybrid",
    Agent.RULE: "rule",
    Agent.AUTHORS: "curated",
}
_COLORS = {
    Agent.HUMAN: "blue",
    Agent.LM: "violet",
    Agent.HYBRID: "green",
    Agent.RULE: "gray",
    Agent.AUTHORS: "orange",
}


def agent_badge(agent: Agent) -> None:
    st.badge(SHORT[agent], icon=ICONS[agent], color=_COLORS[agent], help=MEANINGS[agent])  # type: ignore[arg-type]
