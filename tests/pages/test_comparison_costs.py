"""Compare: what it cost."""

from __future__ import annotations

from bsm_core.workbench import Workbench
from tests.factories import STUDY_ID, VALIDATION_SET_ID
from tests.pages.conftest import OpenPage, words_of


def test_costs_are_told_with_what_is_measured_and_no_ratio_of_chance(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", section="costs")
    said = words_of(page)
    queries = sum(row.queries for row in workbench.store.perturbations.rows(VALIDATION_SET_ID))
    table = next(str(one.value) for one in page.get("html") if "UUs removed" in str(one.value))
    assert f"<td>{queries:,}</td>" in table
    assert table.count("<tr>") == 1 + 3
    assert "no UUs removed that chance could not" in table
    assert "not known" in table  # no card of these models tells its seconds
    assert "is taken as known" in said.replace("\n", " ")


def test_pay_rate_is_the_users_and_a_wrong_currency_is_refused(workbench: Workbench, open_page: OpenPage) -> None:
    page = open_page("compare", section="costs")
    assert workbench.costing.rate(STUDY_ID) is None
    page.number_input(key=f"pay-rate-{STUDY_ID}").set_value(15.0)
    page.text_input(key=f"pay-currency-{STUDY_ID}").set_value("eur")
    next(button for button in page.button if button.label == "Set the rate").click().run()
    assert not page.exception
    rate = workbench.costing.rate(STUDY_ID)
    assert rate is not None
    assert (rate.per_hour, rate.currency) == (15.0, "EUR")
    assert " EUR</small>" in words_of(page)
    page.text_input(key=f"pay-currency-{STUDY_ID}").set_value("€")
    next(button for button in page.button if button.label == "Set the rate").click().run()
    assert workbench.costing.rate(STUDY_ID) == rate
    assert "three letters" in words_of(page)
    page.number_input(key=f"pay-rate-{STUDY_ID}").set_value(0.0)
    next(button for button in page.button if button.label == "Set the rate").click().run()
    assert workbench.costing.rate(STUDY_ID) is None
