"""`/user/{username}`: who someone is, their newest albums and what they show; `/user/{username}/albums`: all albums."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from flask import Response, render_template, request

from gateway.core.galleries import Galleries
from gateway.core.listing import Listing
from gateway.core.records import Owner
from gateway.urls import Urls, albums_path, profile_path
from gateway.web.pages.gallery import PAGE_SIZE, Page, Showing, kept_fresh
from gateway.web.pages.turning import asked_place

ALBUMS_ON_PROFILE = 12


@dataclass(frozen=True, slots=True)
class Person:
    """`website` is there only when it is an address that a browser opens as a page."""

    name: str
    username: str
    path: str
    bio: str | None
    website: str | None
    website_name: str
    avatar: str | None
    background: str | None


class ProfilePage:
    def __init__(self, galleries: Galleries, urls: Urls) -> None:
        self.galleries = galleries
        self.urls = urls
        self.showing = Showing(galleries, urls)
        self.root = self.showing.root

    def view(self, username: str) -> Response:
        owner = self.galleries.profile(username)
        path = profile_path(owner)
        if request.path != unquote(path):
            return self.showing.moved(path)
        page, person = self.showing.page(Listing("owner", owner.id), path), self.person(owner)
        albums = self.galleries.albums_of(owner) if page.is_first else []
        return kept_fresh(
            render_template(
                "profile.html",
                page=page,
                title=person.name,
                summary=person.bio or f"Pictures and albums of {person.name}",
                person=person,
                albums=self.showing.cards(albums[:ALBUMS_ON_PROFILE]),
                albums_count=len(albums),
                albums_path=self.root + albums_path(owner) if len(albums) > ALBUMS_ON_PROFILE else None,
            )
        )

    def albums(self, username: str) -> Response:
        owner = self.galleries.profile(username)
        path = albums_path(owner)
        if request.path != unquote(path):
            return self.showing.moved(path)
        albums = self.galleries.albums_of(owner)
        if place := asked_place():
            albums = [album for album in albums if (album.created_at, album.id) < (place.created_at, place.id)]
        shown = albums[:PAGE_SIZE]
        page = Page(
            address=self.showing.address(path),
            tiles=(),
            newest=self.showing.newest(path),
            older=self.showing.older(path, shown[-1]) if len(albums) > PAGE_SIZE else None,
            preview=None,
        )
        person, cards = self.person(owner), self.showing.cards(shown)
        title = f"Albums of {person.name}"
        return kept_fresh(
            render_template("albums.html", page=page, title=title, summary=title, person=person, albums=cards)
        )

    def person(self, owner: Owner) -> Person:
        avatar, background = self.galleries.asset(owner.avatar_id), self.galleries.asset(owner.background_id)
        website = web_address(owner.website or "")
        return Person(
            name=owner.name or owner.username,
            username=owner.username,
            path=self.root + profile_path(owner),
            bio=owner.bio,
            website=website,
            website_name=website.partition("://")[2].rstrip("/") if website else "",
            avatar=self.urls.file(avatar) if avatar else None,
            background=self.urls.file(background) if background else None,
        )


def web_address(text: str) -> str | None:
    """Never one that would run something in this page."""
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return None
    return text.strip() if parts.scheme in ("http", "https") and parts.netloc else None
