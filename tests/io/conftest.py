"""A small case without fault, as files; every test of a fault is one edit of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

GOOD = {
    "case.yaml": """\
question: Build a hall now, or wait?
money: MUSD2026
as_of: 2026-01-01
horizon:
  start: 2026Q1
  periods: 8 x quarter
  report_end: 2027
risk: {weight: 0.2, tail: 0.05}
units: {pod: 16 * chip}
set:
  assets.hall.lead_months: 9
  demands.train.volume: "*1.5"
""",
    "resources.csv": """\
name,unit,kind,level,clock,window
power,MW,flow,site,,
token,Mtok/h,flow,world,,
spare,chip,stock,world,period,
slots,slot,allowance,world,,year
store,MWh,stock,site,slice,
""",
    "places.csv": "name,kind,parent\nearth,world,\nva,site,earth\ntx,site,earth\n",
    "entities.csv": "name,discount_rate,cash [MUSD2026],cash_floor [MUSD2026],tax_rate\ngroup,0.08,5000,0,21 %\n",
    "programmes.csv": "name,entity,envelope [MUSD2026/year]\nbuild,group,9000\n",
    "build/assets.csv": """\
# halls and chips
name,unit,capex [MUSD2026/{unit}],programme,life_months,lead_months,index,payment,depreciation,retirable
hall,MW,12,build,240,12,concrete,half,tax,false

chip,pod,0.48,build,60,6,,,tax,true
liquid,MW,@liquid_cost,build,240,12,,,,
""",
    "build/options.csv": """\
asset,place,capex_factor,order_limit
hall,va,1,500 MW/year
hall,tx,0.9,2026Q1:100 2027:250 MW/year
chip,site,,
""",
    "build/cohorts.csv": """\
name,asset,place,amount [{asset}],service,book_value [MUSD2026],price [kUSD2026/kW],paid
old,hall,va,40,2024-03,200,,
new,hall,va,20,2026-06,,12,0.5
""",
    "build/conversions.csv": "name,source,target,months,capex [kUSD2026/kW],gain [MW/MW]\nwet,hall,liquid,6,2,1\n",
    "build/takes.csv": "asset,resource,amount,when\nchip,slots,1 slot/pod,order\nchip,spare,1 chip/pod,service\n",
    "build/payments.csv": "name,anchor,months,share\nhalf,order,0,0.5\nhalf,service,0,0.5\n",
    "build/indices.csv": "name,path,growth\nconcrete,1,3 %\n",
    "build/classes.csv": "name,months,method\ntax,60,declining\n",
    "run/processes.csv": """\
name,unit,where,entity,variable_cost
grid,MW,site,group,50 USD2026/MWh
serve,pod,site,group,0 USD2026/pod/year
make,chip,earth,group,0 USD2026/chip/year
charge,MW,site,group,0 USD2026/MWh
""",
    "run/rates.csv": """\
process,resource,rate,place
grid,power,1 MW/MW,
serve,power,-20 kW/pod,
serve,token,3 Mtok/h/pod,
make,spare,1 chip/year/chip,
charge,power,-1 MW/MW,
charge,store,1 MW/MW,
""",
    "run/uses.csv": "process,asset,use\nserve,chip,1 pod/pod\nserve,hall,20 kW/pod\n",
    "run/accounts.csv": """\
resource,place,initial,ceiling,budget
slots,earth,,,2026:500 2027:800 slot
spare,earth,2000 chip,,
store,va,,10 MWh,
""",
    "run/slices.csv": "name,day,hours [h],weight\nnight,weekday,8,5\nday,weekday,16,5\nrest,weekend,24,2\n",
    "run/profiles.csv": "name,slice,value\nbusy,night,0.5\nbusy,day,1.2\nbusy,rest,1\n",
    "sell/demands.csv": """\
name,market,resource,place,entity,volume,patience_months,penalty,profile
train,training,token,earth,group,2026:100 2027:400 Mtok/h,6,0 USD2026/Mtok,busy
""",
    "sell/price_steps.csv": "demand,step,share,price\ntrain,1,0.4,3 USD2026/Mtok\ntrain,2,0.6,2 USD2026/Mtok\n",
    "sell/contracts.csv": """\
name,market,resource,place,entity,volume,price,term_months,starts,penalty
signed,training,token,earth,group,10 Mtok/h,2.5 USD2026/Mtok,36,2025-07,0 USD2026/Mtok
offer,training,token,earth,group,50 Mtok/h,2 USD2026/Mtok,36,,1 USD2026/Mtok
""",
    "board/limits.csv": "name,unit,sense,bound,window\nmost,MW,<=,2026:100 2027:200 MW,period\nspending,MUSD2026,<=,5000 MUSD2026,year\n",
    "board/terms.csv": "limit,measure,item,coefficient,place\nmost,fleet,hall,1 MW/MW,va\nspending,spend,build,1 MUSD2026/MUSD2026,\n",
    "board/debts.csv": "name,entity,rate,fair_rate,limit [BUSD2026]\nbond,group,0.05,0.05,1\n",
    "board/gates.csv": "name,programme,asset,place,amount,by,penalty\nfirst,build,hall,va,60 MW,2026-10,1 MUSD2026/MW/year\n",
    "risk/scenarios.csv": """\
name,parent,opens,probability
boom,trunk,2026Q3,0.5
bust,trunk,2026Q3,0.5
crash,bust,2027,0.25
slump,bust,2027,0.75
""",
    "risk/changes.csv": """\
scenario,path,value,factor
boom,demands.train.volume,,2
bust,demands.train.volume,50 Mtok/h,
crash,demands.train.volume,,0.5
crash,indices.concrete.path,0.8,
""",
    "facts/facts.csv": """\
name,value,unit,as_of,source,grade,low,high
liquid_cost,11,MUSD2024/MW,2024-05-01,Vendor 2024,C,,
liquid_cost,14000,USD2026/kW,2025-11-01,Vendor 2025,B,,
liquid_cost,20,MUSD2026/MW,2026-02-01,Vendor 2026,B,,
yield,0.9,1,2025-01-01,Own guess,S,0.8,0.95
""",
}


@dataclass
class Files:
    """A case folder of the test's own."""

    folder: Path

    def write(self, name: str, text: str | bytes) -> Files:
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return self

    def edit(self, name: str, old: str, new: str) -> Files:
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        return self.write(name, text.replace(old, new))

    def add(self, name: str, line: str) -> Files:
        return self.write(name, (self.folder / name).read_text() + line + "\n")


@pytest.fixture
def good(tmp_path):
    files = Files(tmp_path / "small")
    for name, text in GOOD.items():
        files.write(name, text)
    return files
