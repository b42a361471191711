"""Whatever happens to the bytes of a file: it comes out clean, or it is refused in words. Nothing else."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.errors import FileRefused
from gateway.core.formats.privacy import Policy, clean_file, cleaned
from gateway.core.formats.privacy.exif_block import cleaned_exif
from gateway.core.formats.privacy.photoshop import cleaned_resources
from gateway.core.formats.privacy.xmp import cleaned_xmp
from tests.core import planting

FILES = {name: make() for name, make in planting.FILES.items()}
FILES["stereo"] = planting.multi_picture(planting.jpeg(40, 30), planting.jpeg(30, 20), tail=b"trailer")
FILES["live"] = planting.webm(unknown=True)
FORMATS = {"stereo": "jpeg", "live": "webm"}

policies = st.sampled_from(("no-location", "strip"))
places = st.floats(0, 1, exclude_max=True)
changes = st.lists(st.tuples(places, st.integers(0, 4), st.binary(max_size=4)), max_size=6)


def mutated(data: bytes, wounds: list[tuple[float, int, bytes]]) -> bytes:
    """At each place, some bytes are replaced by others, which may be more or fewer."""
    for place, gone, put in wounds:
        at = int(place * len(data))
        data = data[:at] + put + data[at + gone :]
    return data


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(FILES)), policies, changes, st.floats(0, 1))
def test_a_file_is_cleaned_or_refused(
    name: str, policy: Policy, wounds: list[tuple[float, int, bytes]], kept: float
) -> None:
    data, format_name = mutated(FILES[name], wounds), FORMATS.get(name, name)
    data = data if kept > 0.3 else data[: int(kept / 0.3 * len(data))]
    try:
        left = cleaned(data, format_name, policy)
    except FileRefused as refused:
        assert refused.code == "FILE_BROKEN" and refused.message.endswith(".")
        return
    target = io.BytesIO()
    assert clean_file(io.BytesIO(data), target, format_name, policy) is (left is not None)
    if left is not None:
        assert target.getvalue() == left and len(left) <= len(data) + 64
        assert cleaned(left, format_name, policy) is None


@settings(max_examples=600, deadline=None)
@given(policies, changes)
def test_an_exif_block_never_grows_and_stays_clean(policy: Policy, wounds: list[tuple[float, int, bytes]]) -> None:
    data = mutated(planting.exif(), wounds)
    left = cleaned_exif(data, policy)
    assert len(left) <= len(data) and cleaned_exif(left, policy) == left


@settings(max_examples=400, deadline=None)
@given(changes)
def test_packets_and_resources_never_grow_and_stay_clean(wounds: list[tuple[float, int, bytes]]) -> None:
    for clean, data in ((cleaned_xmp, planting.XMP), (cleaned_resources, planting.photoshop())):
        wounded = mutated(data, wounds)
        left = clean(wounded)
        assert len(left) <= len(wounded) + 1 and clean(left) == left
