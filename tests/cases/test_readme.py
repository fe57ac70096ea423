"""The figures that the README and the guide name are those kept with the case."""

import json
import re

from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_figures_of_the_readme_are_those_of_the_case():
    kept = json.loads((ROOT / "cases" / "amazon-2026" / "headline.json").read_text(encoding="utf-8"))
    told = README[README.index("<!-- headline") : README.index("These are results under assumptions")]
    wanted = (
        *(kept["capex_by_year"][year] for year in ("2026", "2027")),
        *(kept["revenue_by_year"][year] for year in ("2026", "2030")),
        min(kept["free_cash_flow_by_year"].values()),
        kept["objective_usd"],
        kept["greedy_usd"],
    )
    shown = [int(sign + number) for sign, number in re.findall(r"(-?)\$([0-9]+) bn", told)]
    assert shown == [220, *(round(value / 1e9) for value in wanted)]


def test_pictures_of_the_readme_are_there():
    for picture in re.findall(r"docs/pictures/[a-z-]+\.png", README):
        assert (ROOT / picture).stat().st_size > 10_000
