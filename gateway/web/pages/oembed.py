"""oEmbed 1.0: a site that was given the address of one of our pages asks here how to show what is on it.

A film or a sound is answered with the bare element that plays it. Whoever shows foreign HTML at all can show that one,
and it needs neither a script nor a frame of ours, which no page of ours allows. Whoever does not (most chats) takes the
thumbnail from here and the rest from the Open Graph tags of the page. What browsers cannot play is a link.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from flask import Response, jsonify, request

from gateway.core.errors import InvalidInput, NotFound
from gateway.core.forwarding import Book, OldPage
from gateway.core.library import Library, not_found
from gateway.core.records import Media
from gateway.urls import Urls
from gateway.web.pages.access import Access
from gateway.web.pages.playing import Rendition, element, is_playable, medium, original, still, thumbnail
from gateway.web.pages.site import Site
from gateway.web.pages.viewer import find, id_in

VIEWER = re.compile(r"/(?:image|video|audio)/([^/]+)/?")
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

AUDIO_SIZE = (300, 54)  # of the player browsers show

Embed = dict[str, str | int]


def view(
    library: Library, book: Book, access: Access, urls: Urls, thumb: tuple[int, int]
) -> Callable[[], tuple[Response, int]]:
    def answer() -> tuple[Response, int]:
        dialect = request.args.get("format", "json")
        if dialect not in ("json", "xml"):
            return jsonify(error="The formats are json and xml."), 501
        try:
            media = asked_media(request.args.get("url", ""), library, book, urls)
            if not access.is_open(media):
                raise not_found()
        except InvalidInput as error:
            return jsonify(error=error.message), 400
        except NotFound as error:
            return jsonify(error=error.message), 404
        embed = describe(media, urls, thumb, asked_limit("maxwidth"), asked_limit("maxheight"))
        response = jsonify(embed) if dialect == "json" else Response(as_xml(embed), mimetype="text/xml")
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response, 200

    return answer


def asked_media(address: str, library: Library, book: Book, urls: Urls) -> Media:
    if not address:
        raise InvalidInput("The address of a page is missing: /oembed?url=…")
    site = Site.at(urls)
    try:
        asked = urlsplit(address)
        host = asked.hostname or ""
    except ValueError:
        raise not_found() from None
    is_ours = asked.netloc.lower() == site.name.lower()
    if asked.scheme in ("http", "https") and (is_ours or book.sites.is_host(host)):
        path = unquote(asked.path.removeprefix(site.root) if is_ours else asked.path)
        return find(library, shown_at(path, asked.query, host, library, book))
    raise NotFound("This is not the address of a picture here.")


def shown_at(path: str, query: str, host: str, library: Library, book: Book) -> str:
    """The id of the media that the page at this address is about, be it one of ours or one of an old host."""
    match = VIEWER.fullmatch(path)
    if match and library.file_entry(id_in(match[1])):
        return id_in(match[1])
    page = book.page(host, path, query)
    if not isinstance(page, OldPage) or page.kind != "media" or page.delete_token is not None:
        raise not_found()
    return page.id


def asked_limit(name: str) -> int | None:
    """Nonsense is no limit: a picture is more use to the asker than an error."""
    text = request.args.get(name, "")
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII) else None


def describe(media: Media, urls: Urls, thumb: tuple[int, int], max_width: int | None, max_height: int | None) -> Embed:
    small = thumbnail(media, urls, thumb)
    return {
        "version": "1.0",
        **shown(media, urls, small, max_width, max_height),
        "thumbnail_url": small.url,
        "thumbnail_width": small.width,
        "thumbnail_height": small.height,
        "provider_name": Site.at(urls).name,
        "provider_url": urls.page(),
    }


def shown(media: Media, urls: Urls, small: Rendition, max_width: int | None, max_height: int | None) -> Embed:
    title = media.title or media.blob()
    if media.kind == "image":
        middle = medium(media, urls)
        one = fitting([original(media, urls), *([middle] if middle else []), small], max_width, max_height)
        return {"type": "photo", "title": title, "url": one.url, "width": one.width, "height": one.height}
    if not is_playable(media):
        return {"type": "link", "title": title}
    if media.kind == "audio":
        width, height = min(AUDIO_SIZE[0], max_width or AUDIO_SIZE[0]), AUDIO_SIZE[1]
        return {"type": "rich", "title": title, "html": element(media, urls, (0, 0)), "width": width, "height": height}
    film = fitting([original(media, urls)], max_width, max_height)
    poster = still(media, urls, (small.width, small.height)).url
    html = element(media, urls, (film.width, film.height), poster)
    return {"type": "video", "title": title, "html": html, "width": film.width, "height": film.height}


def fitting(renditions: list[Rendition], max_width: int | None, max_height: int | None) -> Rendition:
    """The first that fits; if none does, the smallest, to be shown smaller than it is."""
    for one in renditions:
        if scale(one, max_width, max_height) == 1:
            return one
    smallest = min(renditions, key=lambda one: one.width * one.height)
    factor = scale(smallest, max_width, max_height)
    return Rendition(smallest.url, max(1, int(smallest.width * factor)), max(1, int(smallest.height * factor)))


def scale(rendition: Rendition, max_width: int | None, max_height: int | None) -> float:
    return min(1, (max_width or rendition.width) / rendition.width, (max_height or rendition.height) / rendition.height)


def as_xml(embed: Embed) -> bytes:
    root = ElementTree.Element("oembed")
    for name, value in embed.items():
        ElementTree.SubElement(root, name).text = NOT_IN_XML.sub("", str(value))
    document: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return document
