"""Each of the 34 requirements has a test that says so by its name: `test_r07_…`, or `test_f06_…` for a fault.

| | requirement | proven in |
|--|--|--|
| 1, 2 | uploads end in an answer, in time and in memory | test_hostile, properties/ |
| 3, 4 | stored drawings | properties/test_svg, core/test_svg, test_hostile |
| 5, 6 | types and headers of files | test_r05_to_r08_formats, test_hostile |
| 7, 8 | closed list of formats, limits before decoding | test_r05_to_r08_formats, core/test_raster |
| 9 | decoders in children | test_r09_children |
| 10 | a refusal leaves nothing | journeys/test_refusals_leave_nothing |
| 11 | orientation and privacy | core/test_raster, core/test_privacy, web/test_upload_metadata |
| 12 to 15 | fetching | store/test_fetch, store/test_fetch_forbidden, test_hostile |
| 16, 17, 18 | faults F1-F8, F9-F14, F15 | journeys/faults, journeys/test_moving_in |
| 19 to 21 | sharing of content, sources of imports | test_r19_to_r25_library, core/test_library_duplicates |
| 22, 23 | broken and slow HTTP | test_r22_r23_connections, journeys/test_rough_clients, test_hostile |
| 24, 25 | names and paths | test_r19_to_r25_library, test_hostile |
| 26, 27 | what a request claims | journeys/test_rough_clients, web/test_clients, web/picora/test_rate_limits |
| 28 | keys | core/test_keys, web/test_logs |
| 29 | every route as everybody | test_r29_access |
| 30 | quotas | contract/test_catalog_adding, journeys/test_many_at_once |
| 31 | pages, forms, cookies | test_r31_pages |
| 32 | delete links and ids | web/test_delete_link, contract/test_catalog_moving |
| 33 | schemathesis | clients/test_schemathesis |
| 34 | upgrades | store/ |
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
FAULTS = {16: range(1, 9), 17: range(9, 15), 18: range(15, 16)}
NAME = re.compile(r"^def (test_\w+)\(", re.MULTILINE)


def numbers(name: str) -> set[int]:
    """`test_r05_r06_types` is about two."""
    found = re.match(r"test((?:_[rf]\d\d)+)_", name)
    marks = re.findall(r"([rf])(\d\d)", found[1]) if found else []
    faults = {int(number) for kind, number in marks if kind == "f"}
    named = {int(number) for kind, number in marks if kind == "r"}
    return named | {number for number, covered in FAULTS.items() if faults & set(covered)}


@pytest.fixture(scope="module")
def proven() -> set[int]:
    return {
        number
        for file in TESTS.rglob("test_*.py")
        for name in NAME.findall(file.read_text())
        for number in numbers(name)
    }


@pytest.mark.parametrize("number", range(1, 35))
def test_each_requirement_has_a_test(proven: set[int], number: int) -> None:
    assert number in proven


def test_no_number_is_made_up(proven: set[int]) -> None:
    assert proven <= set(range(1, 35))


def test_faults_count_for_their_requirements() -> None:
    assert numbers("test_f06_dying") == {16}
    assert numbers("test_r05_r06_types") == {5, 6}
    assert numbers("test_it_works") == set()
