"""An upload by every door, as the tools do it that use them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from gateway.doctoring import remedies
from gateway.doctoring.findings import Findings
from gateway.doctoring.pictures import unique_png
from gateway.doctoring.visit import Heard, Unreached, Visit

LEGACY = "/api/1/upload"
TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}
CUT_BYTES = 2_000_000


class Refused(Exception):
    """An answer that is not what was asked for."""

    def __init__(self, heard: Heard, step: str = "") -> None:
        self.what, self.mend = remedies.unlike_us(heard)
        self.what = f"{step}: {self.what}" if step else self.what
        super().__init__(self.what)


@dataclass(frozen=True, slots=True)
class Stored:
    """A picture that is on the gateway now. `facts` is what the legacy door says of it, if that was the way."""

    id: str
    sent: bytes
    links: tuple[str, ...]
    facts: dict[str, Any]


def by_file(visit: Visit, sent: bytes = b"") -> Stored:
    """Or of these bytes, instead of a new picture."""
    sent = sent or unique_png()
    heard = visit.ask("POST", LEGACY, headers={"X-API-Key": visit.key}, files={"source": ("doctor.png", sent)})
    return from_legacy(heard, sent)


def by_text(visit: Visit) -> Stored:
    sent = unique_png()
    fields = {"key": visit.key, "source": base64.b64encode(sent).decode(), "format": "json"}
    return from_legacy(visit.ask("POST", LEGACY, data=fields), sent)


def for_text(visit: Visit) -> Stored:
    sent = unique_png()
    heard = visit.ask("POST", LEGACY, headers={"X-API-Key": visit.key}, data={"format": "txt"},
                      files={"source": ("doctor.png", sent)})  # fmt: skip
    link = heard.text.strip()
    if heard.status != 200 or not link.startswith("http"):
        raise Refused(heard)
    return Stored(id_in(link), sent, (link,), {})


def for_redirect(visit: Visit) -> Stored:
    sent = unique_png()
    heard = visit.ask("POST", LEGACY, headers={"X-API-Key": visit.key}, data={"format": "redirect"},
                      files={"source": ("doctor.png", sent)})  # fmt: skip
    link = heard.header("Location")
    if heard.status != 302 or not link:
        raise Refused(heard)
    return Stored(id_in(link), sent, (link,), {})


def by_picora(visit: Visit, *, is_public: bool = True) -> Stored:
    sent = unique_png()
    heard = visit.ask("POST", "/v1/images", as_owner=True, data={"is_public": str(is_public).lower()},
                      files={"file": ("doctor.png", sent, "image/png")})  # fmt: skip
    data = heard.json().get("data")
    if heard.status not in (200, 201) or not isinstance(data, dict) or "url" not in data:
        raise Refused(heard)
    return Stored(str(data["id"]), sent, (str(data["url"]), str(data["thumbnailUrl"])), {})


def in_pieces(visit: Visit) -> Stored:
    """TUS, as its clients do: begin, a piece, how far is it, the rest."""
    sent = unique_png()
    half = len(sent) // 2
    link = begin(visit, len(sent))
    try:
        append(visit, link, 0, sent[:half])
        look = visit.ask("HEAD", link, headers=TUS, as_owner=True)
        if look.header("Upload-Offset") != str(half):
            raise Refused(look, "How far it is (HEAD) is not told")
        last = append(visit, link, half, sent[half:])
    except Refused:
        abandon(visit, link)
        raise
    media_id, url = last.header("X-Picora-Id"), last.header("X-Picora-Url")
    if not media_id:
        raise Refused(last, "The last piece is not answered with the id of the file (X-Picora-Id)")
    return Stored(media_id, sent, (link, url), {})


def begin(visit: Visit, length: int) -> str:
    name = base64.b64encode(b"doctor.png").decode()
    headers = {**TUS, "Upload-Length": str(length), "Upload-Metadata": f"filename {name}"}
    heard = visit.ask("POST", "/v1/uploads", headers=headers, as_owner=True)
    if heard.status != 201 or not heard.header("Location"):
        raise Refused(heard, "It does not begin (POST)")
    return heard.header("Location")


def append(visit: Visit, link: str, offset: int, piece: bytes) -> Heard:
    headers = {**PIECE, "Upload-Offset": str(offset)}
    heard = visit.ask("PATCH", link, headers=headers, as_owner=True, data=piece)
    if heard.status != 204:
        raise Refused(heard, "A piece is not taken (PATCH)")
    return heard


def abandon(visit: Visit, link: str) -> None:
    """The second way is for where only GET and POST are let through."""
    if visit.ask("DELETE", link, headers=TUS, as_owner=True).status != 204:
        visit.ask("POST", link, headers={**TUS, "X-HTTP-Method-Override": "DELETE"}, as_owner=True)


def from_legacy(heard: Heard, sent: bytes) -> Stored:
    image = heard.json().get("image")
    if heard.status != 200 or not isinstance(image, dict):
        raise Refused(heard)
    links = [str(image[name]) for name in ("url", "url_viewer", "url_short", "delete_url")]
    return Stored(str(image["name"]), sent, (*links, str(image["thumb"]["url"])), image)


def id_in(link: str) -> str:
    """`/xK9mR2pQ7vB.png`, `/image/xK9mR2pQ7vB` and `/image/title.xK9mR2pQ7vB`."""
    path = urlsplit(link).path
    name = path.rpartition("/")[2]
    return name.rpartition(".")[2] if "/image/" in path else name.partition(".")[0]


DOORS: tuple[tuple[str, Callable[[Visit], Stored]], ...] = (
    ("upload of a file", by_file),
    ("upload as base64", by_text),
    ("upload for a link (txt)", for_text),
    ("upload for a redirect", for_redirect),
    ("upload to /v1/images", by_picora),
    ("upload in pieces (TUS)", in_pieces),
)


def upload_by_all(visit: Visit, findings: Findings, stored: list[Stored]) -> None:
    """What got through is put into `stored`."""
    for about, door in DOORS:
        try:
            stored.append(one := door(visit))
        except Refused as error:
            findings.broken(about, f"It fails: {error.what}.", *error.mend)
        except Unreached as error:
            findings.broken(about, f"It fails: {error}.")
        else:
            elsewhere = [link for link in one.links if not visit.is_ours(link)]
            if elsewhere and visit.claimed == visit.base:
                findings.broken(about, f"It works, but {elsewhere[0]} does not lead to {visit.base}.",
                                "nginx: proxy_redirect off; and no sub_filter.")  # fmt: skip
            else:
                findings.ok(about, "it works")
