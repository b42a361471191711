"""Style rules: what they paint stays, what they fetch goes."""

from __future__ import annotations

import pytest

from gateway.core.errors import FileRefused
from gateway.core.formats.svg_css import (
    MAX_PARTS,
    Tally,
    clean_declarations,
    clean_sheet,
    clean_value,
    fragment,
    is_suspicious,
    picture,
    references,
)

GIF = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def declarations(text: str) -> tuple[str, dict[str, int]]:
    tally = Tally()
    return clean_declarations(text, tally), dict(tally.removed)


def value(text: str) -> tuple[str | None, dict[str, int]]:
    tally = Tally()
    return clean_value(text, tally), dict(tally.removed)


def sheet(text: str) -> tuple[str, dict[str, int]]:
    tally = Tally()
    cleaned = clean_sheet(text, tally)
    again = Tally()
    assert clean_sheet(cleaned, again) == cleaned and not again.removed
    return cleaned, dict(tally.removed)


@pytest.mark.parametrize(
    "text",
    [
        "fill:red",
        " fill : red ; stroke:#000; ",
        "fill:url(#a);stroke:rgba(1, 2, 3, .5)",
        "font:10px 'DejaVu Sans', \"Liberation\"; text-anchor:middle",
        "fill:red !important",
        "filter:drop-shadow(0 0 2px #000) blur(1px)",
        "transform:rotate(calc(1turn / 3))",
        "fill:var(--main, #0af)",
        "background:#fff;mix-blend-mode:multiply",
    ],
)
def test_declarations_that_only_paint_stay_as_written(text: str) -> None:
    assert declarations(text) == (text, {})


def test_properties_nobody_knows_go_without_a_word() -> None:
    assert declarations("fill:red;-inkscape-font-specification:Sans;stroke:red") == ("fill:red;stroke:red", {})
    assert declarations("-inkscape-font-specification:'Sans, Bold';fill:red") == ("fill:red", {})
    assert declarations("nonsense") == ("", {})


@pytest.mark.parametrize(
    "address",
    [
        "url(http://127.0.0.1:9/p)",
        "url( 'http://127.0.0.1:9/p' )",
        "URL(p.svg#a)",
        "u\\72l(http://127.0.0.1:9/p)",
        "\\75 rl(http://127.0.0.1:9/p)",
        "url(\\68ttp://127.0.0.1:9/p)",
        "url(data:image/svg+xml;base64,PHN2Zy8+)",
        "url(data:text/html,x)",
        "url(//127.0.0.1)",
        "url('#a' foo)",
        "url()",
        'image-set("http://127.0.0.1:9/i" 1x)',
        '-webkit-image-set("i.png" 1x)',
        'src("http://127.0.0.1:9/i")',
        'image("i.png")',
        "cross-fade(url(#a), 50%)",
    ],
)
def test_addresses_outside_go(address: str) -> None:
    assert declarations(f"fill:{address};stroke:red") == ("stroke:red", {"outside references": 1})
    assert value(address) == (None, {"outside references": 1})
    assert sheet(f"a{{fill:{address};stroke:red}}") == ("a{stroke:red}", {"outside references": 1})


@pytest.mark.parametrize(
    "text",
    ["expression(alert(1))", "attr(href url)", "element(#a)", "paint(x)", "env(x)", "{a:b}", "@import", "url(#a", "'a"],
)
def test_what_cannot_be_judged_goes(text: str) -> None:
    cleaned, removed = declarations(f"fill:x({text})")
    assert (cleaned, list(removed)) == ("", ["style rules"])


@pytest.mark.parametrize("text", ["behavior:url(#x)", "-moz-binding:none", "behavior:x"])
def test_properties_that_act_go(text: str) -> None:
    assert declarations(f"fill:red;{text}") == ("fill:red", {"style rules": 1})


def test_an_address_that_may_stay_gets_its_one_spelling() -> None:
    for text in ("url( #a )", "url('#a')", 'URL( "#a" )', "url(\\#a)"):
        assert value(f"{text} red")[0] in ("url(#a) red", "url( #a ) red")
    assert value(f"url('{GIF}')") == (f"url({GIF})", {})


def test_escapes_are_undone_and_comments_dropped() -> None:
    assert declarations("fi\\6cl:r\\65 d") == ("fill:red", {})
    assert declarations("fill:/* a */red;/* b */stroke:blue") == ("fill:red;stroke:blue", {})
    assert value("rota\\74 e(1)/**/") == ("rotate(1)", {})


@pytest.mark.parametrize("text", ["\\1 ", "\\d800 ", "'\\fffe '", "a\\b "])
def test_characters_xml_cannot_carry_go(text: str) -> None:
    assert declarations(f"font-family:{text}") == ("", {"style rules": 1})


def test_strings_take_the_quote_that_is_short_in_xml() -> None:
    assert declarations('font:"A B";fill:r\\65 d') == ("font:'A B';fill:red", {})
    assert declarations('font:"it\'s";fill:r\\65 d')[0] == 'font:"it\'s";fill:red'


def test_custom_properties_stay_unless_they_build_on_each_other() -> None:
    assert declarations("--main:#f00;fill:var(--main)") == ("--main:#f00;fill:var(--main)", {})
    assert declarations("--b:var(--a) var(--a);fill:red") == ("fill:red", {"style rules": 1})
    assert declarations("--b:url(http://127.0.0.1:9/);fill:var(--b)")[1] == {"outside references": 1}


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a { fill : red ; }\n b,c>d{stroke:blue}", "a{fill:red}b,c>d{stroke:blue}"),
        ("@charset 'utf-8'; a{fill:red}", "a{fill:red}"),
        ("<!-- a{fill:red} -->", "a{fill:red}"),
        ("@media (width <= 9px){a{fill:red}}", "@media (width <= 9px){a{fill:red}}"),
        ("@keyframes k{0%{opacity:0}to{opacity:1}}", "@keyframes k{0%{opacity:0}to{opacity:1}}"),
        ("@supports (fill:red){a{fill:red}}", "@supports (fill:red){a{fill:red}}"),
        ("@layer a,b;", "@layer a,b;"),
        ("g:not(.a):nth-child(2n+1)[id='x']{fill:red}", "g:not(.a):nth-child(2n/**/+1)[id='x']{fill:red}"),
        ("g{fill:red;a:hover{fill:blue}}", "g{fill:red;a:hover{fill:blue}}"),
        ("a{fill:red", "a{fill:red}"),
        ("a{;;fill:red;;}", "a{fill:red}"),
        (".a{enable-background:new;--x:1}", ".a{enable-background:new;--x:1}"),
    ],
)
def test_rules_that_only_paint_stay(text: str, cleaned: str) -> None:
    assert sheet(text) == (cleaned, {})


@pytest.mark.parametrize(
    "rule",
    [
        '@import "http://127.0.0.1:9/c.css";',
        "@import url(http://127.0.0.1:9/c.css);",
        '@\\69mport "http://127.0.0.1:9/c.css";',
        '@im/**/port "http://127.0.0.1:9/c.css";',
        "@namespace x url(http://127.0.0.1:9/);",
        "@page{size:a4}",
        "@property --x{syntax:'*'}",
        "a[href='javascript:1']{fill:red}",
        "a[b='</style>']{fill:red}",
        "x:frob(1){fill:red}",
        "@media x(1){a{fill:red}}",
    ],
)
def test_rules_that_do_more_go(rule: str) -> None:
    assert sheet(f"{rule} b{{fill:red}}") == ("b{fill:red}", {"style rules": 1})


def test_fonts_go_and_are_named() -> None:
    for source in ("url(http://127.0.0.1:9/x.woff)", "url(data:font/woff2;base64,AAAA)", "local(x)"):
        assert sheet(f"@font-face{{font-family:x;src:{source}}}a{{fill:red}}") == (
            "a{fill:red}",
            {"embedded fonts": 1},
        )


def test_the_end_of_the_element_cannot_be_written() -> None:
    cleaned, _ = sheet("a{font-family:'</style><script>1</script>'}</style><script>1</script>")
    assert "</" not in cleaned and "script" not in cleaned


@pytest.mark.parametrize("bracket", ["(", "[", "{", "a{", "@media x{", "rgb(", ":not("])
def test_deep_brackets_are_no_trouble(bracket: str) -> None:
    text = bracket * 20_000
    assert len(sheet(text)[0]) < 1_000
    assert declarations(f"fill:{text}")[0] == ""
    assert value(text)[0] is None


def test_numbers_without_end_are_no_trouble() -> None:
    assert declarations(f"x:{'9' * 9_000}\\ ") == ("", {"style rules": 1})
    assert value(f"calc({'9' * 9_000})\\ ") == (None, {"style rules": 1})
    assert sheet(f"a{{x:{'9' * 9_000}}}") == ("", {"style rules": 1})


def test_there_is_a_most_of_what_is_taken_apart() -> None:
    with pytest.raises(FileRefused) as info:
        clean_sheet("a{b:c}" * (MAX_PARTS // 6 + 1), Tally())
    assert info.value.code == "LIMIT_EXCEEDED"


def test_a_fragment_is_a_fragment() -> None:
    assert fragment(" #a ") == "#a"
    assert fragment("#Ünïcode:1.2-3") == "#Ünïcode:1.2-3"
    assert [fragment(text) for text in ("#", "", "a", "#a b", "x#a", "#a)b", "#a\\b")] == [None] * 7


def test_a_picture_is_one_of_four() -> None:
    assert picture(GIF) == GIF
    assert picture(GIF.rstrip("=")) == GIF
    assert picture(GIF.replace("image/gif", "")) == GIF
    for text in (
        GIF.replace("R0lG", "AAAA"),
        GIF.replace(";base64", ""),
        GIF + "!",
        "x" + GIF,
        GIF.replace("image", "text"),
    ):
        assert picture(text) is None


def test_words_are_seen_through_what_browsers_ignore() -> None:
    for text in ("javascript:1", "JAVA\tSCRIPT:1", "java\u200bscript:1", " vb script:1", "x;data:text/html", "a</b"):
        assert is_suspicious(text)
    for text in ("M0 0L1 1", "a: b", "rotate(1)", "javascript", "a < b"):
        assert not is_suspicious(text)


def test_references_are_found() -> None:
    assert references("fill:url(#a);stroke:URL( '#b' ) red") == ["a", "b"]
