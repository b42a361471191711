"""SVG: every drawing is written anew from what is known to be harmless, and nothing else is ever kept.

Promises: the result holds no script, no event attribute, no address outside itself, no entity and no DOCTYPE; cleaning
it again gives the same bytes; it is hardly larger than what came in. What could be seen before can be seen after.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import unquote

from lxml import etree

from gateway.core.errors import FileRefused
from gateway.core.formats import svg_rules as rules
from gateway.core.formats.svg_css import (
    OUTSIDE,
    Tally,
    clean_declarations,
    clean_sheet,
    clean_value,
    fragment,
    is_suspicious,
    picture,
    references,
)
from gateway.core.formats.svg_size import size_of
from gateway.core.sizes import format_size

MAX_DEPTH = 200
MAX_ELEMENTS = 20_000
MAX_ATTRIBUTES = 200
MAX_USES = 20_000  # copies made by `use`, and by `use` in what was copied
MAX_DRAWN = 1_000_000  # elements to draw once every copy, pattern, mask and marker is counted as often as it is named
_TAGS = 5 * MAX_ELEMENTS  # "<" in the text: opening, closing, and comments of those who like them
_GROWTH, _CONSTANT = 1.5, 512

_SPACE = r"(?:\s++|<!--.*?-->|<\?.*?\?>)*+"
_PROLOG = re.compile(_SPACE, re.DOTALL)
_QUOTED = r"""(?:"[^"]*"|'[^']*')"""
_DOCTYPE = re.compile(rf"<!DOCTYPE\s[^\[<>\"']*(?:{_QUOTED}\s*){{0,2}}>")
_DECLARATION = re.compile(r"<!(?:DOCTYPE|ENTITY|ATTLIST|ELEMENT|NOTATION)")
_ENCODING = re.compile(r"<\?xml\s[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
# Where every byte is ASCII these mean the same as UTF-8, and old drawing programs claim them all the time.
_UTF_8 = re.compile(r"utf-?8", re.IGNORECASE)
_LIKE_ASCII = re.compile(r"utf-?8|(?:us-)?ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|macintosh", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[^\s<>/:!?]+:)?svg(?=[\s/>])")
_CUT = re.compile(r"<?|<!-?|<!--.*|<\?xml\b.*|<!DOCTYPE\s+(?:\w+:)?svg\b.*", re.DOTALL)
_SUBSET = re.compile(r"<!DOCTYPE\s+[^\[<>]*\[.*?\]\s*>", re.DOTALL)

_PLAIN_WORD = re.compile(r"[A-Za-z0-9-]*")

_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Drawing:
    """`removed` names, in words for people, what the drawing had and lost: `(("script elements", 2), …)`. What only an
    editor would have read goes without a word."""

    data: bytes
    width: int
    height: int
    removed: tuple[tuple[str, int], ...]


def is_svg(head: bytes) -> bool:
    """Whether a file that begins so is a drawing. If the first element is further on, only `clean` can tell."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "ignore")
    else:
        text = head.removeprefix(_BOM).decode("utf-8", "ignore")
    at = _past_prolog(text)
    if doctype := _DOCTYPE.match(text, at) or _SUBSET.match(text, at):
        at = _past_prolog(text, doctype.end())
    return bool(_ROOT.match(text, at) or ("<" in text and _CUT.fullmatch(text, at)))


def _past_prolog(text: str, at: int = 0) -> int:
    found = _PROLOG.match(text, at)
    return found.end() if found else at


def clean(data: bytes, *, max_bytes: int = 2_000_000) -> Drawing:
    """The drawing without anything that could act. Raises `FileRefused` for what cannot be made harmless."""
    if len(data) > max_bytes:
        _too_big(max_bytes)
    if data.startswith(_GZIP):
        data = _unpack(data, max_bytes)
    once = _clean(data)
    again = _clean(once.data)
    if again.data != once.data:
        _broken("This drawing reads differently each time it is read")
    if len(once.data) > len(data) * _GROWTH + _CONSTANT:
        _exceeded("This drawing grows when it is written out")
    return once


def _clean(data: bytes) -> Drawing:
    source = _parse(_without_prolog(_decode(data)))
    _measure(source)
    tally = Tally()
    own = _name(source.tag)[0]
    root = etree.Element(f"{{{rules.SVG}}}svg", nsmap={None: rules.SVG, "xlink": rules.XLINK})
    _copy_attributes(source, root, "svg", tally)
    _copy_content(source, root, own, tally)
    etree.cleanup_namespaces(root)
    _count_copies(root)
    width, height = size_of(root.get("width"), root.get("height"), root.get("viewBox"))
    return Drawing(etree.tostring(root, encoding="UTF-8"), width, height, tuple(sorted(tally.removed.items())))


def _unpack(data: bytes, max_bytes: int) -> bytes:
    """A compressed drawing gets no more room than a plain one, and stops being unpacked where that ends."""
    packed = zlib.decompressobj(wbits=31)
    try:
        plain = packed.decompress(data, max_bytes + 1)
    except zlib.error:
        _broken("This compressed drawing is damaged")
    if len(plain) > max_bytes:
        _too_big(max_bytes)
    if not packed.eof or packed.unused_data:
        _broken("This compressed drawing is cut off, or followed by something else")
    return plain


def _decode(data: bytes) -> str:
    if not data.strip():
        raise FileRefused("The file is empty.", code="FILE_EMPTY")
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        _broken("This drawing is not UTF-8 text; save it as UTF-8")
    if "\0" in text:
        _broken("This drawing is not UTF-8 text; save it as UTF-8")
    encoding = _ENCODING.match(text)
    if encoding and not (_LIKE_ASCII.fullmatch(encoding[1]) if text.isascii() else _UTF_8.fullmatch(encoding[1])):
        _broken(f"This drawing says it is {encoding[1][:20]} text; save it as UTF-8")
    return text


def _without_prolog(text: str) -> str:
    """From the first element on. Whoever declares entities or attributes is refused before any parser looks."""
    at = _past_prolog(text)
    if doctype := _DOCTYPE.match(text, at):
        at = _past_prolog(text, doctype.end())
    if _DECLARATION.search(text, at):
        _broken("This drawing declares entities or attributes of its own (DOCTYPE); save it as plain SVG")
    if not _ROOT.match(text, at):
        _no_drawing()
    if text.count("<", at) > _TAGS:
        _exceeded(f"This drawing has more than the {MAX_ELEMENTS:,} elements allowed")
    return text[at:]


def _parser() -> etree.XMLParser[etree._Element]:
    """Closed on every side: it loads nothing, resolves nothing, adds nothing and mends nothing."""
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
    )


def _parse(text: str) -> etree._Element:
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            _exceeded(f"The elements of this drawing are nested deeper than {MAX_DEPTH}")
        _broken(f"This drawing is not well-formed XML (line {error.lineno})")
    if root.tag not in (f"{{{rules.SVG}}}svg", "svg"):
        _no_drawing()
    return root


def _measure(root: etree._Element) -> None:
    count = depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH:
            _exceeded(f"The elements of this drawing are nested deeper than {MAX_DEPTH}")
        if count > MAX_ELEMENTS:
            _exceeded(f"This drawing has more than the {MAX_ELEMENTS:,} elements allowed")
        if len(element.attrib) > MAX_ATTRIBUTES:
            _exceeded(f"An element of this drawing has more than the {MAX_ATTRIBUTES} attributes allowed")


def _copy_content(source: etree._Element, target: etree._Element, own: str, tally: Tally) -> None:
    """`own` is the namespace of the drawing: none at all where its author forgot it."""
    target.text = source.text
    for child in source:
        kept = None
        if _is_welcome(child, own, tally):
            name = _name(child.tag)[1]
            kept = etree.SubElement(target, f"{{{rules.SVG}}}{name}")
            _copy_attributes(child, kept, name, tally)
            if name in rules.TEXTS:
                kept.text = _text(child, own, tally)
                kept.text = clean_sheet(kept.text, tally) if name == "style" else kept.text
            else:
                _copy_content(child, kept, own, tally)
        _append(target, kept, child.tail)


def _append(target: etree._Element, kept: etree._Element | None, text: str | None) -> None:
    """The text behind an element stays where it was, also when the element went."""
    if kept is not None:
        kept.tail = text
    elif text and len(target):
        target[-1].tail = (target[-1].tail or "") + text
    elif text:
        target.text = (target.text or "") + text


def _is_welcome(element: etree._Element, own: str, tally: Tally) -> bool:
    namespace, local = _name(element.tag)
    if namespace != own or local not in rules.ELEMENTS:
        if why := _farewell(namespace, local.lower(), element):
            tally.lose(why)
        return False
    if local in rules.ANIMATIONS and element.get("attributeName") not in (None, *rules.ANIMATABLE):
        tally.lose("animations")
        return False
    if local == "style" and element.get("type", "text/css").strip().lower() not in ("text/css", ""):
        return False
    # Drawn by nobody but the program that knows the extension.
    return element.get("requiredExtensions") is None


def _farewell(namespace: str, local: str, element: etree._Element) -> str | None:
    """What to call an element that goes; None for what no viewer draws: data of editors, fonts of yesterday."""
    if local in rules.SCRIPTS:
        return "script elements"
    if namespace in rules.HTML or local in rules.PAGES:
        return None if element.get("requiredExtensions") else "embedded HTML"
    return "foreign elements" if namespace in rules.ACTIVE else None


def _text(source: etree._Element, own: str, tally: Tally) -> str:
    """Words alone. What an element inside these would be depends on who reads them: XML, or a page they end up in."""
    for child in source:
        _is_welcome(child, own, tally)
    return "".join([source.text or "", *(child.tail or "" for child in source)])


def _copy_attributes(source: etree._Element, target: etree._Element, element: str, tally: Tally) -> None:
    for key, value in source.attrib.items():
        namespace, local = _name(key)
        kept = None
        if local.lower().startswith("on"):
            tally.lose("event attributes")
        elif local == "href" and namespace in ("", rules.XLINK):
            kept = _reference(element, value, tally)
        elif namespace == rules.XML:
            kept = value if local in ("space", "lang") and _PLAIN_WORD.fullmatch(value) else None
        elif not namespace:
            kept = _attribute(local, value, tally)
        if kept is not None:
            target.set(key, kept)
    if target.get("href") is not None:
        target.attrib.pop(f"{{{rules.XLINK}}}href", None)


def _name(tag: object) -> tuple[str, str]:
    """Namespace and name. `QName` would be shorter, but raises for namespaces that parsers let pass."""
    namespace, _, local = str(tag).rpartition("}")
    return namespace[1:], local


def _attribute(name: str, value: str, tally: Tally) -> str | None:
    if name == "style":
        return clean_declarations(value, tally) or None
    if name in rules.WORDS:
        is_disguised = "\\" in value and "(" in value  # whoever takes these words for CSS must find nothing either
        return None if is_disguised or is_suspicious(value) else value
    if name in rules.PRESENTATION or name in rules.ATTRIBUTES or name in rules.GEOMETRY:
        return clean_value(value, tally)
    return None


def _reference(element: str, value: str, tally: Tally) -> str | None:
    """Where an element may point to: into the drawing itself, or at a picture it carries along."""
    if not value.strip():
        return None
    if element == "a":
        tally.lose("links")
        return None
    target = None if element == "image" else fragment(value)
    if element in ("image", "feImage"):
        target = target or picture(value)
    if target is None:
        tally.lose(OUTSIDE)
    return target


def _count_copies(root: etree._Element) -> None:
    """`use` inside what is used multiplies, and so do patterns within patterns: the product is bounded, not the sum."""
    named: dict[str, etree._Element] = {}
    for element in root.iter():
        if name := element.get("id"):
            named.setdefault(name, element)
    uses: dict[etree._Element, int] = {}
    drawn: dict[etree._Element, int] = {}
    open_now = {root}
    stack = [(root, iter(_drawn_by(root, named)))]
    while stack:
        element, rest = stack[-1]
        is_use = _name(element.tag)[1] == "use"
        for part in rest:
            if part in open_now and is_use:
                _broken("This drawing contains itself: a <use> leads back to where it stands")
            if part not in drawn and part not in open_now:
                open_now.add(part)
                stack.append((part, iter(_drawn_by(part, named))))
                break
        else:
            parts = [part for part in _drawn_by(element, named) if part in drawn]
            uses[element] = is_use + sum(uses[part] for part in parts)
            drawn[element] = 1 + sum(drawn[part] for part in parts)
            open_now.discard(element)
            stack.pop()
            if uses[element] > MAX_USES or drawn[element] > MAX_DRAWN:
                _exceeded("The copies in this drawing multiply beyond what is allowed")


def _drawn_by(element: etree._Element, named: dict[str, etree._Element]) -> list[etree._Element]:
    """What drawing this element draws as well: its children, and whatever it names."""
    names = [value[1:] for key, value in element.attrib.items() if key in ("href", f"{{{rules.XLINK}}}href")]
    for value in element.attrib.values():
        if "(" in value and "url" in value.lower():
            names += references(value)
    found = (named[name] if name in named else named.get(unquote(name)) for name in names)
    return [*element, *(target for target in found if target is not None)]


def _too_big(max_bytes: int) -> NoReturn:
    message = f"This drawing is larger than {format_size(max_bytes)}, the most an SVG may have."
    raise FileRefused(message, code="FILE_TOO_BIG", limit_bytes=max_bytes)


def _exceeded(what: str) -> NoReturn:
    raise FileRefused(f"{what}.", code="LIMIT_EXCEEDED")


def _broken(what: str) -> NoReturn:
    raise FileRefused(f"{what}.", code="FILE_BROKEN")


def _no_drawing() -> NoReturn:
    raise FileRefused("This is not an SVG drawing: its first element is not <svg>.", code="FILE_UNKNOWN")
