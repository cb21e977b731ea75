"""The script that Streamlit runs for every page: navigation and study picker, then the page itself.

It lies here and not beside ``pages/`` so that a deep link goes through ``st.navigation`` (DESIGN part 2).
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from bsm_core.ui import contributing, navigation, shell

_HERE = Path(__file__).resolve().parent
_LOGO, _ICON = str(_HERE / "logo.svg"), str(_HERE / "icon.svg")
"""From our own server: the icons that Streamlit knows by name would be fetched from elsewhere."""


def main() -> None:
    if contributing.is_on():
        st.set_page_config(page_title="Questions", page_icon=_ICON, layout="centered")
        contributing.run()
        return
    st.set_page_config(page_title="Blind Spot Workbench", page_icon=_ICON, layout="wide")
    st.logo(_LOGO, size="large", icon_image=_ICON)
    chosen = st.navigation(navigation.sections(), expanded=True)
    with st.sidebar, shell.edge():
        shell.study_picker()
    chosen.run()


main()
