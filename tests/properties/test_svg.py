"""Whatever a drawing says: it is refused in words, or what is left of it can do nothing and stays as it is."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.errors import FileRefused
from gateway.core.formats.svg import Drawing, clean, is_svg
from gateway.core.formats.svg_rules import ELEMENTS, SVG, XLINK, XML
from gateway.core.formats.svg_size import LARGEST, size_of

OUTSIDE = "http://127.0.0.1:9/x"
GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
WHOLE = f"""<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b"><!-- c -->
<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" viewBox="0 0 9 9" onload="1"><style>@import "{OUTSIDE}";
@media x{{a>b,.c:hover{{fill:url(#p);stroke:u\\72l({OUTSIDE});--a:1}}}}</style><script>1</script>
<pattern id="p" xlink:href="#q"><image href="{GIF}"/></pattern><a href="javascript:1"><text style="font:1px 'A';fill:
url({OUTSIDE})">a <tspan>b</tspan><!-- c --> d</text></a><use href="#p" transform="rotate(1 2 3)"/><g id="g">
<animate attributeName="href" to="javascript:1"/><set attributeName="fill" to="url(#p)"/></g></svg>"""


def words(text: str) -> st.SearchStrategy[str]:
    return st.sampled_from(text.split())


values = words(
    f"""{OUTSIDE} //x /x #a #b # javascript:1 JAVA&#10;SCRIPT:1 vbscript:1 data:text/html,x {GIF} {GIF}#
    url({OUTSIDE}) url(#a) u\\72l(x) url('#a') url("#a" url( image-set('x') src(x) expression(1) var(--a) rgb(1,2) \\
    \\1 ' " &quot; ( ) [ ] {{ }} ; : , @import @ /* */ &lt;/style> &lt; > ! !important fill stroke behavior -moz-binding
    --a fill:red 1 -1 1e999 none a b href xlink:href onclick style é \\d800
    url(data:image/svg+xml;base64,AAAA) url({GIF})"""
) | st.text("ab:;(){}[]\\'\" /*!@#-u+1.%,\n", max_size=8)
attribute = st.builds(
    lambda name, parts, gap: "{}='{}'".format(name, gap.join(parts).replace("<", "").replace("'", "&#39;")),
    words(
        """id class style href xlink:href fill filter transform d onload onClick x:onload xml:base xml:space src begin
        values to from attributeName type media viewBox width requiredExtensions aria-label
        unknown xmlns xmlns:x"""
    ),
    st.lists(values, max_size=6),
    st.sampled_from(["", " "]),
)
element_name = words(
    """g use a image style title text tspan pattern animate set script SCRIPT foreignObject x:script x:g metadata iframe
    switch feImage handler"""
)
rule = st.lists(values, max_size=12).map(" ".join)
sheets = st.lists(
    rule
    | st.sampled_from(["a{fill:", "}", "@media x{", "@keyframes k{", "{", ";", "a:b{", "@layer a;", "@font-face{"]),
    max_size=12,
).map(lambda parts: "".join(parts).replace("&", "&amp;").replace("<", "&lt;").replace("]]>", ""))


def build(name: str, attributes: list[str], inner: str) -> str:
    unique = {text.partition("=")[0]: text for text in attributes}
    return f"<{name} {' '.join(unique.values())}>{inner}</{name}>"


elements = st.recursive(
    st.builds(build, element_name, st.lists(attribute, max_size=4), st.text("ab \n", max_size=3))
    | st.builds(build, st.just("style"), st.just([]), sheets)
    | st.sampled_from(["text", "<!-- -->", "<?x y?>", "&#13;", "<![CDATA[<script>]]>", "&lt;script&gt;"]),
    lambda inner: st.builds(
        build, element_name, st.lists(attribute, max_size=4), st.lists(inner, max_size=4).map("".join)
    ),
    max_leaves=12,
)
drawings = elements.map(
    lambda inner: f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" xmlns:x="urn:x">{inner}{" " * 4_000}</svg>'.encode()
)
changes = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 9),
        st.binary(max_size=3)
        | st.sampled_from([b"<", b">", b"'", b'"', b"&", b"\\", b"(", b"/*", b"<script>", b" onx='1'"]),
    ),
    max_size=6,
)


def assert_harmless(drawing: Drawing) -> None:
    assert b"<!" not in drawing.data and b"<?" not in drawing.data
    for element in ElementTree.fromstring(drawing.data).iter():
        namespace, _, name = element.tag[1:].partition("}")
        assert namespace == SVG and name in ELEMENTS and name.lower() != "script"
        for key, value in element.attrib.items():
            if key in ("href", f"{{{XLINK}}}href"):
                assert value.startswith(("#", "data:image/gif;base64,")), value
            assert key == "href" or key.startswith((f"{{{XML}}}", f"{{{XLINK}}}")) or re.fullmatch("[a-zA-Z0-9-]+", key)
            assert not key.lower().startswith("on") and key not in ("src", "xmlns")
            assert name not in ("animate", "set") or key != "attributeName" or value in ("fill", "stroke")
            assert_fetches_nothing(value if key not in ("id", "class", "aria-label", "begin") else "")
            assert "javascript:" not in re.sub(r"\s", "", value).lower()
        if name == "style":
            assert_fetches_nothing(element.text or "")


def assert_fetches_nothing(css: str) -> None:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    plain = re.sub(r"\\([0-9a-fA-F]{1,6})\s?", lambda match: chr(int(match[1], 16) % 0xD800), css)
    for text in (css, plain.replace("\\", "")):
        for target in re.findall(r"url\s*\(\s*([^)]{0,25})", text, re.IGNORECASE):
            assert target.startswith(("#", "data:image/gif;base64,")), css
        for word in ("expression(", "image-set(", "src(", "@import", "-moz-binding", "</"):
            assert word not in text.lower(), css


def clean_or_refuse(data: bytes) -> None:
    try:
        drawing = clean(data)
    except FileRefused as refusal:
        assert refusal.message.endswith(".")
        assert refusal.code in ("FILE_BROKEN", "FILE_EMPTY", "FILE_UNKNOWN", "LIMIT_EXCEEDED")
        return
    assert clean(drawing.data) == Drawing(drawing.data, drawing.width, drawing.height, ())
    assert is_svg(drawing.data)
    assert_harmless(drawing)


@given(drawings)
@settings(max_examples=400, deadline=None)
def test_r03_any_drawing_is_cleaned_for_good_or_refused(data: bytes) -> None:
    clean_or_refuse(data)


@given(drawings)
@settings(max_examples=100, deadline=None)
def test_a_wellformed_drawing_is_only_refused_for_what_it_contains(data: bytes) -> None:
    """Nothing in these but `use` can be a reason, and prefixes that mean nothing."""
    try:
        clean(data)
    except FileRefused as refusal:
        assert "<use>" in refusal.message or "well-formed" in refusal.message


@given(changes)
@settings(max_examples=300, deadline=None)
def test_r03_any_change_to_a_drawing_is_cleaned_for_good_or_refused(changes: list[tuple[float, int, bytes]]) -> None:
    data = bytearray(WHOLE.encode())
    for where, length, new in changes:
        at = int(where * len(data))
        data[at : at + length] = new
    clean_or_refuse(bytes(data))


@given(sheets)
@settings(max_examples=400, deadline=None)
def test_any_style_sheet_is_cleaned_for_good(sheet: str) -> None:
    clean_or_refuse(f'<svg xmlns="{SVG}"><style>{sheet}</style>{" " * 4_000}</svg>'.encode())


@given(st.binary(max_size=60))
def test_r03_any_bytes_are_refused_or_cleaned(data: bytes) -> None:
    is_svg(data)
    clean_or_refuse(data)
    clean_or_refuse(b"\x1f\x8b" + data)
    clean_or_refuse(b"<svg " + data + b"</svg>")


lengths = st.none() | st.text("0123456789.eE+-%pxinmct ", max_size=12)


@given(lengths, lengths, st.none() | st.lists(lengths, max_size=5).map(lambda sides: " ".join(map(str, sides))))
def test_any_size_is_whole_and_within_bounds(width: str | None, height: str | None, box: str | None) -> None:
    assert all(1 <= side <= LARGEST for side in size_of(width, height, box))
