"""Text that a page carries packed comes out as it went in."""

import base64
import re
import zlib

from hypothesis import given
from hypothesis import strategies as st

from barbell.report import vega
from barbell.report.packed import packed, unpacked
from barbell.report.page import html
from tests.report import example


@given(st.text())
def test_there_and_back(text):
    assert unpacked(packed(text)) == text and re.fullmatch("[A-Za-z0-9+/=]*", packed(text))


def test_a_browser_reads_it_as_deflated():
    """`DecompressionStream("deflate")` reads the format of zlib: a head that says so, and a sum at the end."""
    found = base64.b64decode(packed("</script>" * 100))
    assert found[0] == 0x78 and zlib.decompress(found) == b"</script>" * 100


def test_the_page_carries_the_library_packed_and_its_terms_in_the_open():
    text = html(example.source())
    carried = re.search('<script type="text/plain" id="vega">(.*?)</script>', text)[1]
    assert unpacked(carried) == vega.script() and vega.terms() in text and len(text.encode()) < 1_000_000
