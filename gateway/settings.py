"""Every setting, declared once: name, type, default, help.

Values come from the defaults, then `config.toml`, then the environment (`GATEWAY_SERVER__PORT=9000`), then the
command line. A name nobody knows is an error that says which one is nearest. `config.example.toml` and the table in
the README are rendered from here.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_type_hints

from gateway.core.plans import Plan
from gateway.declaring import Bytes, Declared, SettingsError, declared_in, nearest, setting, understand
from gateway.settings_checks import check

ENVIRONMENT_PREFIX = "GATEWAY_"
MB = 1_000_000
GB = 1_000_000_000
PLAN_NAME = re.compile(r"plans\.([a-z0-9_-]{1,32})(?:\.([a-z_]+))?")


@dataclass(frozen=True, slots=True)
class Server:
    host: str = setting("127.0.0.1", "Address to listen on; 0.0.0.0 for every network this machine is in.")
    port: int = setting(8080, "Port to listen on.")
    public_url: str = setting("", "Address people reach the gateway by; every link is built from it, never from what a "
                              "request claims. Empty: http://HOST:PORT.")  # fmt: skip
    media_url: str = setting("", "Address of files, when it is not that of the pages: another name for this gateway, "
                             "so that nothing in a file comes near a page or a cookie. Empty: public_url.")  # fmt: skip
    threads: int = setting(8, "Requests worked on at once; others wait their turn.")
    max_connections: int = setting(500, "Open connections; more are not accepted until some close.")
    keep_alive: int = setting(5, "Seconds a connection is kept for another request after an answer.")
    idle_timeout: int = setting(120, "Seconds a request may fall silent while it arrives.")
    header_timeout: int = setting(30, "Seconds in which all headers of a request have to arrive.")
    shutdown_grace: int = setting(30, "Seconds that running requests get to finish after SIGTERM.")
    node: str = setting("", "Name of this gateway where there are several, the beginning of its request ids. Empty: "
                        "made up at each start.")  # fmt: skip
    trusted_proxies: tuple[str, ...] = setting((), "Addresses and networks (\"10.0.0.0/8\") of proxies in front, whose "
                                             "X-Forwarded-For is believed.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Storage:
    data: str = setting("./data", "Folder of the catalog and the files, or, where these are elsewhere, of what passes "
                        "through.")  # fmt: skip
    catalog: str = setting("", "Where the records are: postgresql://USER:PASSWORD@HOST/DATABASE. Empty: SQLite in the "
                           "data folder.")  # fmt: skip
    blobs: str = setting("", "Where the files are: s3://BUCKET/PREFIX?endpoint=URL&region=R&addressing=path, or a "
                         "folder. Empty: the data folder.")  # fmt: skip
    blobs_before: str = setting("", "Where the files were before: looked into for what is not in storage.blobs yet, "
                                "while `gateway store move` brings it.")  # fmt: skip
    min_free: Bytes = setting(100 * MB, "Free room on the disk of the data folder; with less, /health says that this "
                              "gateway cannot take uploads.")  # fmt: skip


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
    session_age: int = setting(86_400, "Seconds that an upload in pieces (TUS) may take in all.")
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
    sendfile: Literal["direct", "x-accel", "redirect"] = setting(
        "direct",
        "Who sends file bytes: the gateway, an nginx in front of it (X-Accel-Redirect), or the S3 store, to which "
        "people are sent with a link that is good for a moment.",
    )
    link_life: int = setting(300, "Seconds for which such a link is good.")
    media_url: str = setting("", "Address at which everybody may fetch public files, such as a CDN in front of the "
                             "bucket's PREFIX/media: people are sent there. Empty: none.")  # fmt: skip
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
    read: int = setting(600, "Reads of /v1 an account may make in a minute; 0 for any number, here and below. Admins "
                        "have ten times as much of each.")  # fmt: skip
    upload: int = setting(60, "Uploads an account may make in a minute, /api/1/upload included. Guests count by the "
                          "address they come from.")  # fmt: skip
    mutation: int = setting(120, "Changes and deletions an account may make in a minute.")
    hourly: int = setting(5000, "Requests a key may make in an hour.")
    read_burst: int = setting(0, "Reads within one second; the minute allows them all at once unless this is less.")
    upload_burst: int = setting(0, "Uploads within one second; tools that send a whole folder need it to be 0.")
    mutation_burst: int = setting(0, "Changes and deletions within one second.")
    store: str = setting("memory", "Where this is counted: memory, of each process for itself, or a Redis that "
                           "several gateways share, redis://HOST:PORT/DB.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanSection:
    """`[plans.NAME]`: what is left out does not limit."""

    image_bytes: Bytes | None = setting(None, "Most bytes of pictures.", 5 * GB)
    video_bytes: Bytes | None = setting(None, "Most bytes of videos.", 10 * GB)
    audio_bytes: Bytes | None = setting(None, "Most bytes of sounds.", 5 * GB)
    max_file_bytes: Bytes | None = setting(None, "Largest file, where that is less than uploads.max_size.", 20 * MB)
    uploads_per_day: int | None = setting(None, "Uploads in a day (UTC).", 5_000)
    uploads_per_month: int | None = setting(None, "Uploads in a month.", 50_000)
    max_keys: int | None = setting(None, "API keys that are not revoked.", 3)


@dataclass(frozen=True, slots=True)
class Sweeper:
    interval: int = setting(60, "Seconds between two looks for expired files.")
    incoming_age: int = setting(86_400, "Seconds after which a half-arrived upload counts as abandoned.")


@dataclass(frozen=True, slots=True)
class Log:
    level: Literal["debug", "info", "warning", "error"] = setting("info", "How much is written to standard error.")
    format: Literal["text", "json"] = setting("text", "Lines for people, or one JSON object each.")
    requests: bool = setting(True, "Whether each request leaves a line; those that fail inside always do.")


@dataclass(frozen=True, slots=True)
class Metrics:
    token: str = setting("", "Whoever sends this as a bearer token may read /metrics from anywhere. Empty: only the "
                         "gateway's own machine may.")  # fmt: skip


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
    metrics: Metrics = field(default_factory=Metrics)
    plans: tuple[Plan, ...] = ()

    @property
    def public_url(self) -> str:
        host = f"[{self.server.host}]" if ":" in self.server.host else self.server.host
        return (self.server.public_url or f"http://{host}:{self.server.port}").rstrip("/")

    @property
    def data(self) -> Path:
        return Path(self.storage.data)


def declared() -> Iterator[Declared]:
    for section, kind in get_type_hints(Settings).items():
        if isinstance(kind, type) and is_dataclass(kind):
            yield from declared_in(section, kind)


def declared_plan(name: str = "NAME") -> Iterator[Declared]:
    yield from declared_in(f"plans.{name}", PlanSection)


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
    plans: dict[str, Plan] = {}
    for name, (raw, origin) in found.items():
        origins[name] = origin
        if match := PLAN_NAME.fullmatch(name):
            plan, key = match.groups()
            plans[plan] = read_plan(plans.get(plan) or Plan(plan), key, raw, origin)
            continue
        if name not in known:
            raise unknown(name, origin)
        value = understand(known[name], raw, origin)
        section, _, key = name.partition(".")
        settings = replace(settings, **{section: replace(getattr(settings, section), **{key: value})})
    settings = replace(settings, plans=tuple(plans.values()))
    check(settings)
    return Loaded(settings, origins)


def read_plan(plan: Plan, key: str | None, raw: object, origin: str) -> Plan:
    """A table without anything in it is a plan, too."""
    if key is None and raw == {}:
        return plan
    items = {item.name: item for item in declared_plan(plan.name)}
    name = f"plans.{plan.name}.{key}" if key else f"plans.{plan.name}"
    if name not in items:
        raise unknown(name, origin)
    changed: dict[str, Any] = {str(key): understand(items[name], raw, origin)}
    return replace(plan, **changed)


def unknown(name: str, origin: str) -> SettingsError:
    known = [item.name for item in (*declared(), *declared_plan())]
    return SettingsError(f"Unknown setting {name} in {origin}.{nearest(name, known)}")


def read_file(file: Path) -> dict[str, object]:
    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no configuration file {file}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from None
    return dict(flatten(tree))


def flatten(tree: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """As names with dots. Plans are sections below a section."""
    for section, values in tree.items():
        if not isinstance(values, dict):
            yield section, values
            continue
        for key, value in values.items():
            if section == "plans" and isinstance(value, dict) and value:
                yield from ((f"plans.{key}.{name}", one) for name, one in value.items())
            else:
                yield f"{section}.{key}", value


def read_environment(environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for variable, value in environment.items():
        if variable.startswith(ENVIRONMENT_PREFIX):
            yield variable[len(ENVIRONMENT_PREFIX) :].lower().replace("__", "."), variable, value


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
    lines += ["", "# A plan limits the owners who are on it (`gateway owner set NAME --plan pro`); the plan called",
              "# default, those who are on none. What is left out does not limit.", "# [plans.pro]"]  # fmt: skip
    for item in declared_plan():
        lines += [f"# {item.help}", f"# {item.name.rpartition('.')[2]} = {item.toml(item.example)}"]
    return "\n".join(lines) + "\n"


def render_table() -> str:
    """The settings table of the README."""
    rows = [f"| `{item.name}` | `{item.toml(item.default)}` | {item.help} |" for item in declared()]
    rows += [f"| `{item.name}` | any | {item.help} |" for item in declared_plan()]
    return "\n".join(["| setting | default | what it does |", "| --- | --- | --- |", *rows])
