"""Scripts of our own: the named ones, and no other."""

import pytest

from bsm_core.ui.assets import ROUTES, load_script


def test_only_scripts_that_are_served_can_be_loaded() -> None:
    assert {route.path for route in ROUTES} >= {"/survey-autosave.js"}
    with pytest.raises(KeyError, match="is none of our scripts"):
        load_script("survey-autosave.js'></script><script>alert(1)</script>")
