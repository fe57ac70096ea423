"""The page in a real browser: drawn without errors or requests, accessible, as narrow as a phone; run by `make look`, which keeps the pictures."""

import shutil
from pathlib import Path

import pytest

from barbell.report.page import write
from barbell.report.source import source
from barbell.study import run
from tests.conftest import ROOT
from tests.report import example

pytestmark = pytest.mark.look
BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
PICTURES = ROOT / "build" / "look"
SCREENS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 320), "phone-dark": ("dark", 320)}


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return write(example.source(), tmp_path_factory.mktemp("look") / "report.html")


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The page of a run whose numbers open."""
    return write(source(run(ROOT / "cases" / "neocloud")), tmp_path_factory.mktemp("real") / "report.html")


class Visit:
    """A page opened with a screen, all charts drawn; what it said and asked for on the way."""

    def __init__(self, browser, report, scheme="light", width=1280):
        self.context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
        self.page = self.context.new_page()
        self.errors, self.requests = [], []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(Path(report).as_uri())
        self.drawn = self.page.evaluate("window.barbell.drawn()")
        self.page.evaluate("new Promise(requestAnimationFrame)")


@pytest.fixture(params=SCREENS)
def visit(request, browser, report):
    scheme, width = SCREENS[request.param]
    found = Visit(browser, report, scheme, width)
    PICTURES.mkdir(parents=True, exist_ok=True)
    found.page.screenshot(path=PICTURES / f"{request.param}.png", full_page=True)
    yield found
    found.context.close()


@pytest.fixture
def plain(browser, report):
    found = Visit(browser, report)
    yield found
    found.context.close()


def test_it_is_drawn_without_errors_or_requests(visit):
    assert visit.errors == [] and visit.drawn == visit.page.locator("div.chart svg").count() > 15
    assert [url for url in visit.requests if not url.startswith(("file:", "data:"))] == []


def test_the_page_does_not_scroll_sideways(visit):
    assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for width in visit.page.evaluate("[...document.querySelectorAll('div.chart')].map(c => c.scrollWidth - c.clientWidth)"):
        assert width <= 0


def test_an_accessibility_checker_finds_nothing(visit):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.Axe().run(visit.page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_the_theme_is_a_choice_that_is_remembered(plain):
    page = plain.page

    def ground():
        return page.evaluate("getComputedStyle(document.body).backgroundColor")

    light = ground()
    page.click("#theme")
    assert ground() != light and page.inner_text("#theme") == "Light"
    page.reload()
    assert ground() != light
    page.emulate_media(media="print")
    assert ground() == light


def test_the_bridge_shows_the_year_that_is_chosen(plain):
    page = plain.page
    before = page.inner_html("#figure-bridge div.chart")
    page.select_option("#bridge-choice", "2030")
    page.wait_for_function("before => document.querySelector('#figure-bridge div.chart').innerHTML !== before", arg=before)
    shown = page.evaluate("[...document.querySelectorAll('#figure-bridge svg text')].map(t => t.textContent)")
    row = next(row for row in page.locator("#figure-bridge tbody tr").all() if row.locator("th").text_content() == "revenue")
    assert f"{float(row.locator('td').last.get_attribute('data-v')):.1f}" in {text.replace(",", "") for text in shown}


def test_a_table_is_a_file(plain):
    with plain.page.expect_download() as waiting:
        plain.page.click("#figure-sites button.csv")
    text = Path(waiting.value.path()).read_text(encoding="utf-8").splitlines()
    table = example.source().tables["fleet"]
    there = table.filter((table["item"] == "grid") & (table["place"] == "va") & (table["period"] == "2026Q4"))["value"][0]
    assert text[0] == "place,2026,2027,2028,2029,2030" and waiting.value.suggested_filename == "sites.csv"
    assert float(next(line for line in text if line.startswith("va,")).split(",")[1]) == pytest.approx(there)


def test_tooltips_tell_the_amount(plain):
    bar = plain.page.locator("#figure-chips svg path[aria-label], #figure-chips svg .mark-rect path").first
    bar.scroll_into_view_if_needed()
    bar.hover(force=True)
    plain.page.wait_for_selector("#tip.shown")
    assert "kchip" in plain.page.inner_text("#tip")


def test_the_keyboard_reaches_everything(plain):
    page = plain.page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    reached = set()
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id || document.activeElement.dataset?.csv || document.activeElement.tagName"))
    assert {"theme", "bridge-choice", "SUMMARY", "sites", "chips"} <= reached


def test_it_prints_with_every_chart(plain):
    plain.page.emulate_media(media="print")
    pdf = plain.page.pdf(path=PICTURES / "print.pdf")
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page/") >= 5


@pytest.fixture(params=SCREENS)
def opening(request, browser, real):
    scheme, width = SCREENS[request.param]
    found = Visit(browser, real, scheme, width)
    found.name = request.param
    yield found
    found.context.close()


def test_a_number_opens_down_to_its_source(opening):
    """From a tile to a fact with its grade, by clicks; the picture of each step is kept."""
    page = opening.page
    page.click(".tiles .v >> nth=1")
    assert page.evaluate("document.getElementById('chain').open") and "capex" in page.inner_text("#chain-what")
    page.screenshot(path=PICTURES / f"chain-{opening.name}.png")
    for _ in range(12):
        if page.locator("#chain dd", has_text="own assumption").count():
            break
        page.click("#chain tbody th button >> nth=0")
    assert page.locator("#chain dt", has_text="Source").count() == 1 and page.locator("#chain dt", has_text="Range").count() == 1
    page.screenshot(path=PICTURES / f"fact-{opening.name}.png")
    assert page.evaluate("document.getElementById('chain').scrollWidth - document.getElementById('chain').clientWidth") <= 0
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    page.click("#chain-back")
    assert page.locator("#chain tbody th button").count() >= 1
    page.keyboard.press("Escape")
    assert not page.evaluate("document.getElementById('chain').open")
    assert page.evaluate("document.activeElement.matches('.tiles .v')"), "focus comes back to the number"
    assert opening.errors == [] and [url for url in opening.requests if not url.startswith(("file:", "data:"))] == []


def test_the_page_with_buttons_passes_the_checker(opening):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    opening.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.Axe().run(opening.page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []
    assert opening.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_numbers_are_reached_and_opened_by_keyboard(browser, real):
    found = Visit(browser, real)
    page = found.page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    stops = page.evaluate("[...document.querySelectorAll('table')].map(t => t.querySelectorAll('button.v[tabindex=\"0\"]').length)")
    assert set(stops) <= {0, 1}, "a table is one stop"
    page.focus("#figure-capex-by-class td button.v[tabindex='0']")
    first = page.evaluate("document.activeElement.dataset.c")
    assert page.is_visible("#tip.shown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.c") != first
    page.keyboard.press("Enter")
    assert page.evaluate("document.getElementById('chain').open") and "capex" in page.inner_text("#chain-what")
    assert page.evaluate("document.activeElement.id") == "chain-what"
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('chain').contains(document.activeElement)")
    found.context.close()


def test_what_a_cell_shows_is_what_it_opens_to(browser, real):
    found = Visit(browser, real)
    page = found.page
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.click("#figure-chips tbody td button.v >> nth=0")
    cell = float(page.locator("#figure-chips tbody td.n[data-v]").first.get_attribute("data-v"))
    assert float(page.inner_text("#chain .big").split()[0].replace(",", "")) == pytest.approx(cell, rel=1e-4)
    found.context.close()
