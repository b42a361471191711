"""`/api/1/upload`, as tools for Chevereto speak it: three ways to send, three ways to be answered."""

from __future__ import annotations

from gateway.web.chevereto.reading import FORMATS
from gateway.web.picora.openapi.headers import ALWAYS
from gateway.web.picora.openapi.pieces import BEARER, FORM, JSON, Answer, Body, Json, Operation, Parameter
from gateway.web.picora.openapi.shapes import (
    FILE,
    NULL,
    NUMBER,
    TEXT,
    URL,
    Schema,
    about,
    exactly,
    listed,
    nullable,
    one_of,
    record,
    ref,
)

PATH = "/api/1/upload"
TXT = "text/plain"
URLENCODED = "application/x-www-form-urlencoded"
HEADER, QUERY = "legacyHeader", "legacyQuery"
KEYS = (HEADER, QUERY, BEARER)
USUAL = (*ALWAYS, "Cache-Control", "X-Content-Type-Options")
DATE: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"}
BIT: Schema = {"type": "integer", "enum": [0, 1]}
YES: Schema = one_of(("0", "1"))

FIELDS: dict[str, Schema] = {
    "key": about(TEXT, "Your API key, where you cannot send it in the header X-API-Key."),
    "title": about(TEXT, "Also called `name`."),
    "name": about(TEXT, "The same as `title`."),
    "description": TEXT,
    "tags": about(TEXT, "With commas between them."),
    "album_id": about(TEXT, "One of your albums."),
    "category_id": about(TEXT, "The number of a category."),
    "width": about(TEXT, "Store a smaller version of this width."),
    "expiration": about(TEXT, "When it deletes itself: seconds, or ISO 8601 such as PT5M or P3D."),
    "nsfw": about(YES, "Not safe for work."),
    "format": about(one_of(FORMATS), "How to be answered.", default="json"),
    "use_file_date": about(YES, "1: the date the photo was taken. For admins."),
}
SOURCE = about(TEXT, "A picture as base64, or its address.")
SOURCES: dict[str, Schema] = {"source": SOURCE, "image": about(SOURCE, "The same, as imgBB calls it.")}
FILES: dict[str, Schema] = {
    "source": about(FILE, "A file; or text: base64, or the address of a picture."),
    "image": about(FILE, "The same, as imgBB calls it."),
}

STORED: Schema = record(
    {"filename": TEXT, "name": TEXT, "mime": TEXT, "extension": TEXT, "url": URL, "size": nullable(NUMBER)}
)
NO_FILE: Schema = record(dict.fromkeys(("filename", "name", "mime", "extension", "url"), NULL))
TEXTS = ("name", "extension", "storage_mode", "checksum", "md5", "original_filename", "type", "tags_string",
         "id_encoded", "filename", "mime", "size_formatted", "url_frame", "duration_time", "views_label", "likes_label",
         "how_long_ago", "title_truncated", "title_truncated_html", "display_title")  # fmt: skip
NULLABLE = ("title", "description", "source_checksum", "source_md5", "original_exifdata")
NUMBERS = ("size", "width", "height", "views", "chain", "thumb_size", "medium_size", "frame_size", "likes", "duration")
BITS = ("nsfw", "is_animated", "is_approved", "is_360")
URLS = ("url", "url_viewer", "url_short", "display_url", "delete_url")
IMAGE_FIELDS: dict[str, Schema] = {
    **dict.fromkeys(TEXTS, TEXT),
    **dict.fromkeys(NULLABLE, nullable(TEXT)),
    **dict.fromkeys(NUMBERS, NUMBER),
    **dict.fromkeys(BITS, BIT),
    **dict.fromkeys(URLS, URL),
    "path_viewer": TEXT,
    "date": DATE,
    "date_gmt": DATE,
    "date_fixed_peer": DATE,
    "expiration_date_gmt": nullable(DATE),
    "category_id": nullable(NUMBER),
    "tags": listed(record(dict.fromkeys(("name", "name_safe_html", "url_key", "url"), TEXT))),
    "file": record({"resource": record({"type": exactly("path")})}),
    "ratio": {"type": "number"},
    "frame": STORED,
    "image": STORED,
    "medium": {"oneOf": [STORED, NO_FILE]},
    "thumb": STORED,
    "display_width": {"type": ["integer", "string"]},
    "display_height": {"type": ["integer", "string"]},
    "is_use_loader": {"type": "boolean"},
}


def schemas() -> dict[str, Schema]:
    success = {"success": record({"message": TEXT, "code": exactly(200)})}
    ends = success | {"warnings": listed(TEXT, 1), "status_code": exactly(200), "status_txt": exactly("OK")}
    image = record(IMAGE_FIELDS, optional=("frame",))
    named = record(IMAGE_FIELDS | {"id": TEXT}, optional=("frame",))
    return {
        "LegacyUpload": record(ends | {"image": image}, optional=("warnings",)),
        "ImgbbUpload": about(
            record(ends | {"data": named, "status": exactly(200)}, optional=("warnings",)),
            "When the file was sent as `image`.",
        ),
        "LegacyError": record(
            {"status_code": NUMBER, "error": record({"message": TEXT, "code": NUMBER}), "status_txt": TEXT}
        ),
    }


def operations() -> tuple[Operation, ...]:
    return (upload(), fetch())


def upload() -> Operation:
    return Operation(
        "post", PATH, "legacy_upload", "Upload as to a Chevereto site", answers(), "legacy",
        "What is left out of what was asked for is said in `warnings`. Slashes may be doubled, and one may end the "
        "path. Counts as one upload.", body=body(), keys=KEYS,
    )  # fmt: skip


def fetch() -> Operation:
    asked = SOURCES | FIELDS
    parameters = tuple(
        Parameter(name, "query", schema, schema.get("description", name)) for name, schema in asked.items()
    )
    return Operation(
        "get", PATH, "legacy_fetch", "Have a picture fetched from its address", answers(), "legacy",
        "As POST, with everything in the address. Counts as one upload.", parameters, keys=KEYS,
    )  # fmt: skip


def body() -> Body:
    fields = record(SOURCES | FIELDS, optional=(*SOURCES, *FIELDS))
    form = record(FILES | FIELDS, optional=(*FILES, *FIELDS))
    return Body({FORM: form, URLENCODED: fields, JSON: fields}, is_required=False)


def answers() -> tuple[Answer, ...]:
    stored: Json = {JSON: {"anyOf": [ref("LegacyUpload"), ref("ImgbbUpload")]}, TXT: about(URL, "With `format=txt`.")}
    refused: Json = {JSON: ref("LegacyError"), TXT: TEXT}
    return (
        Answer(200, "The file is stored.", stored, usual=USUAL),
        Answer(302, "The file is stored: with `format=redirect`, its page.", {}, ("Location",), usual=USUAL),
        Answer(400, "It is not; the text says why, and the number in `error` is the old host's.", refused, usual=USUAL),
        Answer(405, "Upload with POST, or with GET for an address.", refused, ("Allow",), usual=USUAL),
        Answer(429, "Too many uploads.", refused, ("Retry-After",), usual=USUAL),
        Answer(500, "Something went wrong inside the gateway.", refused, usual=USUAL),
        Answer(503, "The catalog or the disk cannot take it just now.", refused, ("Retry-After",), usual=USUAL),
    )
