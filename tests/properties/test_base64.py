"""Any bytes come back from any spelling of their base64; any text gives bytes or a refusal."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from textwrap import wrap

from hypothesis import given
from hypothesis import strategies as st

from gateway.core.errors import InvalidInput
from gateway.web.chevereto.base64text import decode

some_bytes = st.binary(min_size=1, max_size=2000)


@given(some_bytes, st.sampled_from([60, 64, 72, 76]), st.sampled_from(["\n", "\r\n", " ", "\t"]))
def test_it_works_in_lines(data: bytes, width: int, end: str) -> None:
    assert decode(end.join(wrap(b64encode(data).decode(), width))) == data


@given(some_bytes)
def test_it_works_without_padding_and_in_the_other_alphabet(data: bytes) -> None:
    assert decode(b64encode(data).decode().rstrip("=")) == data
    assert decode(urlsafe_b64encode(data).decode()) == data
    assert decode(f"data:image/png;base64,{b64encode(data).decode()}") == data


@given(some_bytes)
def test_it_works_with_plus_turned_into_blank(data: bytes) -> None:
    text = b64encode(data).decode()
    if not text.startswith("+"):  # what a blank in front was, nobody can know
        assert decode(text.replace("+", " ")) == data


@given(st.text(max_size=200))
def test_r01_any_text_is_bytes_or_a_refusal(text: str) -> None:
    try:
        assert decode(text)
    except InvalidInput as refused:
        assert refused.code == "BASE64_INVALID"
