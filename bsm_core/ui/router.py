"""The script that Streamlit runs for every page: navigation and study picker, then the page itself.

It lies here and not beside ``pages/`` so that a deep link goes through ``st.navigation`` (DESIGN part 2).
"""

from __future__ import annotations

import streamlit as st

from bsm_core.ui import navigation, shell


def main() -> None:
    st.set_page_config(page_title="Blind Spot Workbench", page_icon=":material/visibility:", layout="wide")
    chosen = st.navigation(navigation.sections(), expanded=True)
    with st.sidebar, shell.edge():
        shell.study_picker()
    chosen.run()


main()
