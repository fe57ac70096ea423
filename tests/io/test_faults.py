"""Everything that can be wrong with a case's files: each fault names its place, its value and what to do."""

from __future__ import annotations

import pytest

from barbell.core.errors import CaseError
from barbell.io import read

# (id, file, old text, new text) -> (place, value, words of the message, words of the advice)
EDITS = [
    # numbers and units
    ("missing label", "build/cohorts.csv", "amount [{asset}]", "amount", "build/cohorts.csv:2 amount", "40", "no unit", "amount [MW]"),
    ("NaN", "build/assets.csv", "MW,12,build", "MW,NaN,build", "build/assets.csv:3 capex", "NaN", "not a number", "finite number"),
    ("infinite", "build/assets.csv", "MW,12,build", "MW,inf,build", "build/assets.csv:3 capex", "inf", "not a number", "finite number"),
    ("overflow", "build/assets.csv", "MW,12,build", "MW,1e999,build", "build/assets.csv:3 capex", "1e999", "not a finite number", "Write"),
    ("comma in number", "build/assets.csv", "MW,12,build", 'MW,"1,000",build', "build/assets.csv:3 capex", "1,000", "not a number", "without commas"),
    ("half an exponent", "build/assets.csv", "MW,12,build", "MW,1.5e,build", "build/assets.csv:3 capex", "1.5e", "not a number", "1.5e3"),
    ("no space", "run/uses.csv", "20 kW/pod", "20kW/pod", "run/uses.csv:3 use", "20kW/pod", "not a number", "space between number and unit"),
    ("negative", "build/assets.csv", "MW,12,build", "MW,-12,build", "build/assets.csv:3 capex", "-12", "outside 0 to 1e+15", "from 0 to"),
    ("wrong unit", "run/uses.csv", "20 kW/pod", "20 kg/pod", "run/uses.csv:3 use", "20 kg/pod", "'kg/pod' does not fit 'MW/pod'", "converts to it"),
    ("unknown unit", "run/uses.csv", "20 kW/pod", "20 kilowatt/pod", "run/uses.csv:3 use", "20 kilowatt/pod", "unknown unit", "units:"),
    ("wrong year", "build/conversions.csv", "kUSD2026", "kUSD2025", "build/conversions.csv:2 capex", "2", "money of USD2025", "Restate"),
    ("wrong currency", "build/conversions.csv", "kUSD2026", "kEUR2026", "build/conversions.csv:2 capex", "2", "money of EUR2026", "Restate"),
    ("money without year", "build/conversions.csv", "kUSD2026", "kUSD", "build/conversions.csv:2 capex", "2", "money without a year", "kUSD2026"),
    ("missing capex", "build/assets.csv", "MW,12,build", "MW,,build", "build/assets.csv:3 capex", "", "no default", "Fill it in: Overnight cost"),
    ("not whole", "build/assets.csv", "build,60,6", "build,60.5,6", "build/assets.csv:5 life_months", "60.5", "not a whole number", "whole months"),
    ("path for a number", "build/assets.csv", "MW,12,build", "MW,2026:12 2027:9,build", "build/assets.csv:3 capex", "2026:12 2027:9", "change over time", "index"),
    ("bad path", "run/accounts.csv", "2026:500 2027:800 slot", "2026:500 2027-800: slot", "run/accounts.csv:2 budget", "2026:500", "DATE:VALUE", "such as 2026Q1:30"),
    ("path descends", "run/accounts.csv", "2026:500 2027:800", "2027:500 2026:800", "run/accounts.csv:2 budget", "2027:500", "must ascend", "ascending dates"),
    ("month 13", "build/cohorts.csv", "2024-03", "2024-13", "build/cohorts.csv:2 service", "2024-13", "between 01 and 12", "such as 2026-07"),
    ("bad date", "build/cohorts.csv", "2024-03", "March", "build/cohorts.csv:2 service", "March", "not a date", "2026Q3"),
    ("bad flag", "build/assets.csv", "tax,false", "tax,no", "build/assets.csv:3 retirable", "no", "neither true nor false", "Write true or false"),
    ("bad word", "board/limits.csv", "period\nspend", "priod\nspend", "board/limits.csv:2 window", "priod", "not one of", "'period'"),
    ("bad name", "places.csv", "tx,site,earth", "t x,site,earth", "places.csv:4 name", "t x", "cannot be a name", "letters, digits"),
    ("bad unit of a row", "build/assets.csv", "chip,pod", "chip,podd", "build/assets.csv:5 unit", "podd", "unknown unit", "units:"),
    ("placeholder", "build/assets.csv", "{unit}", "{thing}", "build/assets.csv:3 capex", "12", "stands for nothing", "MUSD2026/MW"),
    ("fact and unit", "build/assets.csv", "@liquid_cost", "@liquid_cost MUSD2026/MW", "build/assets.csv:6 capex", "@liquid_cost", "own unit", "alone"),
    # facts
    ("unknown fact", "build/assets.csv", "@liquid_cost", "@liquid_cots", "build/assets.csv:6 capex", "@liquid_cots", "no such fact", "'liquid_cost'"),
    ("assumption without range", "facts/facts.csv", "S,0.8,0.95", "S,,0.95", "facts/facts.csv:5 low", "", "assumption (grade S) without its range", "Fill in"),
    ("range upside down", "facts/facts.csv", "S,0.8,0.95", "S,0.92,0.95", "facts/facts.csv:5 low", "0.92", "above the value 0.9", "low <= value"),
    ("fact's day", "facts/facts.csv", "2025-01-01", "2025-02-30", "facts/facts.csv:5 as_of", "2025-02-30", "not a day", "YYYY-MM-DD"),
    ("fact's value", "facts/facts.csv", "yield,0.9", "yield,about 0.9", "facts/facts.csv:5 value", "about 0.9", "not of the form", "column `unit`"),
    # files and headers
    ("unknown column", "places.csv", "parent", "parrent", "places.csv:1", "parrent", "no such column", "'parent'"),
    ("doubled column", "places.csv", "name,kind,parent", "name,kind,kind", "places.csv:1", "kind", "stands twice", "Keep one"),
    ("column without name", "places.csv", "name,kind,parent", "name,kind,", "places.csv:1", "", "column 3 has no name", "Name the field"),
    ("missing column", "places.csv", "name,kind,parent", "name,parent,climate", "places.csv:1 kind", "", "needs this column", "Add the column 'kind'"),
    ("no header", "places.csv", "name,kind,parent\n", "", "places.csv:1", "earth,world,", "no header", "name,kind"),
    ("unit on a word", "places.csv", "parent", "parent [MW]", "places.csv:1", "parent [MW]", "has no unit", "'parent' alone"),
    ("too many cells", "places.csv", "va,site,earth", "va,site,earth,x", "places.csv:3", "va,site,earth,x", "4 cells where the header has 3", "Quote"),
    ("too few cells", "places.csv", "va,site,earth", "va,site", "places.csv:3", "va,site", "2 cells where the header has 3", "Add commas"),
    ("open quote", "places.csv", "va,site,earth", '"va,site,earth', "places.csv:3", '"va,site', "never closed", "Close it"),
    ("quote inside", "places.csv", "va,site,earth", '"va"x,site,earth', "places.csv:3", '"va"x', "not CSV", "double the quotes"),
    ("semicolons", "run/uses.csv", "process,asset,use\n", "process;asset;use\n", "run/uses.csv:1", "process;asset;use", "semicolon", "commas"),
    ("duplicate row", "places.csv", "tx,site,earth", "va,site,earth", "places.csv:4", "va", "stands in places.csv:3 already", "Remove one"),
    # case.yaml
    ("unknown key", "case.yaml", "question:", "qestion:", "case.yaml:1 qestion", "qestion", "unknown key", "'question'"),
    ("unknown inner key", "case.yaml", "  start:", "  strat:", "case.yaml:5 horizon.strat", "strat", "unknown key", "'start'"),
    ("key twice", "case.yaml", "as_of: 2026-01-01", "as_of: 2026-01-01\nmoney: EUR2026", "case.yaml:4 money", "", "line 2 already", "Keep one"),
    ("tab", "case.yaml", "  start:", "\tstart:", "case.yaml:5", "", "tab", "spaces"),
    ("not YAML", "case.yaml", "risk: {weight: 0.2, tail: 0.05}", "risk: {weight: 0.2", "case.yaml", "", "not YAML", "Check"),
    ("alias", "case.yaml", "money: MUSD2026", "money: *m", "case.yaml:2", "*m", "anchors and aliases", "value itself"),
    ("anchor", "case.yaml", "money: MUSD2026", "money: &m MUSD2026", "case.yaml:2", "&m", "anchors and aliases", "value itself"),
    ("tag", "case.yaml", "money: MUSD2026", "money: !!python/name:os.system x", "case.yaml:2", "", "tags are not read", "plain value"),
    ("second document", "case.yaml", "money: MUSD2026", "---\nmoney: MUSD2026", "case.yaml:2", "---", "second document", "one document"),
    ("naked money", "case.yaml", "MUSD2026", "MUSD", "case.yaml:2 money", "MUSD", "currency and year", "such as MUSD2026"),
    ("no money", "case.yaml", "money: MUSD2026\n", "", "case.yaml money", "", "missing", "money: MUSD2026"),
    ("no day", "case.yaml", "2026-01-01", "2026-02-30", "case.yaml:3 as_of", "2026-02-30", "not a day", "YYYY-MM-DD"),
    ("no periods", "case.yaml", "8 x quarter", "8 quarters long", "case.yaml:6 horizon.periods", "8 quarters long", "no periods", "8 x quarter"),
    ("endless", "case.yaml", "8 x quarter", "9999 x year", "case.yaml:6 horizon.periods", "9999 x year", "200 years", "shorter"),
    ("report end", "case.yaml", "report_end: 2027", "report_end: 2027-02", "case.yaml:7 horizon.report_end", "2027-02", "cannot end there", "2027-01"),
    ("risk", "case.yaml", "weight: 0.2", "weight: 1.2", "case.yaml:8 risk.weight", "1.2", "outside 0 to 1", "from 0 to 1"),
    ("tail", "case.yaml", "tail: 0.05", "tail: 0", "case.yaml:8 risk.tail", "0", "no width", "0.05"),
    ("unit taken", "case.yaml", "pod: 16", "MW: 16", "case.yaml:9 units.MW", "16 * chip", "exists already", "another name"),
    ("unit of nothing", "case.yaml", "16 * chip", "16 * chop", "case.yaml:9 units.pod", "16 * chop", "unknown unit", "units:"),
    ("override of no table", "case.yaml", "assets.hall", "asset.hall", "case.yaml:11", "asset.hall.lead_months", "no table", "'assets'"),
    ("override of no row", "case.yaml", "assets.hall", "assets.hal", "case.yaml:11", "assets.hal.lead_months", "no row 'hal'", "'hall'"),
    ("override of no field", "case.yaml", "lead_months", "led_months", "case.yaml:11", "assets.hall.led_months", "no field", "'lead_months'"),
    ("override of a key", "case.yaml", "hall.lead_months", "hall.name", "case.yaml:11", "assets.hall.name", "part of the key", "Known"),
    ("override of money", "case.yaml", "assets.hall.lead_months", "money", "case.yaml:11", "money", "no setting", "horizon"),
    ("override without parts", "case.yaml", "assets.hall.lead_months", "assets", "case.yaml:11", "assets", "three parts", "table.key.field"),
    ("multiplied nothing", "case.yaml", "lead_months: 9", "fixed_opex: '*2'", "case.yaml:11", "*2", "nothing to multiply", "value itself"),
    ("multiplied word", "case.yaml", "lead_months: 9", "programme: '*2'", "case.yaml:11", "build", "can be multiplied", "value itself"),
    ("bad factor", "case.yaml", '"*1.5"', '"*much"', "case.yaml:12", "*much", "not a number", "*1.2"),
    # meaning
    ("unknown reference", "build/assets.csv", "liquid,MW,@liquid_cost,build", "liquid,MW,@liquid_cost,bulid", "build/assets.csv:6 programme", "bulid", "no such row", "'build'"),
    ("unknown where", "run/processes.csv", "grid,MW,site", "grid,MW,sight", "run/processes.csv:2 where", "sight", "no place and no kind", "'site'"),
    ("unknown level", "resources.csv", "power,MW,flow,site", "power,MW,flow,cite", "resources.csv:2 level", "cite", "of this kind", "'site'"),
    ("place cycle", "places.csv", "earth,world,", "earth,world,va", "places.csv:2 parent", "va", "earth -> va -> earth", "another parent"),
    ("second root", "places.csv", "tx,site,earth", "tx,site,", "places.csv:4 parent", "", "second root beside 'earth'", "'earth'"),
    ("stock without clock", "resources.csv", "world,period,", "world,,", "resources.csv:4 clock", "", "needs a clock", "slice"),
    ("flow with clock", "resources.csv", "power,MW,flow,site,,", "power,MW,flow,site,slice,", "resources.csv:2 clock", "slice", "only a stock", "empty"),
    ("allowance without window", "resources.csv", "world,,year", "world,,", "resources.csv:5 window", "", "needs a window", "horizon"),
    ("flow with window", "resources.csv", "power,MW,flow,site,,", "power,MW,flow,site,,year", "resources.csv:2 window", "year", "only an allowance", "empty"),
    ("account at wrong level", "run/accounts.csv", "spare,earth", "spare,va", "run/accounts.csv:3 place", "va", "kind 'world'", "earth"),
    ("budget of a stock", "run/accounts.csv", "2000 chip,,", "2000 chip,,5 chip", "run/accounts.csv:3 budget", "5 chip", "no meaning", "empty"),
    ("allowance without budget", "run/accounts.csv", "2026:500 2027:800 slot", "", "run/accounts.csv:2 budget", "", "without budget", "budget of each window"),
    ("no account for it", "run/accounts.csv", "slots,earth,,,2026:500 2027:800 slot\n", "", "build/takes.csv:2 resource", "slots", "slots@earth has no budget", "accounts.csv"),
    ("nobody produces", "run/rates.csv", "grid,power,1 MW/MW,", "grid,power,-1 MW/MW,", "run/rates.csv:2 resource", "power", "nobody produces power@va", "positive rate"),
    ("sold stock", "sell/contracts.csv", "signed,training,token", "signed,training,spare", "sell/contracts.csv:2 volume", "", "does not fit", "chip"),
    ("shares of payments", "build/payments.csv", "service,0,0.5", "service,0,0.4", "build/payments.csv:3 share", "0.4", "sum to 0.9", "sum to 1"),
    ("shares of steps", "sell/price_steps.csv", "2,0.6", "2,0.7", "sell/price_steps.csv:3 share", "0.7", "sum to 1.1", "sum to 1"),
    ("rising prices", "sell/price_steps.csv", "2 USD2026", "4 USD2026", "sell/price_steps.csv:3 price", "4 USD2026/Mtok", "rises from step 1 to step 2", "highest price"),
    ("weights in a day", "run/slices.csv", "day,weekday,16,5", "day,weekday,16,4", "run/slices.csv:3 weight", "4", "weighs 5", "weight of the day"),
    ("hole in a profile", "run/profiles.csv", "busy,rest,1\n", "", "run/profiles.csv:3 slice", "day", "nothing of rest", "each slice"),
    ("asset without option", "build/conversions.csv", "wet,hall,liquid", "wet,hall,hall", "build/assets.csv:6 name", "liquid", "never stand", "option"),
    ("conversion into itself", "build/conversions.csv", "wet,hall,liquid", "wet,hall,hall", "build/conversions.csv:2 target", "hall", "same asset", "turned into"),
    ("option twice", "build/options.csv", "chip,site,,", "chip,site,,\nchip,va,,", "build/options.csv:5 place", "va", "already, in build/options.csv:4", "Keep one"),
    ("limit without terms", "board/terms.csv", "most,fleet,hall,1 MW/MW,va\n", "", "board/limits.csv:2 name", "most", "no terms", "terms.csv"),
    ("term of nothing", "board/terms.csv", "spend,build", "cash,build", "board/terms.csv:3 item", "build", "measured of entities", "group"),
    ("late path", "sell/demands.csv", "2026:100 2027:400", "2026-02:100 2027:400", "case.yaml:12", "2026-02:100", "begins in 2026-02", "2026-01 or earlier"),
    ("paid but not there", "build/cohorts.csv", "2026-06", "2025-06", "build/cohorts.csv:3 paid", "0.5", "in service since", "follow the start"),
    ("worn out", "build/cohorts.csv", "2024-03", "1994-03", "build/cohorts.csv:2 service", "1994-03", "worn it out", "remaining_months"),
    ("ended contract", "sell/contracts.csv", "2025-07", "2020-07", "sell/contracts.csv:2 term_months", "36", "before the start", "Remove it"),
    ("gate too late", "board/gates.csv", "2026-10", "2028-10", "board/gates.csv:2 by", "2028-10", "no period", "2027-10"),
    ("siblings apart", "risk/scenarios.csv", "bust,trunk,2026Q3", "bust,trunk,2026Q4", "risk/scenarios.csv:3 opens", "2026Q4", "'boom' leaves 'trunk'", "open together"),
    ("probabilities", "risk/scenarios.csv", "slump,bust,2027,0.75", "slump,bust,2027,0.5", "risk/scenarios.csv:4 probability", "0.25", "sum to 0.75", "sum to 1"),
    ("opens mid-period", "risk/scenarios.csv", "crash,bust,2027,", "crash,bust,2027-02,", "risk/scenarios.csv:4 opens", "2027-02", "no period", "2027-01"),
    ("branch cycle", "risk/scenarios.csv", "bust,trunk", "bust,crash", "risk/scenarios.csv:3 parent", "crash", "bust -> crash -> bust", "'trunk'"),
    ("value and factor", "risk/changes.csv", "50 Mtok/h,", "50 Mtok/h,2", "risk/changes.csv:3 value", "50 Mtok/h", "a value and a factor", "exactly one"),
    ("change of a number", "risk/changes.csv", "indices.concrete.path,0.8", "assets.hall.capex,9 MUSD2026/MW", "risk/changes.csv:5 value", "9 MUSD2026/MW", "cannot change over time", "index"),
    ("change of nothing", "risk/changes.csv", "indices.concrete.path", "indices.concrte.path", "risk/changes.csv:5 path", "indices.concrte.path", "no row 'concrte'", "'concrete'"),
    ("change out of bounds", "risk/changes.csv", "train.volume,,2", "train.volume,,-2", "risk/changes.csv:2 factor", "-2", "outside 0", "within its bounds"),
    ("unit of a change", "risk/changes.csv", "50 Mtok/h", "50 MW", "risk/changes.csv:3 value", "50 MW", "does not fit", "Mtok/h"),
]  # fmt: skip


def faults(folder, changes=None):
    with pytest.raises(CaseError) as caught:
        read(folder, changes or {})
    return caught.value.faults


def assert_told(found, place, value, problem, fix):
    hits = [f for f in found if str(f.where).startswith(place) and problem in f.problem]
    assert hits, "\n".join(map(str, found))
    assert value in hits[0].value
    assert fix in hits[0].fix
    assert str(hits[0].where) in str(hits[0])
    return hits[0]


@pytest.mark.parametrize(("file", "old", "new", "place", "value", "problem", "fix"), [e[1:] for e in EDITS], ids=[e[0] for e in EDITS])
def test_fault(good, file, old, new, place, value, problem, fix):
    good.edit(file, old, new)
    found = faults(good.folder)
    assert_told(found, place, value, problem, fix)


ALONE = {
    "NaN",
    "missing capex",
    "unknown unit",
    "bad date",
    "duplicate row",
    "unknown key",
    "unknown reference",
    "payments",
    "too few cells",
}


@pytest.mark.parametrize("edit", [e for e in EDITS if e[0] in ALONE], ids=lambda e: e[0])
def test_one_fault_raises_no_false_alarm(good, edit):
    good.edit(*edit[1:4])
    assert len({f.where.line for f in faults(good.folder)}) == 1


def test_good_case_has_no_fault(good):
    read(good.folder)


def test_two_faults_are_told_at_once(good):
    good.edit("build/assets.csv", "MW,12,build", "MW,NaN,build").edit("places.csv", "earth,world,", "earth,world,va")
    good.edit("case.yaml", "tail: 0.05", "tail: 2").edit("build/payments.csv", "service,0,0.5", "service,0,0.4")
    places = [str(f.where) for f in faults(good.folder)]
    assert places == ["build/assets.csv:3 capex", "build/payments.csv:3 share", "case.yaml:8 risk.tail", "places.csv:2 parent"]


def test_message_counts_and_lists(good):
    good.edit("build/assets.csv", "MW,12,build", "MW,NaN,build")
    with pytest.raises(CaseError, match=r"1 fault in .*small\n  - build/assets.csv:3 capex: 'NaN' .* not a number\. Write") as caught:
        read(good.folder)
    assert caught.value.exit_code == 1


def test_fact_known_only_later(good):
    found = faults(good.folder, {"as_of": "2024-01-01"})
    told = assert_told(found, "build/assets.csv:6 capex", "@liquid_cost", "not known on 2024-01-01, only from 2024-05-01", "as_of")
    assert told.value == "@liquid_cost"


def test_older_fact_in_older_money_is_refused(good):
    assert_told(faults(good.folder, {"as_of": "2025-01-01"}), "build/assets.csv:6 capex", "@liquid_cost", "money of USD2024", "Restate")


def test_fact_in_a_word(good):
    good.edit("build/assets.csv", "@liquid_cost,build", "@liquid_cost,@build")
    assert_told(faults(good.folder), "build/assets.csv:6 programme", "@build", "no such row", "build")


def test_money_as_a_list(good):
    good.edit("case.yaml", "money: MUSD2026", "money: [MUSD2026]")
    assert_told(faults(good.folder), "case.yaml:2 money", "", "currency and year", "MUSD2026")


def test_mapping_where_a_value_belongs(good):
    good.edit("case.yaml", "question: Build a hall now, or wait?", "question: {a: b}")
    assert_told(faults(good.folder), "case.yaml:1 question", "", "a mapping where one value belong", "guide")


def test_signed_and_on_offer(good):
    good.write(
        "sell/contracts.csv",
        "name,market,resource,place,entity,volume,price,term_months,starts,opens,penalty\n"
        "c,training,token,earth,group,10 Mtok/h,2 USD2026/Mtok,36,2026-07,2026-04,0 USD2026/Mtok\n",
    )
    assert_told(faults(good.folder), "sell/contracts.csv:2 opens", "2026-04", "signed", "Leave")


def test_selling_a_stock(good):
    good.add("sell/contracts.csv", "odd,training,spare,earth,group,10 chip,1 MUSD2026/chip/year,36,,0 USD2026/chip/year")
    assert_told(faults(good.folder), "sell/contracts.csv:4 resource", "spare", "only a flow", "Sell a flow")


def test_process_that_can_run_nowhere(good):
    good.edit("build/options.csv", "chip,site,,\n", "")
    good.add("build/cohorts.csv", "odd,chip,earth,5,2025-01,,,")
    read(good.folder)  # a chip at the root serves every site below it
    good.edit("places.csv", "tx,site,earth", "tx,site,earth\nmoon,orbit,earth").edit("build/cohorts.csv", "chip,earth", "chip,moon")
    assert_told(faults(good.folder), "run/processes.csv:3 where", "site", "nothing lets chip stand", "Add options")


# files as bytes


def test_byte_order_mark_is_read_over(good):
    good.write("places.csv", b"\xef\xbb\xbf" + (good.folder / "places.csv").read_bytes())
    assert [p.name for p in read(good.folder).tables.places] == ["earth", "va", "tx"]


def test_windows_line_ends_are_read(good):
    plain = read(good.folder)
    for name in ("places.csv", "build/assets.csv", "case.yaml"):
        good.write(name, (good.folder / name).read_bytes().replace(b"\n", b"\r\n"))
    assert read(good.folder) == plain


BYTES = [
    ("latin-1", b"name,kind\nM\xfcnchen,site\n", "places.csv:2", "byte 0xfc is not UTF-8 (Latin-1 would read it as 'ü')", "UTF-8"),
    ("UTF-16", "name,kind\n".encode("utf-16"), "places.csv:1", "UTF-16", "UTF-8"),
    ("NUL", b"name,kind\nearth,wor\x00ld\n", "places.csv:2", "NUL", "damaged"),
    ("empty", b"", "places.csv", "the file is empty", "delete it"),
    ("comments only", b"# nothing\n\n", "places.csv", "no header line", "field names"),
]


@pytest.mark.parametrize(("data", "place", "problem", "fix"), [row[1:] for row in BYTES], ids=[row[0] for row in BYTES])
def test_bytes_that_are_no_table(good, data, place, problem, fix):
    good.write("places.csv", data)
    found = faults(good.folder)
    assert_told(found, place, "", problem, fix)
    assert {f.where.file for f in found} == {"places.csv"}  # what refers to the lost places is not blamed


def test_alias_bomb_is_refused_at_once(good):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{n}: &{n} [{','.join(['*' + o] * 9)}]\n" for o, n in zip("abcdefgh", "bcdefghi", strict=True)
    )
    good.write("case.yaml", bomb)
    assert_told(faults(good.folder), "case.yaml:1", "&a", "anchors and aliases", "value itself")


def test_deep_nesting_is_refused(good):
    good.write("case.yaml", "set: " + "[" * 5000 + "]" * 5000 + "\n")
    assert_told(faults(good.folder), "case.yaml:1", "", "nested", "two levels")


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n"])
def test_case_file_that_is_no_mapping(good, text):
    good.write("case.yaml", text)
    assert_told(faults(good.folder), "case.yaml:1", "", "where `key: value` lines are due", "money: MUSD2026")


def test_empty_case_file(good):
    good.write("case.yaml", "")
    assert_told(faults(good.folder), "case.yaml", "", "empty", "content")


# folders


def test_unknown_table_file(good):
    good.write("build/asset.csv", "name\nx\n")
    assert_told(faults(good.folder), "build/asset.csv", "", "'asset' is no table", "Did you mean 'assets'?")


def test_link_in_a_circle(good):
    (good.folder / "build" / "again").symlink_to(good.folder)
    assert_told(faults(good.folder), "build/again", "", "leads back to a folder around it", "Remove the link")


def test_link_to_itself(good):
    (good.folder / "loop").symlink_to(good.folder / "loop")
    assert_told(faults(good.folder), "loop", "", "nowhere or in a circle", "Remove the link")


def test_link_to_nothing(good):
    (good.folder / "limits.csv").symlink_to(good.folder / "gone.csv")
    assert_told(faults(good.folder), "limits.csv", "", "cannot be read", "exists")


def test_link_to_another_folder_is_followed(good, tmp_path):
    (good.folder / "sell").rename(tmp_path / "elsewhere")
    (good.folder / "sell").symlink_to(tmp_path / "elsewhere")
    assert read(good.folder).tables.demands[0].name == "train"


def test_no_such_folder(tmp_path):
    assert_told(faults(tmp_path / "nothing"), str(tmp_path), "nothing", "no such folder", "Check the path")


def test_folder_without_case(tmp_path):
    assert_told(faults(tmp_path), str(tmp_path), "", "no case.yaml", "holds a case.yaml")


def test_unknown_base(good):
    good.edit("case.yaml", "question:", "base: ../othr\nquestion:")
    assert_told(faults(good.folder), "case.yaml:1 base", "../othr", "no such folder", "Check the path")


def test_bases_in_a_circle(good):
    good.edit("case.yaml", "question:", "base: ../next\nquestion:").write("../next/case.yaml", "base: ../small\n")
    told = assert_told(faults(good.folder), "../next/case.yaml:1 base", "", "in a circle", "stand without base")
    assert ". -> ../next -> ." in told.problem


def test_change_from_the_command_line(good):
    assert_told(faults(good.folder, {"assets.hall.capx": "1"}), "--set assets.hall.capx", "assets.hall.capx", "no field", "'capex'")
