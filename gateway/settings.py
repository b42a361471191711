"""Every setting, declared once: name, type, default, help.

Values come from the defaults, then `config.toml`, then the environment (`GATEWAY_SERVER__PORT=9000`), then the
command line. A name nobody knows is an error that says which one is nearest. `config.example.toml` and the table in
the README are rendered from here.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from gateway.core.formats.registry import FORMATS
from gateway.core.sizes import format_size, parse_size

ENVIRONMENT_PREFIX = "GATEWAY_"
MB = 1_000_000


class SettingsError(Exception):
    """What is wrong with which setting, and what would be right."""


class Bytes(int):
    """A size: a number of bytes, or text such as "50 MB"."""


def setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 for every network this machine is in.")
    port: int = setting(8080, "Port to listen on.")
    public_url: str = setting("", "Address people reach the gateway by; every link is built from it, never from what a "
                              "request claims. Empty: http://HOST:PORT.")  # fmt: skip
    threads: int = setting(8, "Requests worked on at once; others wait their turn.")
    max_connections: int = setting(500, "Open connections; more are not accepted until some close.")
    keep_alive: int = setting(5, "Seconds a connection is kept for another request after an answer.")
    idle_timeout: int = setting(120, "Seconds a request may fall silent while it arrives.")
    shutdown_grace: int = setting(30, "Seconds that running requests get to finish after SIGTERM.")


@dataclass(frozen=True, slots=True)
class Storage:
    data: str = setting("./data", "Folder of the catalog and the files.")


@dataclass(frozen=True, slots=True)
class Uploads:
    max_size: Bytes = setting(50 * MB, "Largest file.")
    disabled_formats: tuple[str, ...] = setting((), 'Formats that are refused, for example ["gif"].')
    metadata: Literal["keep", "no-location", "strip"] = setting(
        "no-location",
        "What stored files may tell: all that was sent; no places, serial numbers and owners; only how to show them.",
    )
    duplicates: Literal["reuse", "keep", "refuse"] = setting(
        "reuse", "Same bytes from the same owner: answer with the record there is, keep both, or refuse.")  # fmt: skip
    url_sources: bool = setting(True, "Whether a source may be the address of a picture, which the gateway fetches.")
    url_timeout: int = setting(30, "Seconds that fetching an address may take in all.")
    url_allow: tuple[str, ...] = setting((), "Hosts (\"nas.lan\" or \"10.0.0.5:8000\") that may be fetched although "
                                         "they are private; for intranets.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Images:
    thumb_width: int = setting(320, "Width of thumbnails, which are cropped to fill.")
    thumb_height: int = setting(320, "Height of thumbnails.")
    medium_width: int = setting(500, "Width of the medium rendition; wider pictures get one.")
    slots: int = setting(0, "Pictures decoded at once; 0 for one per processor core.")
    max_pixels: int = setting(52_428_800, "Width times height of the largest picture.")
    max_side: int = setting(32_768, "Longest side.")
    max_frames: int = setting(5_000, "Frames of an animation.")
    max_frame_pixels: int = setting(4_000_000_000, "Frames times width times height of an animation.")
    max_svg: Bytes = setting(2 * MB, "Largest SVG drawing.")
    max_metadata: Bytes = setting(16 * MB, "Exif, colour profiles and comments inside one file.")


@dataclass(frozen=True, slots=True)
class Files:
    sendfile: Literal["direct", "x-accel"] = setting(
        "direct", "Who sends file bytes: the gateway, or an nginx in front of it (X-Accel-Redirect).")  # fmt: skip
    accel_prefix: str = setting("/_media/", "The nginx location, marked internal, whose alias is the media folder.")
    webp: Literal["auto", "off"] = setting(
        "auto", "Whether browsers that take WebP get one instead of a JPEG or PNG, where it is smaller.")  # fmt: skip
    cache_size: Bytes = setting(2_000 * MB, "Room for derived pictures, WebP and sizes made to measure; those nobody "
                                "asked for the longest make way.")  # fmt: skip
    max_variants: int = setting(50, "Sizes and formats made to measure of one picture; more are refused.")


@dataclass(frozen=True, slots=True)
class Chevereto:
    time_zone: str = setting("UTC", "Time zone of the `date` in upload answers, for example Europe/Berlin.")
    confirm_delete: bool = setting(False, "Whether a delete link shows a page with a button instead of deleting.")
    camera_tags: bool = setting(True, "Whether a photo uploaded through /api/1/upload gets its camera as a tag.")


@dataclass(frozen=True, slots=True)
class Legacy:
    fallback_url: str = setting("", "Address of the old host; files that are not here yet are fetched from it, "
                                "and kept. Empty: nobody is asked.")  # fmt: skip
    fallback_max_size: Bytes = setting(200 * MB, "Largest file taken from the old host before it is imported.")


@dataclass(frozen=True, slots=True)
class Limits:
    uploads_per_minute: int = setting(0, "Uploads an owner may make in a minute; 0 for any number.")


@dataclass(frozen=True, slots=True)
class Sweeper:
    interval: int = setting(60, "Seconds between two looks for expired files.")
    incoming_age: int = setting(86_400, "Seconds after which a half-arrived upload counts as abandoned.")


@dataclass(frozen=True, slots=True)
class Log:
    level: Literal["debug", "info", "warning", "error"] = setting("info", "How much is written to standard error.")


@dataclass(frozen=True, slots=True)
class Settings:
    server: Server = field(default_factory=Server)
    storage: Storage = field(default_factory=Storage)
    uploads: Uploads = field(default_factory=Uploads)
    images: Images = field(default_factory=Images)
    files: Files = field(default_factory=Files)
    chevereto: Chevereto = field(default_factory=Chevereto)
    legacy: Legacy = field(default_factory=Legacy)
    limits: Limits = field(default_factory=Limits)
    sweeper: Sweeper = field(default_factory=Sweeper)
    log: Log = field(default_factory=Log)

    @property
    def public_url(self) -> str:
        host = f"[{self.server.host}]" if ":" in self.server.host else self.server.host
        return (self.server.public_url or f"http://{host}:{self.server.port}").rstrip("/")

    @property
    def data(self) -> Path:
        return Path(self.storage.data)


@dataclass(frozen=True, slots=True)
class Declared:
    """One setting as declared: `name` is "server.port", `kind` its type."""

    name: str
    kind: Any
    default: Any
    help: str

    def toml(self, value: object) -> str:
        """`value` as it would stand in a settings file."""
        exact = self.kind is Bytes and parse_size(size := format_size(int(str(value)))) == value
        return f'"{size}"' if exact else as_toml(value)


def declared() -> Iterator[Declared]:
    for section, section_type in get_type_hints(Settings).items():
        kinds = get_type_hints(section_type)
        for item in fields(section_type):
            yield Declared(f"{section}.{item.name}", kinds[item.name], item.default, item.metadata["help"])


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and for each name where its value came from: "default", a file, an environment variable, a flag."""

    settings: Settings
    origins: dict[str, str]


def load(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Loaded:
    found: dict[str, tuple[object, str]] = {}
    if file:
        found |= {name: (value, str(file)) for name, value in read_file(file).items()}
    found |= {
        name: (value, variable)
        for name, variable, value in read_environment(os.environ if environment is None else environment)
    }
    found |= {name: (value, "the command line") for name, value in (flags or {}).items() if value is not None}

    known = {item.name: item for item in declared()}
    settings, origins = Settings(), dict.fromkeys(known, "default")
    for name, (raw, origin) in found.items():
        if name not in known:
            raise SettingsError(f"Unknown setting {name} in {origin}.{nearest(name, known)}")
        value = understand(known[name], raw, origin)
        section, _, key = name.partition(".")
        settings = replace(settings, **{section: replace(getattr(settings, section), **{key: value})})
        origins[name] = origin
    check(settings)
    return Loaded(settings, origins)


def read_file(file: Path) -> dict[str, object]:
    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no configuration file {file}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from None
    flat: dict[str, object] = {}
    for section, values in tree.items():
        if isinstance(values, dict):
            flat |= {f"{section}.{key}": value for key, value in values.items()}
        else:
            flat[section] = values
    return flat


def read_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for variable, value in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            yield variable[len(ENVIRONMENT_PREFIX) :].lower().replace("__", "."), variable, value


def nearest(name: str, known: Mapping[str, Declared]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else " `gateway config` lists all settings."


def understand(item: Declared, raw: object, origin: str) -> object:
    """The value of the declared type that `raw`, from TOML or as environment text, stands for."""
    try:
        return convert(item.kind, raw)
    except ValueError as problem:
        raise SettingsError(f"{item.name} in {origin} is {raw!r}, but must be {problem}.") from None


def convert(kind: Any, raw: object) -> object:
    if get_origin(kind) is Literal:
        if raw in get_args(kind):
            return raw
        raise ValueError("one of " + ", ".join(map(repr, get_args(kind))))
    if kind is bool:
        words = {
            "true": True,
            "1": True,
            "yes": True,
            "on": True,
            "false": False,
            "0": False,
            "no": False,
            "off": False,
        }
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw.lower() in words:
            return words[raw.lower()]
        raise ValueError("true or false")
    if kind is Bytes:
        if isinstance(raw, (int, str)) and not isinstance(raw, bool):
            try:
                return Bytes(parse_size(str(raw)))
            except ValueError:
                pass
        raise ValueError('a size such as "50 MB"')
    if kind is int:
        if isinstance(raw, (int, str)) and not isinstance(raw, bool) and re.fullmatch(r"[0-9]{1,18}", str(raw)):
            return int(raw)
        raise ValueError("a whole number, 0 or more")
    if kind is str:
        if isinstance(raw, str):
            return raw
        raise ValueError("text")
    if isinstance(raw, str):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if isinstance(raw, (list, tuple)) and all(isinstance(part, str) for part in raw):
        return tuple(raw)
    raise ValueError("a list of texts")


def check(settings: Settings) -> None:
    """Values that have the right type and still cannot work."""
    if not 1 <= settings.server.port <= 65_535:
        raise SettingsError(f"server.port is {settings.server.port}, but ports go from 1 to 65535.")
    if not is_public_url(settings.public_url):
        raise SettingsError(
            f"server.public_url is {settings.server.public_url!r}, but must be an address such as https://img.example.org."
        )
    if not settings.storage.data:
        raise SettingsError("storage.data is empty, but must name a folder.")
    try:
        ZoneInfo(settings.chevereto.time_zone)
    except (KeyError, ValueError, OSError):
        raise SettingsError(
            f"chevereto.time_zone is {settings.chevereto.time_zone!r}, but must be a zone such as Europe/Berlin."
        ) from None
    names = [known.name for known in FORMATS]
    for name in settings.uploads.disabled_formats:
        if name not in names:
            raise SettingsError(f"uploads.disabled_formats names {name!r}; the formats are {', '.join(names)}.")
    for name in ("server.threads", "images.thumb_width", "images.thumb_height", "images.medium_width",
                 "sweeper.interval", "uploads.max_size", "uploads.url_timeout",
                 "legacy.fallback_max_size"):  # fmt: skip
        section, _, key = name.partition(".")
        if not getattr(getattr(settings, section), key):
            raise SettingsError(f"{name} is 0, but must be at least 1.")
    if settings.legacy.fallback_url:
        check_fallback(settings.legacy.fallback_url, settings.public_url)


def check_fallback(url: str, public_url: str) -> None:
    if not is_public_url(url) or "@" in url:
        raise SettingsError(f"legacy.fallback_url is {url!r}, but must be an address such as https://old.example.org.")
    if place(url) == place(public_url):
        raise SettingsError(
            f"legacy.fallback_url is {url!r}, which leads to this gateway itself (server.public_url).\n"
            "Give the old host by a name of its own, or by its IP address."
        )


def place(url: str) -> tuple[str | None, int | None]:
    """Host and port. http and https, on the ports they have everywhere, are one place."""
    parts = urlsplit(url)
    return parts.hostname, None if parts.port in (80, 443) else parts.port


def is_public_url(url: str) -> bool:
    try:
        address = urlsplit(url)
        has_place = bool(address.hostname) and address.port != 0  # reading a port that is none raises
    except ValueError:
        return False
    extra = address.query or address.fragment or re.search(r"\s", url)
    return address.scheme in ("http", "https") and has_place and not extra


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, tuple):
        return "[" + ", ".join(as_toml(part) for part in value) + "]"
    assert isinstance(value, (str, NoneType))
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def render_example() -> str:
    """The text of `config.example.toml`: every setting with its help and its default."""
    lines = ["# Picgate settings. Copy to config.toml and change what you need; every line shows its default.",
             "# The environment wins over this file: GATEWAY_SERVER__PORT=9000 is server.port."]  # fmt: skip
    section = ""
    for item in declared():
        head, _, key = item.name.partition(".")
        if head != section:
            section = head
            lines += ["", f"[{section}]"]
        lines += [f"# {item.help}", f"{key} = {item.toml(item.default)}"]
    return "\n".join(lines) + "\n"


def render_table() -> str:
    """The settings table of the README."""
    rows = [f"| `{item.name}` | `{item.toml(item.default)}` | {item.help} |" for item in declared()]
    return "\n".join(["| setting | default | what it does |", "| --- | --- | --- |", *rows])
