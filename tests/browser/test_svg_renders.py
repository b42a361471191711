"""Drawings in Chromium, before and after cleaning: what is seen is the same, what was meant to happen does not."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from PIL import Image, ImageChops

from gateway.core.formats.svg import clean
from tests.browser.conftest import Driver, needs_chromium

pytestmark = needs_chromium

NAMESPACES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
HTML = 'xmlns="http://www.w3.org/1999/xhtml"'


@dataclass(frozen=True, slots=True)
class Site:
    """Serves what is put on it, as careless hosts do: without any policy. Notes who asks for anything else."""

    url: str
    pages: dict[str, bytes] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)

    def put(self, data: bytes) -> str:
        path = f"/{len(self.pages)}.svg"
        self.pages[path] = data
        return self.url + path


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = served.pages.get(self.path)
            if page is None and self.path != "/favicon.ico":
                served.hits.append(self.path)
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "image/svg+xml")
            self.send_header("Content-Length", str(len(page or b"")))
            self.end_headers()
            self.wfile.write(page or b"")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Site(f"http://127.0.0.1:{server.server_port}")
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()
    thread.join()


def picture(chromium: Driver, address: str) -> Image.Image:
    """What is seen half a second into the drawing, with its own clock stopped there."""
    chromium.get(address)
    chromium.execute_async_script(
        """
        const done = arguments[arguments.length - 1];
        document.documentElement.pauseAnimations();
        document.documentElement.setCurrentTime(0.5);
        for (const animation of document.getAnimations()) { animation.pause(); animation.currentTime = 500; }
        requestAnimationFrame(() => requestAnimationFrame(() => done()));
        """
    )
    return Image.open(io.BytesIO(chromium.get_screenshot_as_png())).convert("RGB")


def raster() -> str:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((40, 40)).save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


HARMLESS = {
    "shapes": '<rect x="10" y="10" width="40" height="30" rx="5" fill="#c33" stroke="navy" stroke-width="3"/>'
    '<circle cx="120" cy="40" r="30" fill="none" stroke="rgb(0,128,0)" stroke-dasharray="5 3"/>'
    '<polygon points="10,100 60,190 90,120" fill-rule="evenodd"/><path d="M110 110q40-20 80 60z" opacity=".5"/>',
    "gradients": '<defs><linearGradient id="a"><stop offset="0" stop-color="red"/><stop offset="1" style="stop-color:'
    'blue"/></linearGradient><radialGradient id="b" xlink:href="#a" gradientTransform="scale(1.2 .8)"/></defs>'
    '<rect width="90" height="190" fill="url(#a)"/><rect x="100" width="90" height="190" style="fill:url(\'#b\')"/>',
    "patterns": '<pattern id="p" width="20" height="20" patternUnits="userSpaceOnUse" patternTransform="rotate(30)">'
    '<circle cx="10" cy="10" r="6" fill="teal"/></pattern><rect width="200" height="200" fill="url(#p)"/>',
    "filters": '<filter id="f" filterUnits="userSpaceOnUse" x="0" y="0" width="200" height="200"><feGaussianBlur '
    'in="SourceAlpha" stdDeviation="4"/><feOffset dx="8" dy="8" result="o"/><feFlood flood-color="red"/><feComposite '
    'in2="o" operator="in"/><feMerge><feMergeNode/><feMergeNode in="SourceGraphic"/></feMerge></filter>'
    '<rect x="40" y="40" width="90" height="90" filter="url(#f)"/>',
    "masks": '<mask id="m"><rect width="200" height="200" fill="white"/><circle cx="90" cy="90" r="40"/></mask>'
    '<clipPath id="c"><path d="M0 0h180v180z"/></clipPath><g clip-path="url(#c)"><rect width="200" height="200" '
    'mask="url(#m)" fill="purple"/></g>',
    "markers": '<marker id="m" viewBox="0 0 4 4" refX="2" refY="2" markerWidth="6" markerHeight="6" orient="auto">'
    '<path d="M0 0L4 2L0 4z" fill="red"/></marker><path d="M20 20L100 60L60 160" fill="none" stroke="black" '
    'stroke-width="4" marker-start="url(#m)" marker-mid="url(#m)" marker-end="url(#m)"/>',
    "symbols": '<symbol id="s" viewBox="0 0 10 10"><rect width="8" height="8"/></symbol><use href="#s" width="60" '
    'height="60"/><use xlink:href="#s" x="80" y="80" width="100" height="100" fill="green"/>',
    "text": '<style>text { font : 20px "DejaVu Sans" , sans-serif } .b &gt; tspan{ fill:red }</style><text x="10" '
    'y="40" class="b" xml:space="preserve">a   b <tspan dy="20">café</tspan> <!-- c -->&lt;d&gt;</text>'
    '<path id="p" d="M20 150q80-80 160 0" fill="none"/><text><textPath href="#p">along the path</textPath></text>',
    "links": '<style>a text { fill: green; font-size: 30px }</style><a xlink:href="#top"><text y="90">a link</text>'
    "</a>",
    "styles": "<style><![CDATA[/* x */ @media all { rect { fill : rgb( 10 , 90 , 200 ) ; } } rect:nth-child(odd)"
    "{ stroke:red;stroke-width:5 } @keyframes k { from { opacity:0 } to { opacity:1 } } #k { animation:k 1s linear }]]>"
    '</style><rect width="80" height="80"/><rect x="90" width="80" height="80"/><rect id="k" y="90" width="80" '
    'height="80" style="--c: #fa0; fill: var(--c); transform: translate(10px, 10px)"/>',
    "animations": '<circle cx="60" cy="60" r="10"><animate attributeName="r" from="10" to="50" dur="1s"/></circle>'
    '<rect width="50" height="50" y="100"><animateTransform attributeName="transform" type="translate" to="90 0" '
    'dur="1s"/><set attributeName="fill" to="red" begin="0.2s"/></rect><circle r="9"><animateMotion '
    'path="M0 0L200 200" dur="1s"/></circle>',
    "pictures": f'<image href="{raster()}" width="100" height="150" preserveAspectRatio="none"/>'
    f'<image xlink:href="{raster().replace("image/png", "image/jpeg")}" x="110" width="80" height="80"/>',
    "switch": '<switch><g systemLanguage="xx"><rect width="9" height="9"/></g><g requiredExtensions="urn:x">'
    '<circle r="50"/></g><g><rect width="99" height="99" fill="orange"/></g></switch>',
    "editors": '<metadata>x</metadata><i:view xmlns:i="urn:i"><rect width="200" height="200"/></i:view><g '
    'xmlns:i="urn:i" i:label="Layer" style="-inkscape-font-specification:Sans;fill:#080"><rect width="70" height="9"/>'
    "</g>",
}


def document(inner: str) -> bytes:
    return f'<svg {NAMESPACES} width="200" height="200" viewBox="0 0 200 200">{inner}</svg>'.encode()


@pytest.mark.parametrize("inner", HARMLESS.values(), ids=list(HARMLESS))
def test_a_harmless_drawing_looks_the_same(chromium: Driver, site: Site, inner: str) -> None:
    data = document(inner)
    before, after = (picture(chromium, site.put(drawing)) for drawing in (data, clean(data).data))
    assert len(before.getcolors(maxcolors=1 << 20) or []) > 1, "nothing was drawn at all"
    assert ImageChops.difference(before, after).getbbox() is None


def test_a_prefix_changes_nothing_that_is_seen(chromium: Driver, site: Site) -> None:
    plain = document(HARMLESS["shapes"])
    prefixed = plain.replace(b"<", b"<s:").replace(b"<s:/", b"</s:").replace(b"xmlns=", b"xmlns:s=")
    before, after = (picture(chromium, site.put(drawing)) for drawing in (plain, clean(prefixed).data))
    assert ImageChops.difference(before, after).getbbox() is None


# Each asks for /hit, or sets the title, in a Chromium that is shown it as it is.
POISONED = {
    "script": "<script>fetch('/hit')</script>",
    "script in another spelling": "<x:script xmlns:x='http://www.w3.org/2000/svg'>fetch('/hit')</x:script>",
    "script from afar": "<script href='/hit.js'/>",
    "script of a page": f"<script {HTML}>fetch('/hit')</script>",
    "title": "<script>document.title = 'hit'</script>",
    "onload": "<svg onload=\"fetch('/hit')\"/>",
    "onbegin": "<animate onbegin=\"fetch('/hit')\" attributeName='x' dur='1s'/>",
    "onerror": "<image href='data:,' onerror=\"fetch('/hit')\"/>",
    "page inside": f"<foreignObject width='9' height='9'><body {HTML}><img src='/hit.png'/></body></foreignObject>",
    "frame": f"<foreignObject width='9' height='9'><iframe {HTML} src='/hit.html'/></foreignObject>",
    "picture": "<image href='/hit.png' width='9' height='9'/>",
    "picture of old": "<image xlink:href='/hit.png' width='9' height='9'/>",
    "base": "<g xml:base='/hit/'><image href='/hit.png' width='9' height='9'/></g>",
    "use": "<use href='/hit.svg#a'/>",
    "filter": "<filter id='f'><feImage href='/hit.png'/></filter><rect width='9' height='9' filter='url(#f)'/>",
    "import": "<style>@import '/hit.css';</style>",
    "import in disguise": "<style>@\\69mport url(/hit.css);</style>",
    "background": "<style>svg{background:url(/hit.png)}</style>",
    "background in disguise": "<g/><style>svg{background:\\75rl(/hit.png)}</style>",
    "background by image-set": "<style>svg{background:image-set('/hit.png' 1x)}</style>",
    "background by variable": "<style>svg{--a:url(/hit.png);background:var(--a)}</style>",
    "font": "<style>@font-face{font-family:x;src:url(/hit.woff)}text{font-family:x}</style><text y='9'>x</text>",
    "mask": "<rect width='9' height='9' style='mask:url(/hit.svg#m)'/>",
    "paint": "<rect width='9' height='9' fill='url(/hit.svg#m)'/>",
    "animated paint": "<rect width='9' height='9'><set attributeName='mask' to='url(/hit.svg#m)'/></rect>",
    "animated picture": "<image width='9' height='9'><set attributeName='href' to='/hit.png'/></image>",
    "style sheet": f"<link {HTML} rel='stylesheet' href='/hit.css'/>",
    "picture of a page": f"<img {HTML} src='/hit.png'/>",
    "redirect": f"<meta {HTML} http-equiv='refresh' content='0;url=/hit'/>",
}


def happened(chromium: Driver, site: Site, data: bytes) -> bool:
    site.hits.clear()
    chromium.get(site.put(data))
    chromium.execute_async_script("setTimeout(arguments[arguments.length - 1], 150)")
    return bool(site.hits) or chromium.title == "hit"


@pytest.mark.parametrize("name", POISONED)
def test_a_poisoned_drawing_does_nothing(chromium: Driver, site: Site, name: str) -> None:
    data = document(POISONED[name])
    assert happened(chromium, site, data), "the poison no longer works, so this test proves nothing"
    result = clean(data)
    assert not happened(chromium, site, result.data)
    assert result.removed


@pytest.mark.parametrize("how", ["xlink:href", "href"])
def test_a_link_that_runs_code_does_nothing_when_clicked(chromium: Driver, site: Site, how: str) -> None:
    inner = f"<a {how}=\"javascript:fetch('/hit')\"><rect width='200' height='200'/></a>"
    for data, works in ((document(inner), True), (clean(document(inner)).data, False)):
        site.hits.clear()
        chromium.get(site.put(data))
        chromium.find_element("tag name", "rect").click()
        chromium.execute_async_script("setTimeout(arguments[arguments.length - 1], 150)")
        assert bool(site.hits) is works
