"""What fuzzing found stays mended, and a little of it runs every time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.cases import Finding, holds
from tests.fuzz.mutate import KINDS

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.json"))


def test_the_corpus_is_there_and_small():
    assert CORPUS and all(path.stat().st_size < 100_000 for path in CORPUS)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_what_was_found_is_read_or_told(path):
    holds(Finding.of(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("kind", KINDS)
def test_a_few_changes_are_read_or_told(kind):
    @settings(max_examples=15, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(KINDS[kind])
    def property_(found):
        holds(found)

    property_()


def test_a_finding_survives_the_corpus():
    found = Finding("xlsx", "toy", {"a": b"\xff\x00", "b": "Zürich\r\n".encode()})
    assert Finding.of(found.text()) == found
