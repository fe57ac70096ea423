"""Each trap of the SEC's company facts, on files made by hand."""

import dataclasses

import pytest

from barbell.core.errors import FactError
from barbell.facts import figures
from barbell.facts.check import faults
from barbell.facts.companyfacts import companyfacts
from barbell.facts.intake import table
from barbell.facts.store import latest
from tests.facts.filings import ALPHABET, AMAZON, GROSS, MICROSOFT, OCF, ORACLE, PROCEEDS, RPO, document, filing, saved

YEAR = [
    filing("2031-03-31", 10, "2031-01-01"),
    filing("2031-06-30", 30, "2031-01-01"),
    filing("2031-09-30", 60, "2031-01-01"),
    filing("2031-12-31", 100, "2031-01-01", form="10-K"),
]


def read(folder, tags, **more):
    return companyfacts(saved(folder, document(tags, **more)))


def values(intake, stem):
    """Latest values by period."""
    names = {f.name: f for f in latest(intake.figures, "9999-12-31")}
    return {f.period: f.value for name, f in names.items() if name == f"{stem}-{f.period}"}


def figure(intake, name):
    return [f for f in intake.figures if f.name == name]


def why(intake, subject):
    return [r.reason for r in intake.refusals if r.subject == subject]


def test_year_to_date_becomes_quarters(tmp_path):
    """Six months are never called a quarter, nine months stay inside."""
    intake = read(tmp_path, {OCF: YEAR})
    found = values(intake, "amzn-total-operating_cash_flow")
    assert found == {"2031Q1": "10", "2031Q2": "20", "2031Q3": "30", "2031Q4": "40", "2031H1": "30", "2031": "100"}


def test_what_was_filed_is_primary_and_what_was_subtracted_is_computed(tmp_path):
    intake = read(tmp_path, {OCF: YEAR})
    (filed,) = figure(intake, "amzn-total-operating_cash_flow-2031Q1")
    (made,) = figure(intake, "amzn-total-operating_cash_flow-2031Q4")
    assert (filed.grade, filed.as_of, filed.note) == ("A", "2031-04-28", f"us-gaap:{OCF}")
    assert f"form 10-Q {YEAR[0]['accn']}" in filed.source and YEAR[0]["accn"].replace("-", "") in filed.url
    assert (made.grade, made.as_of, made.note) == ("M", "2032-02-01", "12 months to 2031-12 less 9 months to 2031-09")
    assert f"form 10-K {YEAR[3]['accn']} and form 10-Q {YEAR[2]['accn']}" in made.source


def test_a_quarter_that_was_filed_stays_as_filed(tmp_path):
    """Amazon tags quarters beside the sums to date; rounding may part them."""
    intake = read(tmp_path, {OCF: [*YEAR, filing("2031-06-30", 21, "2031-04-01")]})
    (found,) = figure(intake, "amzn-total-operating_cash_flow-2031Q2")
    assert (found.value, found.grade) == ("21", "A")


def test_the_fourth_quarter_comes_from_quarters_where_nine_months_are_not_filed(tmp_path):
    told = [YEAR[0], filing("2031-06-30", 20, "2031-04-01"), filing("2031-09-30", 30, "2031-07-01"), YEAR[3]]
    (found,) = figure(read(tmp_path, {OCF: told}), "amzn-total-operating_cash_flow-2031Q4")
    assert (found.value, found.note) == ("40", "12 months to 2031-12 less the quarters before")


def test_a_quarter_without_what_to_take_off_is_missing_and_named(tmp_path):
    intake = read(tmp_path, {OCF: [YEAR[0], YEAR[2]]})
    assert set(values(intake, "amzn-total-operating_cash_flow")) == {"2031Q1"}
    assert why(intake, "amzn-total-operating_cash_flow") == [
        "no quarter to 2031-09: 6 months to 2031-06 is not in the file to take from 9 months to 2031-09"
    ]


def test_the_years_in_the_file_are_those_of_the_filing_and_are_not_read(tmp_path):
    """A comparative carries the fiscal year and quarter of the later filing."""
    told = filing("2030-03-31", 7, "2030-01-01", filed="2031-04-28", fy=2031, fp="Q1", frame="CY2030Q1")
    (found,) = read(tmp_path, {OCF: [told]}).figures
    assert found.period == "2030Q1" and found.unit == "MUSD2030"
    assert "only as a comparative" in found.note and found.as_of == "2031-04-28"


def test_a_comparative_that_repeats_a_value_does_not_move_its_day(tmp_path):
    again = filing("2031-03-31", 10, "2031-01-01", filed="2032-04-28")
    (found,) = read(tmp_path, {OCF: [again, YEAR[0]]}).figures
    assert found.as_of == "2031-04-28" and YEAR[0]["accn"] in found.source


def test_an_amendment_supersedes_and_the_earlier_version_stays(tmp_path):
    amended = filing("2031-03-31", 12, "2031-01-01", form="10-Q/A", filed="2031-06-15")
    first, second = read(tmp_path, {OCF: [amended, YEAR[0]]}).figures
    assert (first.as_of, first.value) == ("2031-04-28", "10")
    assert (second.as_of, second.value) == ("2031-06-15", "12")
    assert "form 10-Q/A" in second.source and second.note.startswith("restates 10000000;")


def test_an_amendment_before_the_next_report_enters_its_quarter(tmp_path):
    amended = filing("2031-09-30", 55, "2031-01-01", form="10-Q/A", filed="2031-12-01")
    found = figure(read(tmp_path, {OCF: [*YEAR, amended]}), "amzn-total-operating_cash_flow-2031Q4")
    assert [f.value for f in found] == ["45"]


def test_a_year_restated_alone_does_not_move_its_fourth_quarter(tmp_path):
    restated = filing("2031-12-31", 150, "2031-01-01", form="10-K", filed="2033-02-01")
    intake = read(tmp_path, {OCF: [*YEAR, restated]})
    assert values(intake, "amzn-total-operating_cash_flow")["2031"] == "150"
    assert [f.value for f in figure(intake, "amzn-total-operating_cash_flow-2031Q4")] == ["40"]
    assert any("restated by 2033-02-01 and not the other" in reason for reason in why(intake, "amzn-total-operating_cash_flow"))
    assert [i.kind for i in intake.untied] == ["quarters = year"], "and the sum says so"


def test_a_year_and_its_nine_months_restated_give_a_new_quarter(tmp_path):
    restated = [
        filing("2031-09-30", 66, "2031-01-01", filed="2032-10-28"),
        filing("2031-12-31", 111, "2031-01-01", form="10-K", filed="2033-02-01"),
    ]
    found = figure(read(tmp_path, {OCF: [*YEAR, *restated]}), "amzn-total-operating_cash_flow-2031Q4")
    assert [(f.as_of, f.value) for f in found] == [("2032-02-01", "40"), ("2033-02-01", "45")]


def test_two_values_on_one_day_count_for_nothing(tmp_path):
    told = [filing("2031-03-31", value, "2031-01-01", accn="0001018724-31-000900") for value in (10, 11)]
    intake = read(tmp_path, {OCF: [*told, filing("2031-06-30", 30, "2031-01-01")]})
    assert set(values(intake, "amzn-total-operating_cash_flow")) == {"2031H1"}
    assert any("two values filed on 2031-04-28" in reason for reason in why(intake, "amzn-total-operating_cash_flow"))


def test_an_amendment_on_the_same_day_wins(tmp_path):
    (found,) = read(tmp_path, {OCF: [YEAR[0], filing("2031-03-31", 11, "2031-01-01", form="10-Q/A")]}).figures
    assert found.value == "11"


def test_gross_capex_of_amazon_is_called_gross_and_net_is_not_made_of_it(tmp_path):
    """The tag of the proceeds is the company's own, which company facts leave out: without it there is no net and no free cash flow."""
    intake = read(tmp_path, {GROSS: YEAR, OCF: YEAR})
    assert values(intake, "amzn-total-capex-gross_purchases")["2031"] == "100"
    assert not values(intake, "amzn-total-capex-net_of_proceeds") and not values(intake, "amzn-total-free_cash_flow")
    assert "company facts leave out the companies' own tags" in why(intake, "amzn-total-capex_proceeds_incentives")[0]
    assert why(intake, "amzn-total-capex-net_of_proceeds") == ["needs amzn-total-capex_proceeds_incentives, which the file does not give"]


def test_with_the_proceeds_there_is_net_capex_and_free_cash_flow(tmp_path):
    proceeds = {PROCEEDS: {"units": {"USD": [filing("2031-12-31", 4, "2031-01-01", form="10-K")]}}}
    flow = [filing("2031-12-31", 150, "2031-01-01", form="10-K")]
    intake = read(tmp_path, {GROSS: YEAR[3:], OCF: flow}, amzn=proceeds)
    assert values(intake, "amzn-total-capex-net_of_proceeds") == {"2031": "96"}
    assert values(intake, "amzn-total-free_cash_flow") == {"2031": "54"}
    assert {f.grade for f in intake.figures if f.metric == "free_cash_flow"} == {"M"} and not intake.untied


def test_a_period_without_proceeds_has_no_net_capex(tmp_path):
    proceeds = {PROCEEDS: {"units": {"USD": [filing("2031-03-31", 4, "2031-01-01")]}}}
    intake = read(tmp_path, {GROSS: YEAR}, amzn=proceeds)
    assert values(intake, "amzn-total-capex-net_of_proceeds") == {"2031Q1": "6"}
    assert "for every period" in why(intake, "amzn-total-capex-net_of_proceeds")[0]


def test_property_purchases_are_not_amazon_s_capex(tmp_path):
    """Amazon stopped that tag in 2017, on another basis."""
    intake = read(tmp_path, {"PaymentsToAcquirePropertyPlantAndEquipment": YEAR, OCF: YEAR[:1]})
    assert {f.metric for f in intake.figures} == {"operating_cash_flow"}


def test_a_segment_is_refused_and_never_filled_with_the_whole(tmp_path):
    intake = read(tmp_path, {"OperatingIncomeLoss": YEAR})
    assert {f.segment for f in intake.figures} == {"total"}
    assert "needs a segment" in why(intake, "amzn-aws-operating_income")[0]


def test_backlog_by_part_is_refused(tmp_path):
    microsoft = read(tmp_path, {RPO: [filing("2031-12-31", 684000)]}, cik=MICROSOFT)
    assert [f.name for f in microsoft.figures] == ["msft-total-rpo-total_company-2031Q4"]
    assert "commercial portion" in why(microsoft, "msft-total-rpo-commercial")[0]
    amazon = read(tmp_path, {RPO: [filing("2031-12-31", 38000)], OCF: YEAR[:1]})
    assert not [f for f in amazon.figures if f.metric == "rpo"] and "date axis" in why(amazon, "amzn-aws-rpo")[0]


def test_a_figure_with_a_dimension_is_refused(tmp_path):
    """Files that others enrich carry parts of the whole under the same tag."""
    part = filing("2031-03-31", 4, "2031-01-01", segment={"axis": ["StatementBusinessSegmentsAxis"]})
    intake = read(tmp_path, {OCF: [part, YEAR[0]]})
    assert [f.value for f in intake.figures] == ["10"]
    assert "carries segment" in why(intake, "amzn-total-operating_cash_flow")[0]


def test_a_change_of_definition_makes_two_series(tmp_path):
    intake = read(tmp_path, {RPO: [filing("2025-12-31", 242800), filing("2026-03-31", 467600)]}, cik=ALPHABET)
    assert {f.name: f.value for f in intake.figures} == {
        "googl-total-rpo-definition_to_2025Q4-2025Q4": "242800",
        "googl-total-rpo-definition_from_2026Q1-2026Q1": "467600",
    }


def test_oracle_s_quarters_are_fiscal(tmp_path):
    """They end in February, May, August and November: no calendar quarter."""
    told = [
        filing("2030-08-31", 1, "2030-06-01"),
        filing("2030-11-30", 3, "2030-06-01"),
        filing("2031-02-28", 6, "2030-06-01"),
        filing("2031-05-31", 10, "2030-06-01", form="10-K"),
    ]
    intake = read(tmp_path, {OCF: told, RPO: [filing("2031-05-31", 638000)]}, cik=ORACLE)
    assert values(intake, "orcl-total-operating_cash_flow") == {"FY31Q1": "1", "FY31Q2": "2", "FY31Q3": "3", "FY31Q4": "4", "FY2031": "10"}
    assert values(intake, "orcl-total-rpo") == {"2031_05": "638000"}
    assert [f.unit for f in figure(intake, "orcl-total-operating_cash_flow-FY31Q1")] == ["MUSD2030"]


def test_trailing_years_of_oracle_are_refused(tmp_path):
    told = [filing("2031-02-28", 40, "2030-03-01"), filing("2030-08-31", 1, "2030-06-01")]
    intake = read(tmp_path, {OCF: told}, cik=ORACLE)
    assert set(values(intake, "orcl-total-operating_cash_flow")) == {"FY31Q1"}
    assert "no fiscal year" in why(intake, "orcl-total-operating_cash_flow")[0]


def test_microsoft_s_quarters_carry_calendar_labels_and_its_year_a_fiscal_one(tmp_path):
    told = [
        filing("2030-09-30", 1, "2030-07-01"),
        filing("2030-12-31", 3, "2030-07-01"),
        filing("2031-03-31", 6, "2030-07-01"),
        filing("2031-06-30", 10, "2030-07-01", form="10-K"),
    ]
    intake = read(tmp_path, {OCF: told}, cik=MICROSOFT)
    expected = {"2030Q3": "1", "2030Q4": "2", "2031Q1": "3", "2031Q2": "4", "2030H2": "3", "FY2031": "10"}
    assert values(intake, "msft-total-operating_cash_flow") == expected
    assert "the company's FY31Q2" in figure(intake, "msft-total-operating_cash_flow-2030Q4")[0].note


def test_amazon_s_trailing_years_are_not_fiscal_years(tmp_path):
    told = [filing("2031-06-30", 90, "2030-07-01"), filing("2031-12-31", 100, "2031-01-01", form="10-K")]
    assert values(read(tmp_path, {OCF: told}), "amzn-total-operating_cash_flow") == {"ttm2031Q2": "90", "2031": "100"}


def test_years_of_weeks(tmp_path):
    """A year of 53 weeks that ends on the Saturday nearest to the end of December, here in January."""
    told = [
        filing("2031-03-29", 10, "2030-12-29"),
        filing("2031-06-28", 30, "2030-12-29"),
        filing("2031-09-27", 60, "2030-12-29", filed="2031-11-01"),
        filing("2032-01-03", 100, "2030-12-29", form="10-K", filed="2032-02-20"),
    ]
    found = values(read(tmp_path, {OCF: told}), "amzn-total-operating_cash_flow")
    assert found == {"2031Q1": "10", "2031Q2": "20", "2031Q3": "30", "2031Q4": "40", "2031H1": "30", "2031": "100"}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (filing("2031-01-31", 1, "2031-01-01"), "odd period of 31 days"),
        (filing("2031-03-31", 1, "2029-01-01"), "odd period of 820 days"),
        (filing("2031-04-30", 1, "2031-02-01"), "ends in the middle of a quarter of Amazon"),
        (filing("2031-03-15", 1, "2030-12-16"), "odd period of 90 days"),
        (filing("2031-03-31", 1), "stands at a day, where the table wants a period"),
        (filing("2031-03-31", 1, "2031-04-01"), "begins after its end"),
        (filing("2031-03-31", 1, "2031-01-01", filed="2031-03-30"), "was filed before its period ended"),
    ],
)
def test_odd_periods_are_refused(tmp_path, told, reason):
    intake = read(tmp_path, {OCF: [told], "Assets": [filing("2031-03-31", 5)]})
    assert [f.metric for f in intake.figures] == ["total_assets"]
    assert reason in why(intake, "amzn-total-operating_cash_flow")[0]


def test_what_stands_at_a_day_is_no_flow(tmp_path):
    told = [filing("2031-03-31", 5), filing("2031-03-31", 6, "2031-01-01"), filing("2031-04-15", 7)]
    intake = read(tmp_path, {"Assets": told})
    assert values(intake, "amzn-total-total_assets") == {"2031Q1": "5"}
    assert sorted(why(intake, "amzn-total-total_assets")) == [
        "is over a period, where the table wants what stands at a day",
        "stands at a day in the middle of a month",
    ]


def test_other_units_are_refused(tmp_path):
    content = document({OCF: YEAR[:1]})
    content["facts"]["us-gaap"][OCF]["units"]["EUR"] = YEAR[1:3]
    intake = companyfacts(saved(tmp_path, content))
    assert [f.unit for f in intake.figures] == ["MUSD2031"]
    assert [(r.reason, r.count) for r in intake.refusals if "EUR" in r.reason] == [("in EUR, not USD", 2)]


def test_shares_and_amounts_per_share_are_not_subtracted(tmp_path):
    content = document({OCF: YEAR[:1]})
    shares = [filing("2031-03-31", 10500, "2031-01-01"), filing("2031-06-30", 10600, "2031-01-01"), filing("2031-12-31", 10800, "2031-01-01")]
    each = [{**one, "val": cents} for one, cents in zip(shares, (1.59, 3.27, 7.17), strict=True)]
    content["facts"]["us-gaap"] |= {
        "WeightedAverageNumberOfDilutedSharesOutstanding": {"units": {"shares": shares}},
        "EarningsPerShareDiluted": {"units": {"USD/shares": each}},
    }
    intake = companyfacts(saved(tmp_path, content))
    assert values(intake, "amzn-total-shares_diluted") == {"2031Q1": "10500", "2031H1": "10600", "2031": "10800"}
    assert values(intake, "amzn-total-eps_diluted") == {"2031Q1": "1.59", "2031H1": "3.27", "2031": "7.17"}
    assert {f.unit for f in intake.figures if f.metric == "eps_diluted"} == {"USD2031/unit"}


def test_values_are_exact(tmp_path):
    odd = [{**YEAR[0], "val": 1234567890123}, {**YEAR[1], "val": 1234567890123.5}]
    found = values(read(tmp_path, {OCF: odd}), "amzn-total-operating_cash_flow")
    assert found == {"2031Q1": "1234567.890123", "2031H1": "1234567.8901235", "2031Q2": "0.0000005"}


def test_nothing_is_written_as_nothing_and_losses_keep_their_sign(tmp_path):
    told = [filing("2031-03-31", 0, "2031-01-01"), filing("2031-06-30", -30, "2031-01-01")]
    assert values(read(tmp_path, {OCF: told}), "amzn-total-operating_cash_flow") == {"2031Q1": "0", "2031H1": "-30", "2031Q2": "-30"}


def test_of_two_tags_the_trusted_one_stays(tmp_path):
    other = [filing("2031-03-31", 11, "2031-01-01"), filing("2031-06-30", 21, "2031-04-01")]
    intake = read(tmp_path, {"Revenues": YEAR[:1], "RevenueFromContractWithCustomerExcludingAssessedTax": other}, cik=ALPHABET)
    assert values(intake, "googl-total-revenue") == {"2031Q1": "10", "2031Q2": "21"}
    assert any("which the table trusts more" in reason for reason in why(intake, "googl-total-revenue"))


def test_an_unknown_company_is_named_with_those_known(tmp_path):
    with pytest.raises(FactError, match=r"CIK\.json is of MADE UP, number 320193, which the table does not have\. It has Amazon \(1018724\)"):
        read(tmp_path, {OCF: YEAR}, cik=320193)


def test_a_company_without_a_figure_of_the_table(tmp_path):
    with pytest.raises(FactError, match="no figure under a tag of Amazon"):
        read(tmp_path, {"Goodwill": YEAR})


def test_the_number_of_a_company_may_be_text(tmp_path):
    assert len(read(tmp_path, {OCF: YEAR}, cik=f"{AMAZON:010d}").figures) == 6


def test_figures_pass_the_guards_of_the_store(tmp_path):
    intake = read(tmp_path, {OCF: YEAR, GROSS: YEAR, "Assets": [filing("2031-12-31", 5)]})
    assert faults(intake.figures) == ()


@pytest.mark.parametrize(
    ("cik", "ends"), [(AMAZON, ("03-31", "06-30", "12-31")), (MICROSOFT, ("09-30", "12-31", "03-31")), (ORACLE, ("08-31", "11-30", "02-28"))]
)
def test_rows_pass_the_guards_where_they_will_stand(tmp_path, cik, ends):
    """As rows of the files of reported figures, beside those of the store: labels, money and bases are those that the guards want."""
    told = [filing(f"2031-{end}", 5) for end in ends]
    flows = [
        filing("2030-08-31", 1, "2030-06-01"),
        filing("2030-09-30", 1, "2030-07-01"),
        filing("2030-12-31", 3, "2030-07-01"),
        filing("2031-03-31", 10, "2031-01-01"),
    ]
    intake = read(tmp_path, {OCF: flows, "Assets": told, "PropertyPlantAndEquipmentNet": told}, cik=cik)
    rows = [dataclasses.replace(f, file="peers.csv", line=10_000 + n) for n, f in enumerate(intake.figures)]
    assert (
        len(rows) > 3
        and [str(fault) for fault in faults([*figures(), *rows]) if fault.where.line >= 10_000 and "comes after" not in fault.problem] == []
    )


def test_a_figure_of_the_store_keeps_its_basis(tmp_path):
    """Net income of a quarter stands there as a line of the income statement, that of a year as gaap."""
    told = [filing("2025-12-31", 21192, "2025-10-01", form="10-K"), filing("2025-12-31", 77670, "2025-01-01", form="10-K")]
    found = {f.period: f.basis for f in read(tmp_path, {"NetIncomeLoss": told}).figures}
    assert found == {"2025Q4": "income", "2025": "gaap"}


def test_real_figures_meet_the_store(tmp_path):
    """Amazon's operating cash flow of 2025 year to date, as filed: the quarters by subtraction are those of its releases."""
    told = [
        filing("2025-03-31", 17015, "2025-01-01"),
        filing("2025-06-30", 49530, "2025-01-01"),
        filing("2025-09-30", 85055, "2025-01-01"),
        filing("2025-12-31", 139514, "2025-01-01", form="10-K"),
    ]
    intake = read(tmp_path, {OCF: told})
    assert intake.standing == {"new": 1, "same": 5, "differing": 0} and not intake.untied
    wrong = read(tmp_path, {OCF: [*told[:3], filing("2025-12-31", 139541, "2025-01-01", form="10-K", filed="2026-02-06")]})
    assert [d.name for d in wrong.differing] == ["amzn-total-operating_cash_flow-2025", "amzn-total-operating_cash_flow-2025Q4"]
    assert {i.kind for i in wrong.untied} >= {"operating cash flow - capex = free cash flow"}


def test_the_same_file_gives_the_same_csv(tmp_path):
    intake = read(tmp_path, {OCF: YEAR, GROSS: YEAR})
    assert table(intake.figures) == table(companyfacts(tmp_path / "CIK.json").figures)
