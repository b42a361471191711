"""Drawings: what they show stays, what they could do goes."""

from __future__ import annotations

import base64
import gzip
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image

from gateway.core.errors import FileRefused
from gateway.core.formats import svg, svg_rules
from gateway.core.formats.svg import Drawing, clean, is_svg
from gateway.core.formats.svg_size import LARGEST, size_of

SVG = "http://www.w3.org/2000/svg"
LINKED = f'xmlns="{SVG}" xmlns:xlink="http://www.w3.org/1999/xlink"'


def drawing(inner: str, attributes: str = 'width="9" height="9"', before: str = "") -> bytes:
    return f'{before}<svg xmlns="{SVG}" {attributes}>{inner}<rect width="3" height="3"/></svg>'.encode()


def linked(inner: str) -> bytes:
    return drawing(inner, 'xmlns:xlink="http://www.w3.org/1999/xlink"')


def with_attributes(count: int) -> str:
    return "<g " + " ".join(f'a{number}="1"' for number in range(count)) + "/>"


def names(result: Drawing) -> list[str]:
    return [element.tag.removeprefix(f"{{{SVG}}}") for element in ElementTree.fromstring(result.data).iter()]


def attributes(result: Drawing, element: str) -> dict[str, str]:
    found = ElementTree.fromstring(result.data).find(f".//{{{SVG}}}{element}")
    assert found is not None
    return dict(found.attrib)


def refused(data: bytes, **options: Any) -> FileRefused:
    with pytest.raises(FileRefused) as info:
        clean(data, **options)
    assert info.value.message.endswith(".")
    return info.value


def pixel(format: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1, 1), (200, 30, 30)).save(out, format)
    return out.getvalue()


def embedded(data: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def test_it_works() -> None:
    data = drawing(
        '<title>café</title><linearGradient id="g"><stop offset="1" stop-color="#f00"/></linearGradient>'
        '<style>circle{opacity:.5}</style><circle r="2" fill="url(#g)" transform="rotate(45 1 1)"/>'
    )
    result = clean(data)
    assert result == Drawing(data, 9, 9, ())


ORDINARY = {
    "gradients": '<radialGradient id="a" gradientTransform="matrix(1 0 0 1 2 3)" fx="1"><stop offset="50%"/>'
    '</radialGradient><linearGradient id="b" href="#a"/><rect fill="url(#b) red"/>',
    "filters": '<filter id="f" filterUnits="userSpaceOnUse" x="0"><feGaussianBlur stdDeviation="2" in="SourceAlpha"/>'
    '<feOffset dx="1"/><feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>'
    '<g filter="url(#f)"/>',
    "patterns": '<pattern id="p" width="4" height="4" patternUnits="userSpaceOnUse"><path d="M0 0h4"/></pattern>'
    '<rect style="fill:url(#p);stroke:rgb(1,2,3)"/>',
    "masks": '<mask id="m"><rect fill="#fff"/></mask><clipPath id="c"><circle r="4"/></clipPath>'
    '<g mask="url(#m)" clip-path="url(#c)"/>',
    "markers": '<marker id="m" orient="auto" refX="2"><path d="M0 0L4 2"/></marker>'
    '<path d="M0 0h9" marker-end="url(#m)"/>',
    "symbols": '<symbol id="s" viewBox="0 0 4 4"><path d="M0 0h4"/></symbol><use href="#s" x="2"/>',
    "text": '<text x="1" y="2" font-family="\'DejaVu Sans\', serif">a  <tspan dy="3">b </tspan> c</text>',
    "text on a path": '<path id="p" d="M0 0h9"/><text><textPath href="#p" startOffset="50%">along</textPath></text>',
    "animations": '<circle r="2"><animate attributeName="r" values="1;2;1" dur="2s" begin="0s;1s" '
    'repeatCount="indefinite"/><animateTransform attributeName="transform" type="rotate" from="0" to="360"/>'
    '<animateMotion path="M0 0h9" dur="1s"/><set attributeName="fill" to="red"/></circle>',
    "switch": '<switch><text systemLanguage="de">ja</text><text>yes</text></switch>',
    "words": '<g id="Layer (1)" class="a b" role="img" aria-label="A cat"><desc>a &lt;cat&gt;</desc></g>',
    "spaces kept": '<text xml:space="preserve" xml:lang="de">  a   b  </text>',
    "styles": "<style>@media (prefers-color-scheme:dark){.a{fill:#fff}}@keyframes k{from{opacity:0}to{opacity:1}}"
    ".a:hover{fill:red;animation:k 2s infinite}</style>",
    "embedded": f'<image href="{embedded(pixel("PNG"))}" width="4" height="4" preserveAspectRatio="none"/>',
}


@pytest.mark.parametrize("inner", ORDINARY.values(), ids=list(ORDINARY))
def test_r04_what_drawings_are_made_of_stays_as_it_is(inner: str) -> None:
    assert clean(drawing(inner)) == Drawing(drawing(inner), 9, 9, ())


def test_every_attribute_and_element_of_the_tables_stays() -> None:
    values = {"type": "text/css", "d": "M0 0h1"}
    for name in sorted(svg_rules.ATTRIBUTES | svg_rules.PRESENTATION | svg_rules.GEOMETRY):
        data = drawing(f'<rect {name}="{values.get(name, 1)}"/>')
        assert clean(data) == Drawing(data, 9, 9, ()), name
    for name in sorted(svg_rules.ELEMENTS):
        assert name in names(clean(drawing(f"<{name}/>")))


def test_r04_a_prefix_of_the_root_becomes_the_plain_name() -> None:
    data = f'<s:svg xmlns:s="{SVG}" width="9" height="9"><s:g><s:rect width="3"/></s:g></s:svg>'.encode()
    assert clean(data).data == f'<svg xmlns="{SVG}" width="9" height="9"><g><rect width="3"/></g></svg>'.encode()


def test_a_forgotten_namespace_is_supplied() -> None:
    assert (
        clean(b'<svg viewBox="0 0 4 2"><g/></svg>').data == f'<svg xmlns="{SVG}" viewBox="0 0 4 2"><g/></svg>'.encode()
    )


def test_xlink_stays_what_it_is() -> None:
    data = f'<svg {LINKED}><g id="a"/><use xlink:href="#a"/></svg>'.encode()
    assert clean(data).data == data


def test_of_two_addresses_the_one_browsers_read_stays() -> None:
    result = clean(linked('<g id="a"/><use href="#a" xlink:href="#b"/>'))
    assert attributes(result, "use") == {"href": "#a"}


def test_a_byte_order_mark_and_a_declaration_go_without_a_word() -> None:
    data = drawing("", before='<?xml version="1.0" encoding="utf-8" standalone="no"?>\n')
    assert clean(b"\xef\xbb\xbf" + data) == Drawing(drawing(""), 9, 9, ())


def test_old_programs_may_claim_another_encoding_while_all_is_ascii() -> None:
    before = '<?xml version="1.0" encoding="iso-8859-1"?>'
    assert clean(drawing("<text>a</text>", before=before)).data == drawing("<text>a</text>")
    assert "UTF-8" in refused(drawing("<text>ä</text>", before=before)).message


def test_a_public_doctype_goes_without_a_word() -> None:
    before = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"\n "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
    assert clean(drawing("", before=before)) == Drawing(drawing(""), 9, 9, ())


def test_data_of_editors_go_without_a_word() -> None:
    inkscape = (
        'xmlns:i="http://www.inkscape.org/namespaces/inkscape" i:version="1.0" data-name="x" enable-background="new"'
    )
    data = drawing('<i:view a="b"/><metadata><x xmlns="urn:rdf"/></metadata><g i:label="A" x-y="z"/>', inkscape)
    assert clean(data) == Drawing(drawing("<g/>", 'enable-background="new"'), 300, 150, ())


def test_comments_and_instructions_go_and_the_text_around_them_stays() -> None:
    data = drawing("<!-- a --><text>one <!-- b -->two<?php x ?> three</text>", before='<?xml-stylesheet href="x.css"?>')
    assert clean(data) == Drawing(drawing("<text>one two three</text>"), 9, 9, ())


def test_r04_text_behind_what_went_stays() -> None:
    data = drawing("<text>a<script/>b<tspan>c</tspan>d<script/>e</text>")
    assert clean(data).data == drawing("<text>ab<tspan>c</tspan>de</text>")


def test_a_compressed_drawing_is_unpacked() -> None:
    assert clean(gzip.compress(drawing("<g/>"))) == Drawing(drawing("<g/>"), 9, 9, ())


def test_r03_cleaning_again_changes_nothing() -> None:
    data = linked(
        '<style>@import "x";a > b{fill:\\72 ed}</style><a xlink:href="x"><g style="fill : red;x:y" onclick=""/></a>'
    )
    once = clean(data)
    assert clean(once.data) == Drawing(once.data, once.width, once.height, ())


@pytest.mark.parametrize(
    "inner",
    [
        "<script>1</script>",
        "<SCRIPT>1</SCRIPT>",
        "<script><![CDATA[1]]></script>",
        f'<x:script xmlns:x="{SVG}">1</x:script>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml">1</h:script>',
        '<defs><g><script href="http://127.0.0.1:9/x.js"/></g></defs>',
        "<title><script>1</script></title>",
        '<handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load">1</handler>',
    ],
)
def test_scripts_go(inner: str) -> None:
    result = clean(drawing(inner))
    assert result.removed == (("script elements", 1),)
    assert b"script" not in result.data.lower() and b"1<" not in result.data


@pytest.mark.parametrize("name", ["onload", "onLoad", "onbegin", "onxyz", "ONCLICK"])
def test_event_attributes_go(name: str) -> None:
    result = clean(drawing(f'<g {name}="1"/>', f'width="9" {name}="1"'))
    assert result.removed == (("event attributes", 2),)
    assert result.data == drawing("<g/>", 'width="9"')


@pytest.mark.parametrize(
    "inner",
    [
        "<foreignObject><p>x</p></foreignObject>",
        '<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="javascript:1"/>',
        '<iframe src="x"/>',
        '<m:math xmlns:m="http://www.w3.org/1998/Math/MathML"/>',
    ],
)
def test_pages_inside_go(inner: str) -> None:
    assert clean(drawing(inner)) == Drawing(drawing(""), 9, 9, (("embedded HTML", 1),))


def test_instructions_to_other_programs_go() -> None:
    inner = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/hostname" parse="text"/>'
    assert clean(drawing(inner)) == Drawing(drawing(""), 9, 9, (("foreign elements", 1),))


def test_what_needs_an_extension_nobody_has_goes_without_a_word() -> None:
    inner = (
        '<switch><foreignObject requiredExtensions="http://ns.adobe.com/x/"/><g requiredExtensions="y"/><g/></switch>'
    )
    assert clean(drawing(inner)) == Drawing(drawing("<switch><g/></switch>"), 9, 9, ())


def test_a_link_goes_and_what_it_surrounds_stays() -> None:
    for address in ("javascript:1", "java&#9;script:1", "http://127.0.0.1:9/", "#top"):
        result = clean(linked(f'<a xlink:href="{address}" target="x" fill="red"><text>x</text></a>'))
        assert result.data == drawing('<a fill="red"><text>x</text></a>', "").replace(b'svg" >', b'svg">')
        assert result.removed == (("links", 1),)


@pytest.mark.parametrize(
    "inner",
    [
        '<use href="http://127.0.0.1:9/u.svg#a"/>',
        '<use href="other.svg#a"/>',
        '<use href="data:image/svg+xml;base64,PHN2Zy8+#a"/>',
        f'<use href="{embedded(b"x")}"/>',
        '<image href="http://127.0.0.1:9/i.png"/>',
        '<image href="//127.0.0.1:9/i.png"/>',
        '<image href="/i.png"/>',
        '<image href="file:///etc/hostname"/>',
        '<image href="#itself"/>',
        f'<image href="{embedded(b"<svg/>", "svg+xml")}"/>',
        f'<image href="{embedded(b"not a picture at all")}"/>',
        '<image href="data:image/png,%89PNG"/>',
        '<image href="data:text/html;base64,PHN2Zy8+"/>',
        '<filter><feImage href="http://127.0.0.1:9/f.png"/></filter>',
        '<text><textPath href="http://127.0.0.1:9/t.svg#a"/></text>',
        '<g fill="url(http://127.0.0.1:9/p#a)"/>',
        "<g filter=\"url('x.svg#a')\"/>",
        '<g mask="u\\72l(other.svg#m)"/>',
        '<g cursor="url(c.png)"/>',
        '<animate attributeName="fill" values="url(#a);url(http://127.0.0.1:9/)"/>',
    ],
)
def test_references_to_the_outside_go(inner: str) -> None:
    result = clean(drawing(inner))
    assert result.removed == (("outside references", 1),)
    assert not any(
        word in result.data for word in (b"127", b"data:", b"file:", b"other", b".png", b"x.svg", b"#itself")
    )


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "WEBP"])
def test_an_embedded_picture_is_called_what_its_bytes_are(format: str) -> None:
    right = embedded(pixel(format), format.lower())
    for address in (embedded(pixel(format), "jpg"), right.replace("+", "%2B"), f" {right[:60]}&#10; {right[60:]}"):
        assert attributes(clean(drawing(f'<image href="{address}"/>')), "image") == {"href": right}


@pytest.mark.parametrize("name", ["href", "xlink:href", "onclick", "style", "class", "id", " href"])
def test_animations_of_anything_but_looks_go(name: str) -> None:
    for element in ("animate", "set"):
        result = clean(linked(f'<g><{element} attributeName="{name}" to="javascript:1"/></g>'))
        assert result.data == drawing("<g/>", "").replace(b'svg" >', b'svg">')
        assert result.removed == (("animations", 1),)


@pytest.mark.parametrize("name", ["aria-label", "fill", "to", "class", "d"])
def test_words_that_start_something_go_wherever_they_stand(name: str) -> None:
    for word in ("javascript:1", "data:text/html,x", "j&#10;avascript:1", "expression(1)", "&lt;/style>"):
        assert attributes(clean(drawing(f'<g {name}="{word}"/>')), "g") == {}


def test_words_that_others_may_take_for_style_go() -> None:
    for word in ("u\\72l(x)", "url(x)", "expression(1)"):
        assert attributes(clean(drawing(f'<g id="{word}" class="a"/>')), "g") == {"class": "a"}


def test_a_refusal_of_what_is_no_drawing() -> None:
    for data in (
        b"<html><svg/></html>",
        b"hello",
        b'<svg xmlns="urn:x"/>',
        b"<!doctype html><p>",
        b"<?xml version='1.0'?><a/>",
    ):
        assert refused(data).code == "FILE_UNKNOWN"


def test_a_refusal_of_what_is_empty() -> None:
    assert refused(b" \n").code == "FILE_EMPTY"


def test_a_refusal_of_broken_xml() -> None:
    for inner in ("<g>", "&nbsp;", "<g a='1' a='2'/>", "<x:g/>", "<g><</g>"):
        assert refused(drawing(inner)).code == "FILE_BROKEN"
    assert refused(drawing("") + b"<script/>").code == "FILE_BROKEN"


@pytest.mark.parametrize(
    "before",
    [
        "<!DOCTYPE svg [<!ENTITY x 'y'>]>",
        '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE svg [<!ATTLIST svg onload CDATA "1">]>',
        '<!DOCTYPE svg [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p.dtd"> %p;]>',
        '<!DOCTYPE svg PUBLIC "a" "b" []>',
        "<!-- x --><!DOCTYPE svg><!DOCTYPE svg [<!ENTITY x 'y'>]>",
        "<!ENTITY x 'y'>",
    ],
)
def test_a_refusal_of_declarations_before_any_parser_sees_them(before: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(svg, "_parse", None)
    assert refused(drawing("", before=before)).code in ("FILE_BROKEN", "FILE_UNKNOWN")


def test_a_refusal_of_other_encodings() -> None:
    text = drawing("<text>ä</text>").decode()
    for data in (text.encode("utf-16"), text.encode("utf-16-le"), text.encode("latin-1"), b"<svg>\0</svg>"):
        assert refused(data).code == "FILE_BROKEN"
    for name in ("utf-16", "UTF-7", "cp037"):
        assert "UTF-8" in refused(drawing("", before=f'<?xml version="1.0" encoding="{name}"?>')).message


def test_a_refusal_of_more_than_the_limit() -> None:
    data = drawing(" " * 2_000_000)
    refusal = refused(data)
    assert (refusal.code, refusal.meta) == ("FILE_TOO_BIG", {"limit_bytes": 2_000_000})
    assert refusal.message == "This drawing is larger than 2 MB, the most an SVG may have."
    assert clean(data, max_bytes=3_000_000).width == 9
    assert "50 B" in refused(drawing(""), max_bytes=50).message


def test_a_refusal_of_a_compressed_bomb() -> None:
    bomb = gzip.compress(drawing(" " * 20_000_000), 9)
    assert len(bomb) < 25_000
    assert refused(bomb).code == "FILE_TOO_BIG"


def test_a_refusal_of_a_damaged_compressed_file() -> None:
    packed = gzip.compress(drawing("<g/>"))
    for data in (packed[:-9], packed[:20] + b"xxx" + packed[23:], packed + b"<svg/>", packed[:5]):
        assert refused(data).code == "FILE_BROKEN"
    assert refused(gzip.compress(packed)).code == "FILE_BROKEN"


@pytest.mark.parametrize(
    "inner",
    [
        "<g>" * 199 + "<g/>" + "</g>" * 199,
        "<g>" * 5_000 + "</g>" * 5_000,
        "<g/>" * svg.MAX_ELEMENTS,
        "<g/>" * 200_000,
        with_attributes(201),
        f"<style>{'a{b:c}' * 100_000}</style>",
    ],
    ids=["deep", "very deep", "many", "very many", "attributes", "styles"],
)
def test_a_refusal_of_too_much_of_anything(inner: str) -> None:
    assert refused(drawing(inner)).code == "LIMIT_EXCEEDED"


def test_the_most_of_everything_is_taken() -> None:
    deep = "<g>" * 198 + "<g/>" + "</g>" * 198
    many = "<g/>" * (svg.MAX_ELEMENTS - 2 - 199)
    assert clean(drawing(deep + many + f"<!--{'<' * 200}-->")).removed == ()
    assert clean(drawing(with_attributes(200))).data == drawing("<g/>")


def test_r03_a_refusal_of_growth() -> None:
    assert "grows" in refused(drawing(f"<text>{'>' * 2_000}</text>")).message


@pytest.mark.parametrize(
    "inner",
    [
        '<g id="a"><use href="#a"/></g>',
        '<g id="a"><use xlink:href="#b"/></g><g id="b"><use href="#a"/></g>',
        '<use id="a" href="#a"/>',
        '<g id="a b"><g id="&#228;"><use href="#%C3%A4"/></g></g>',
    ],
)
def test_a_refusal_of_a_drawing_within_itself(inner: str) -> None:
    refusal = refused(linked(inner))
    assert refusal.code == "FILE_BROKEN"
    assert "itself" in refusal.message


@pytest.mark.parametrize("kind", ['<use xlink:href="#n{}"/>', '<g style="fill:url(#n{})"/>', '<g mask="url(#n{})"/>'])
def test_a_refusal_of_copies_that_multiply(kind: str) -> None:
    def levels(count: int) -> bytes:
        groups = (f'<g id="n{n}">{kind.format(n - 1) * 10}</g>' for n in range(1, count))
        return linked('<circle id="n0"/>' + "".join(groups))

    assert clean(levels(4)).removed == ()
    assert refused(levels(40)).code == "LIMIT_EXCEEDED"


def test_patterns_within_themselves_are_left_to_the_browser() -> None:
    inner = '<pattern id="p"><rect fill="url(#p)"/></pattern><rect fill="url(#p)"/>'
    assert clean(drawing(inner)).data == drawing(inner)


@pytest.mark.parametrize(
    ("width", "height", "box", "size"),
    [
        ("20", "10px", None, (20, 10)),
        ("1in", "2.54cm", None, (96, 96)),
        ("25.4mm", "72pt", None, (96, 96)),
        ("6pc", "2em", None, (96, 32)),
        (" 1e2 ", ".5e1PX", None, (100, 5)),
        ("10.6", "10.4", None, (11, 10)),
        (None, None, "0 0 24 12", (24, 12)),
        (None, None, "-1,-1,24,12", (24, 12)),
        ("100%", "100%", "0 0 24 12", (24, 12)),
        ("48", None, "0 0 24 12", (48, 24)),
        (None, "48", "0 0 24 12", (96, 48)),
        ("48", "50%", None, (48, 150)),
        (None, None, None, (300, 150)),
        ("auto", "", "none", (300, 150)),
        ("-5", "5 5", "0 0 0 9", (300, 150)),
        ("0", "0.2", None, (1, 1)),
        ("1e9", "1e999", None, (LARGEST, LARGEST)),
        ("9" * 300, "nan", "0 0 1e999 2", (300, 150)),
        (None, "1e30", "0 0 1e-300 1e300", (1, LARGEST)),
    ],
)
def test_the_size(width: str | None, height: str | None, box: str | None, size: tuple[int, int]) -> None:
    assert size_of(width, height, box) == size


@pytest.mark.parametrize(
    "head",
    [
        b"<svg>",
        b"<svg/>",
        b'\xef\xbb\xbf \n<svg xmlns="x">',
        b"<s:svg xmlns:s='x'>",
        b"<?xml version='1.0'?><?x y?><!-- <html> --><svg ",
        b'<!DOCTYPE svg PUBLIC "a>b" "c">\n<svg>',
        b"<!DOCTYPE svg [\n<!ENTITY x '>'>\n]><svg>",
        b"<!-- " + b"x" * 600,
        b"<?xml version='1.0'?>" + b" " * 600,
        b"<!DOCTYPE svg [" + b"x" * 600,
        "<svg>".encode("utf-16"),
    ],
)
def test_a_drawing_is_known_by_its_beginning(head: bytes) -> None:
    assert is_svg(head)


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"  ",
        b"svg",
        b"<svga>",
        b"<html><svg>",
        b"<!doctype html><svg>",
        b"<!-- x --><p><svg>",
        b"<?xml version='1.0'?><kml>",
        b"\x89PNG\r\n\x1a\n<svg>",
        b"<?php echo '<svg>';",
        b"text <svg>",
    ],
)
def test_anything_else_is_not(head: bytes) -> None:
    assert not is_svg(head)
