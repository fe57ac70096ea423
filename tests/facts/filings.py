"""Files of company facts, made by hand."""

import json
from itertools import count

AMAZON, ALPHABET, MICROSOFT, ORACLE = 1018724, 1652044, 789019, 1341439
OCF = "NetCashProvidedByUsedInOperatingActivities"
GROSS = "PaymentsToAcquireProductiveAssets"
PROCEEDS = "ProceedsFromPropertyPlantAndEquipmentSalesAndIncentives"
RPO = "RevenueRemainingPerformanceObligation"
_NUMBERS = count(1)


def filing(end, val, start=None, form="10-Q", filed=None, accn=None, **more):
    """One figure in millions of dollars; filed, without a day, some weeks after its end."""
    year, month, _ = end.split("-")
    late = f"{int(year) + 1}-02-01" if month == "12" else f"{year}-{int(month) + 1:02d}-28"
    accn = accn or f"0001018724-{year[2:]}-{next(_NUMBERS):06d}"
    cells = {"start": start, "end": end, "val": val * 10**6, "accn": accn, "fy": 2031, "fp": "Q3", "form": form, "filed": filed or late}
    return {key: value for key, value in cells.items() if key != "start" or value} | more


def document(tags, cik=AMAZON, unit="USD", taxonomy="us-gaap", **more):
    """The object of a company: tags to figures, all in one unit."""
    facts = {taxonomy: {tag: {"label": tag, "description": None, "units": {unit: told}} for tag, told in tags.items()}}
    return {"cik": cik, "entityName": "MADE UP", "facts": facts | more}


def saved(folder, content):
    """The object as a file."""
    path = folder / "CIK.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path
