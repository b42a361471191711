"""The recordings of real Chevereto sites: their requests rebuilt byte for byte, sent to a site of ours that is set up
like theirs was, and both answers put into comparable words."""

from __future__ import annotations

import json
import re
import tarfile
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from mimetypes import guess_type
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask.testing import FlaskClient

from gateway.app import create_app
from gateway.settings import Chevereto, Server, Settings, Storage
from gateway.store.opening import Opened, open_data
from tests.clients.wire import BOUNDARY, Answer, Part, multipart
from tests.conftest import PUBLIC_URL, Client, FrozenClock, draw
from tests.contract.samples import an_old_key
from tests.shared import SHARED

GOLDEN = SHARED / "golden"
VERSIONS = ("v3", "v4")
CURL_TYPES = {
    ".gif": "image/gif",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".txt": "text/plain",
}
API_KEY_ROW = re.compile(r"\((\d+),(\d+),[^,]*,'[^']*','(\$2y\$[^']+)'\)")
MB = 1_000_000

Fields = list[tuple[str, Any]]
Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded request and its answer. `name` is "v4/001-jpeg-multipart-json"."""

    name: str
    method: str
    path: str
    headers: dict[str, str]
    query: Fields
    form: Fields
    urlencoded: Fields
    json_body: str | None
    answer: Answer

    @property
    def version(self) -> str:
        return self.name[:2]

    @property
    def is_upload(self) -> bool:
        return self.path.split("/")[1] == "api"

    @property
    def fetches(self) -> bool:
        """Whether it asks the gateway to go and get an address."""
        return any(name == "source" and "://" in str(value) for name, value in [*self.query, *self.urlencoded])


@dataclass(frozen=True, slots=True)
class Situation:
    """What the site was like when a case was recorded, as far as ours can be the same; cases that came `before`."""

    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    disabled_owner: str | None = None


SMALL_FILES = Situation({"uploads": {"max_size": 10 * MB}})
TINY_FILES = Situation({"uploads": {"max_size": MB}})
SITUATIONS = {
    "v3/029-too-big": SMALL_FILES,
    "v4/152-user-dup": Situation(before=("v4/151-user-upload-1",)),
    "v4/154-user-dup-b64": Situation(before=("v4/151-user-upload-1",)),
    "v4/163-too-big-setting-txt": SMALL_FILES,
    "v4/164-too-big-user-key": SMALL_FILES,
    "v4/167-post-over-ini-limit-header-key": TINY_FILES,
    "v4/169-disabled-format-gif": Situation({"uploads": {"disabled_formats": ("gif",)}}),
    "v4/170-guest-uploads-off-guestkey": Situation(disabled_owner="guest"),
    "v4/173-uploads-off-userkey": Situation(disabled_owner="bob"),
    "v4/187-dups-enabled": Situation({"uploads": {"duplicates": "keep"}}, before=("v4/151-user-upload-1",)),
    "v4/188-url-disabled-admin": Situation({"uploads": {"url_sources": False}}),
    "v4/214-post-over-php-post_max_size-form-key": TINY_FILES,
    "v4/215-post-over-php-post_max_size-txt": TINY_FILES,
    "v4/230-banned-user-key": Situation(disabled_owner="bob"),
}


@cache
def cases() -> dict[str, Case]:
    found = {}
    for version in VERSIONS:
        index = GOLDEN / version / "index.json"
        for row in json.loads(index.read_text()) if index.exists() else []:
            name = f"{version}/{row['name']}"
            answer = read_answer(GOLDEN / version / row["response"])
            shape = {part: [tuple(pair) for pair in row[part]] for part in ("query", "form", "urlencoded")}
            found[name] = Case(
                name, row["method"], row["path"], row["headers"], **shape, json_body=row["json_body"], answer=answer
            )
    return found


def read_answer(file: Path) -> Answer:
    head, _, body = file.read_bytes().replace(b"\r\n", b"\n").partition(b"\n\n")
    status, *lines = head.decode().splitlines()
    pairs = (line.partition(": ") for line in lines)
    return Answer(int(status.split()[1]), {name.lower(): value for name, _, value in pairs}, body.decode())


# what they sent


@cache
def inputs() -> dict[str, bytes]:
    """The files that were sent. A few were too big to keep, or were left out: those are drawn."""
    with tarfile.open(GOLDEN / "inputs.tar.gz") as archive:
        files = {Path(entry.name).name: archive.extractfile(entry) for entry in archive if entry.isfile()}
        kept = {name: file.read() for name, file in files.items() if file}
    drawn = {name: draw(600, 400, seed=number) for number, name in enumerate(("m2.png", "m3.png", "m4.png"))}
    return kept | drawn | {"huge11.png": draw() + bytes(11 * MB), "ini.png": draw() + bytes(2 * MB)}


DRAWN = ("m2.png", "m3.png", "m4.png", "huge11.png", "ini.png")
SPELLINGS = {
    "@b64:": lambda data: b64encode(data).decode(),
    "@b64-nopad:": lambda data: b64encode(data).decode().rstrip("="),
    "@b64-wrapped:": lambda data: re.sub("(.{76})", r"\1\n", b64encode(data).decode()),
    "@b64-urlsafe:": lambda data: urlsafe_b64encode(data).decode(),
}


def text_of(value: str) -> str:
    """A field as it was sent: `@b64:small.png` stands for that file in base64."""
    kind, _, name = value.partition(":")
    if kind == "@datauri":
        return f"data:{guess_type(name)[0]};base64,{b64encode(inputs()[name]).decode()}"
    spell = SPELLINGS.get(f"{kind}:")
    return spell(inputs()[name]) if spell else value


def part_of(name: str, value: Any) -> Part:
    """As curl sends it: an empty filename in the recording means that the name was not changed."""
    if isinstance(value, list):
        file, filename, type = value
    elif value.startswith("@") and ":" not in value:
        file = filename = value[1:]
        type = None
    else:
        return Part(name, text_of(value).encode())
    filename = filename or file
    return Part(
        name, inputs()[file], filename, type or CURL_TYPES.get(Path(filename).suffix, "application/octet-stream")
    )


def send(client: FlaskClient, case: Case) -> Answer:
    target = case.path
    if case.query:
        target += "?" + urlencode([(name, text_of(value)) for name, value in case.query])
    # curl writes "Name;" for a header without a value
    headers = {name.rstrip(";"): value for name, value in case.headers.items()}
    body, type = b"", None
    if case.form:
        body, type = multipart(part_of(*pair) for pair in case.form), f"multipart/form-data; boundary={BOUNDARY}"
    elif case.urlencoded:
        body = urlencode([(name, text_of(value)) for name, value in case.urlencoded]).encode()
        type = "application/x-www-form-urlencoded"
    elif case.json_body is not None:
        body, type = case.json_body.encode(), "application/json"
    got = client.open(target, method=case.method, headers=headers, data=body, content_type=type)
    return Answer(got.status_code, {name.lower(): value for name, value in got.headers}, got.get_data(as_text=True))


# to whom they sent it


@dataclass(frozen=True, slots=True)
class Site:
    """A library with the people, keys, albums and the category of the recorded site."""

    opened: Opened
    clock: FrozenClock
    client: FlaskClient
    albums: dict[str, str]

    def replay(self, case: Case) -> Answer:
        return send(self.client, replace(case, form=[self.here(*pair) for pair in case.form]))

    def here(self, name: str, value: Any) -> tuple[str, Any]:
        return name, self.albums.get(value, value) if name == "album_id" else value


@contextmanager
def site(storage: Storage, version: str, situation: Situation | None = None) -> Iterator[Site]:
    situation = situation or Situation()
    # The recorded dates are those of this zone.
    settings = Settings(
        server=Server(public_url=PUBLIC_URL),
        storage=storage,
        chevereto=Chevereto(time_zone="America/Santiago"),
    )
    for section, values in situation.settings.items():
        settings = replace(settings, **{section: replace(getattr(settings, section), **values)})
    clock = FrozenClock()
    opened = open_data(settings, clock)
    try:
        albums = move_in(opened, version)
        if situation.disabled_owner:
            opened.owners.disable(situation.disabled_owner)
        yield Site(opened, clock, Client(create_app(settings, opened)), albums)
    finally:
        opened.close()


def move_in(opened: Opened, version: str) -> dict[str, str]:
    """The people, with their keys as an import finds them: hashes, and one guest key for all. Returns their albums."""
    facts = json.loads((GOLDEN / version / "ids-and-lab-keys.json").read_text())
    guest = opened.owners.add("guest", role="guest")
    if version == "v3":
        opened.keys.adopt(guest, "site", facts["guest_api_key"])
        return {}
    opened.keys.adopt(guest, "site", facts["api_keys"]["guest_public"])
    people = {"1": opened.owners.add("admin", role="admin"), "2": opened.owners.add("bob")}
    dump = next((GOLDEN / version).glob("*.sql")).read_text()
    for row, user, hash in API_KEY_ROW.findall(dump):
        prefix, name = f"chv_{facts['encode'][row]}_", f"imported {row}"
        opened.catalog.add_key(an_old_key(people[user], prefix, hash, name=name))
    opened.library.add_category("Nature", "nature")
    owners = {"NT": people["1"], "a0": people["1"], "Wio": people["2"]}
    return {id: opened.library.add_album(owner, id).id for id, owner in owners.items()}


# what they were told

SAME_VALUES = (
    "title", "description", "nsfw", "width", "height", "mime", "extension", "category_id", "original_filename",
    "is_animated", "is_approved", "is_360", "duration", "duration_time", "type", "ratio", "views", "likes", "chain",
    "frame_size", "size", "size_formatted", "md5", "source_md5", "title_truncated", "title_truncated_html",
    "display_title", "display_width", "display_height", "views_label", "likes_label", "is_use_loader",
)  # fmt: skip
MADE_UP = re.compile(r"([0-9a-f]{12})\.\w+")  # the name of a file that came without one
MADE_UP_SLUG = re.compile(r"/[0-9a-f]{12}\.")
OF_THE_BYTES = ("size", "size_formatted", "md5")


def facts_of(answer: Answer) -> Facts:
    """What an answer says, without what differs each time: ids, names made up, addresses and the time of day."""
    type = answer.headers.get("content-type", "")
    if answer.status in (301, 302):
        location = urlsplit(answer.headers["location"])
        target = re.sub(r"[^./]+$", "ID", location.path)
        if answer.status == 301:
            return {"outcome": "moved"}
        return {"outcome": "success", "as": "redirect", "to": f"{location.netloc}{target}"}
    if type.startswith("application/json"):
        return json_facts(answer.status, json.loads(answer.body or "{}"))
    if "[HTML page" in answer.body or "</html>" in answer.body or not answer.body:
        return {"outcome": "page", "status": answer.status}
    if answer.body.startswith(("http://", "https://")):
        return {"outcome": "success", "as": "text"}
    return {"outcome": "refused", "as": "text", "message": answer.body}


def json_facts(status: int, body: Any) -> Facts:
    if "error" in body:
        error = body["error"]
        return {
            "outcome": "refused",
            "as": "json",
            "status": status,
            "code": error["code"],
            "message": error["message"],
        }
    spelling = "data" if "data" in body else "image"
    image = body.get(spelling)
    if not image:
        return {"outcome": "page", "status": status}
    values = {name: image[name] for name in SAME_VALUES if name in image}
    if made_up := MADE_UP.fullmatch(image["original_filename"]):
        values = {name: str(value).replace(made_up[1], "MADE-UP") for name, value in values.items()}
    values["display_title"] = values.get("display_title", "").replace(image["filename"], "FILE")
    shown = {image[name]["url"]: name for name in ("image", "thumb", "medium", "frame") if image.get(name)}
    return {
        "outcome": "success",
        "as": f"json {spelling}",
        "status": status,
        **values,
        "tags": sorted(image.get("tags", []), key=str),
        "display": shown[image["display_url"]],
        "has_frame": bool(image.get("url_frame")),
        "zone": seconds_between(image["date_gmt"], image["date"]),
        "lifetime": seconds_between(image["date_gmt"], image["expiration_date_gmt"]),
        "viewer": MADE_UP_SLUG.sub("/MADE-UP.", viewer_of(image)),
    }


def viewer_of(image: Facts) -> str:
    """V3 names no path, and spells slugs in small letters."""
    return str(image.get("path_viewer", "")).replace(image["id_encoded"], "ID")


def seconds_between(start: str, end: str | None) -> float | None:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() if end else None


def differences(case: Case, ours: Answer) -> Facts:
    """What our answer says otherwise than the recorded one; nothing when an old tool could not tell them apart."""
    old, new = facts_of(case.answer), facts_of(ours)
    if old["outcome"] != new["outcome"]:
        return {name: new[name] for name in ("outcome", "code", "message") if name in new}
    left_out: tuple[str, ...] = (
        OF_THE_BYTES if any(str(value).removeprefix("@") in DRAWN for _, value in case.form) else ()
    )
    left_out += ("viewer", "display_title") if case.version == "v3" else ()
    found = {name: new.get(name) for name in old if name not in left_out and old[name] != new.get(name)}
    if old["outcome"] == "success" and old["as"].startswith("json"):
        wrong = list(mistyped(json.loads(case.answer.body), json.loads(ours.body)))
        return found | ({"keys": wrong} if wrong else {})
    return found


def mistyped(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """Where our JSON lacks a key of theirs or has another type there. It may have more keys."""
    if type(old) is not type(new):
        yield f"{place} is {type(new).__name__}, not {type(old).__name__}"
    elif isinstance(old, dict):
        for name, value in old.items():
            if name in new:
                yield from mistyped(value, new[name], f"{place}.{name}".lstrip("."))
            else:
                yield f"{place}.{name} is missing".lstrip(".")
    elif isinstance(old, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from mistyped(one, other, f"{place}[{number}]")
