"""What a planner asks of serving: the best way on a chip, what a token costs and how much power it takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from barbell.core.basis import Basis, Interval, Known, ratio
from barbell.core.errors import FactError, Fault, Where
from barbell.study.calibration import load_serving
from barbell.study.known import LATEST, known
from barbell.study.price import PRICES, dollars_per_hour, it_kilowatts
from barbell.workloads import serving
from barbell.workloads.chip import Chip, accelerator
from barbell.workloads.model import Model, model

PERCENTILES = (50, 99)


@dataclass(frozen=True)
class Question:
    """A model on a chip, and what is asked of it."""

    chip: str
    """As a person writes it."""
    model: str
    demand: serving.Demand
    percentile: int = 50
    """Where the levels of the demand are meant: 50, the middle, or 99."""
    apart: bool = False
    """Whether prompts are read by chips of their own."""
    price: str = "capacity_block"
    """Class of commitment of the price per chip-hour."""


@dataclass(frozen=True)
class Answer:
    """The best way, with what it costs and draws; None where a price or a power is not known."""

    asked: serving.Demand
    layout: serving.Layout
    kilowatts: Interval | None
    """IT power per chip."""
    dollars: Interval | None
    """USD per chip-hour."""
    priced: str
    """published or assumed."""
    mixed: serving.Layout | None = None
    """Where prompts are read apart: the best way at the same level on replicas that read and decode."""
    unmixed: str = ""
    """Why there is none."""

    @property
    def per_megawatt(self) -> Interval | None:
        """Output tokens/s per MW of IT."""
        return ratio(self.layout.rate, self.kilowatts, 1e3)

    @property
    def joules(self) -> Interval | None:
        """IT joules per output token."""
        return ratio(self.kilowatts, self.layout.rate, 1e3)

    @property
    def per_million(self) -> Interval | None:
        """USD per million output tokens."""
        return ratio(self.dollars, self.layout.rate, 1e6 / 3600)


def answered(question: Question, *, calibration: Path | None = None, years: float = 0.0) -> Answer:
    """The best way to serve, so many years of software after the rows.

    Raises FactError in words where there is none, with every fault of the question at once.
    """
    facts = known(LATEST)
    used = (load_serving(calibration) if calibration else serving.shipped(facts)).later(years)
    sheet, net, demand = _understood(facts, question)
    layout = serving.best(sheet, net, demand, used)
    dollars, priced = dollars_per_hour(facts, sheet.name, question.price)
    found = Answer(demand, layout, it_kilowatts(facts, sheet.name), dollars, priced)
    if not demand.apart:
        return found
    try:
        return replace(found, mixed=serving.best(sheet, net, replace(demand, apart=None), used))
    except FactError as error:
        return replace(found, unmixed=str(error))


def _understood(facts: Known, question: Question) -> tuple[Chip, Model, serving.Demand]:
    """Chip, model and demand; raises FactError with everything that is wrong."""
    wrong: list[tuple[str, str, str]] = []
    names = {"chip": question.chip, "model": question.model}
    for what, text in names.items():
        try:
            names[what] = serving.found(facts, what, text)
        except FactError as error:
            wrong.append((what, text, str(error)))
    if question.price not in PRICES:
        wrong.append(("price", question.price, f"'{question.price}' is no class of prices. Take one of {', '.join(PRICES)}"))
    if question.percentile not in PERCENTILES:
        wrong.append(("percentile", f"{question.percentile}", f"no level is known at the {question.percentile}th percentile. Take 50 or 99"))
    wrong += [("demand", "", text) for text in serving.faults(question.demand)]
    if wrong:
        told = [text for _, _, text in wrong]
        message = told[0] if len(told) == 1 else "\n".join([f"{len(told)} faults in the question", *(f"  - {text}" for text in told)])
        raise FactError(message, [Fault(Where(field=what), value, *_parted(text)) for what, value, text in wrong])
    tail = serving.Tail.of(facts) if question.percentile != PERCENTILES[0] else None
    demand = replace(question.demand, tail=tail, apart=serving.queue(facts) if question.apart else None)
    return accelerator(Basis(facts), names["chip"]), model(Basis(facts), names["model"]), demand


def _parted(text: str) -> tuple[str, str]:
    """Problem and fix of a sentence that has both."""
    problem, _, fix = text.partition(". ") if ". " in text else text.partition(": ")
    return problem, fix
