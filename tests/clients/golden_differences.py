"""Every recorded request that we answer otherwise on purpose, and why. What is not listed here is answered the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from unittest.mock import ANY

from tests.clients.golden import Facts


@dataclass(frozen=True, slots=True)
class Difference:
    """`ours` is everything our answer says otherwise; of a message, its beginning."""

    reason: str
    ours: Facts


SUCCESS: Facts = {"outcome": "success"}
EMPTY_PAGE: Facts = {"outcome": "page"}


def refused(code: int, message: str) -> Facts:
    return {"outcome": "refused", "code": code, "message": message}


def only(code: int, message: str, **more: Any) -> Facts:
    """Both refuse, with other words."""
    return {"code": code, "message": message, **more}


# Both sent a picture with one byte behind its end.
V4_WORDS = "The answer is that of V4, whichever version the tool was made for."
NO_REDIRECT = "Every spelling of the path answers directly; redirects lost uploads."
TOLERANT_BASE64 = "Every usual spelling of base64 is understood."
OTHER_METHOD = "Only POST and GET upload; others are told so."
PREFLIGHT = "OPTIONS is a CORS preflight, so that pages of other sites may upload."
BY_CONTENT = "A video is known by its content, whatever type the tool gives the part."
SOURCE_HASH = ["image.source_md5 is str, not NoneType"]
PLACE_REMOVED = (
    "Where a photo was taken is removed from it, and the hash of what was sent is told beside the stored one."
)
OWN_ENCODER = "Pictures that had to be written anew come from another encoder."
BYTES_KEPT = "The bytes that were sent are kept; only the renditions are turned upright."
EXACT_EXPIRATION = "An expiration is kept exactly, however short."
EXPIRATION_REFUSED = "An expiration that is none is refused instead of becoming five minutes."
REUSED = "A duplicate is answered with the record there is, and only the same owner's counts as one."
OWNER_DECIDES = "The owner of the key decides who may upload, as in 4.1; there is no switch for the whole site."
NO_MODERATION = "Nothing waits for a moderator."
NO_SUCH_SETTING = "There is no such setting, the parameter alone counts."
GUARDED = "The recorded version could fetch nothing; ours says what is wrong without telling what is at the address."
ANYONE_FETCHES = "Any key may send addresses, if the site allows them."
SIZE_NAMED = "A body that is too big is refused by its size, whatever part of it was lost elsewhere."
ONE_VALUE = "The old words are followed by what to do."
UNREACHABLE = "The URL could not be fetched."
PRIVATE = "Unsupported non-public IP address for upload"

DIFFERENCES = {
    "v3/003-exif-jpeg": Difference(
        f"V4 shows what a photo says about itself as its description; in V3 it was the title. {PLACE_REMOVED}",
        {
            "size": 82_732,
            "size_formatted": "82.7 KB",
            "md5": "13a15aa2284d96f94434b029467c7c90",
            "source_md5": "f8619217c660ea6697d810dced3d8422",
            "title": "exif",
            "title_truncated": "exif",
            "title_truncated_html": "exif",
            "description": "A described photo",
            "keys": ["image.description is str, not NoneType", *SOURCE_HASH],
        },
    ),
    "v3/009-redirect": Difference(V4_WORDS, {"to": "/image/mid.ID"}),
    "v3/011-query-key-no-slash": Difference(NO_REDIRECT, SUCCESS),
    "v3/013-action-query": Difference(V4_WORDS, only(100, "No action provided")),
    "v3/015-b64-datauri": Difference(TOLERANT_BASE64, SUCCESS),
    "v3/017-b64-notimage": Difference(V4_WORDS, {"code": 610}),
    "v3/019-nosource": Difference(V4_WORDS, {"message": "Empty upload source"}),
    "v3/021-badkey": Difference(V4_WORDS, {"message": "Invalid API key."}),
    "v3/023-badkey-redirect": Difference(V4_WORDS, {"message": "Invalid API key."}),
    "v3/025-bad-action": Difference(V4_WORDS, {"message": "Invalid API action"}),
    "v3/027-txt-file": Difference(V4_WORDS, {"code": 610}),
    "v3/029-too-big": Difference(V4_WORDS, {"code": 400}),
    "v3/031-options": Difference(PREFLIGHT, EMPTY_PAGE),
    "v4/004-exif-jpeg-use_file_date": Difference(
        f"{BYTES_KEPT} {PLACE_REMOVED} "
        "V1.1 dates the upload of an admin back, here to a summer with another offset; 4.2.0 did not.",
        {
            "size": 82_732,
            "size_formatted": "82.7 KB",
            "md5": "13a15aa2284d96f94434b029467c7c90",
            "source_md5": "f8619217c660ea6697d810dced3d8422",
            "zone": -4 * 3600.0,
            "keys": SOURCE_HASH,
        },
    ),
    "v4/005-rotated-jpeg": Difference(
        f"{BYTES_KEPT} {PLACE_REMOVED}",
        {
            "size": 51_982,
            "size_formatted": "52 KB",
            "md5": "04f7c5c993a20f1b54ef04559ddc14f0",
            "source_md5": "858e75e69781116cb4387da843e4f9d4",
            "keys": SOURCE_HASH,
        },
    ),
    "v4/010-bmp": Difference(
        f"{OWN_ENCODER} The hash of what was sent is told.",
        {
            "size": ANY,
            "size_formatted": ANY,
            "md5": ANY,
            "source_md5": "d09de9392a7d84684023f863cdb3f1f5",
            "keys": SOURCE_HASH,
        },
    ),
    "v4/013-mp4": Difference(OWN_ENCODER, {"frame_size": ANY}),
    "v4/014-mp4-octet-declared-as-image": Difference(BY_CONTENT, SUCCESS),
    "v4/019-key-in-query": Difference(NO_REDIRECT, SUCCESS),
    "v4/028-datauri-urlencoded": Difference(TOLERANT_BASE64, SUCCESS),
    "v4/029-b64-nopad": Difference(TOLERANT_BASE64, SUCCESS),
    "v4/031-b64-urlsafe": Difference(TOLERANT_BASE64, SUCCESS),
    "v4/035-json-body": Difference("A JSON body with the names of the form fields is understood too.", SUCCESS),
    "v4/041-image-alias-file": Difference("A file in the part `image` is taken like one in `source`.", SUCCESS),
    "v4/043-url-localhost": Difference(GUARDED, only(400, PRIVATE)),
    "v4/044-url-private-ip": Difference(GUARDED, only(400, PRIVATE)),
    "v4/046-url-nxdomain": Difference(GUARDED, only(400, UNREACHABLE)),
    "v4/047-url-ftps-scheme": Difference(GUARDED, only(400, "Unsupported URL scheme")),
    "v4/049-url-bad-noext": Difference(GUARDED, only(400, UNREACHABLE)),
    "v4/050-url-get-nslash": Difference(NO_REDIRECT, refused(400, PRIVATE)),
    "v4/052-url-user-key": Difference(ANYONE_FETCHES, only(400, UNREACHABLE)),
    "v4/068-double-slash": Difference(NO_REDIRECT, SUCCESS),
    "v4/073-method-HEAD": Difference(OTHER_METHOD, {"status": 405}),
    "v4/074-method-PUT": Difference(OTHER_METHOD, only(405, "PUT is not used here.", status=405)),
    "v4/076-method-PATCH": Difference(OTHER_METHOD, only(405, "PATCH is not used here.", status=405)),
    "v4/077-method-OPTIONS-cors": Difference(PREFLIGHT, EMPTY_PAGE),
    "v4/079-put-with-form": Difference(OTHER_METHOD, only(405, "PUT is not used here.", status=405)),
    "v4/083-truncated-jpeg": Difference(
        "The message says what is wrong with the file and shows no path of the server.",
        {"message": "This JPEG file is damaged or cut short"},
    ),
    "v4/091-mp4-octet": Difference(BY_CONTENT, SUCCESS),
    "v4/101-p-width-float": Difference(OWN_ENCODER, {"size": ANY, "size_formatted": ANY, "md5": ANY}),
    "v4/106-p-exp-PT4M": Difference(EXACT_EXPIRATION, {"lifetime": 240.0}),
    "v4/113-p-exp-int-small": Difference(EXACT_EXPIRATION, {"lifetime": 10.0}),
    "v4/115-p-exp-bad": Difference(EXPIRATION_REFUSED, refused(400, "Invalid expiration 'tomorrow'")),
    "v4/118-p-exp-neg": Difference(EXPIRATION_REFUSED, refused(400, "Invalid expiration '-PT5M'")),
    "v4/119-p-exp-PT90S": Difference(EXACT_EXPIRATION, {"lifetime": 90.0}),
    "v4/121-p-exp-P0D": Difference(EXPIRATION_REFUSED, refused(400, "Invalid expiration 'P0D'")),
    "v4/131-p-cat-abc": Difference(
        "A category that is no number is named; the recorded message was the database's.",
        only(400, "Invalid category_id 'abc'"),
    ),
    "v4/145-p-tags-array": Difference(ONE_VALUE, {"message": "Array to string conversion: send tags once"}),
    "v4/149-p-title-array": Difference(
        "What was a broken page is said in JSON.", refused(0, "Array to string conversion: send title once")
    ),
    "v4/152-user-dup": Difference(REUSED, SUCCESS),
    "v4/154-user-dup-b64": Difference(REUSED, SUCCESS),
    "v4/157-user-resize-dup-src-again": Difference(REUSED, SUCCESS),
    "v4/161-guest-url-source": Difference(ANYONE_FETCHES, only(400, UNREACHABLE)),
    "v4/167-post-over-ini-limit-header-key": Difference(
        "The web server's own limit showed a page; ours is said in JSON.", refused(400, "File too big - max 1 MB")
    ),
    "v4/172-guest-uploads-off-adminkey-txt": Difference(OWNER_DECIDES, SUCCESS),
    "v4/175-private-site-userkey": Difference(OWNER_DECIDES, SUCCESS),
    "v4/176-maintenance-userkey": Difference(
        "There is no maintenance page that old tools take for a success.", SUCCESS
    ),
    "v4/178-expirable-off": Difference(
        NO_SUCH_SETTING, {"lifetime": 300.0, "keys": ["image.expiration_date_gmt is str, not NoneType"]}
    ),
    "v4/179-seo-off": Difference("Viewer addresses always carry the title.", {"viewer": "/image/Some-title.ID"}),
    "v4/184-max-image-width": Difference(
        "Pictures are made smaller on request only.",
        {
            "width": 640,
            "height": 480,
            "size": 3039,
            "size_formatted": "3 KB",
            "md5": "e3c90ef0ac7dc3fa5d339928152a1b38",
            "source_md5": None,
            "chain": 7,
            "display": "medium",
            "display_width": "500",
            "display_height": 375,
            "keys": ANY,
        },
    ),
    "v4/185-medium-fixed-height": Difference(
        "The width of the medium rendition is what can be set, never its height.",
        {
            "display_width": "500",
            "display_height": 375,
            "keys": ["image.display_width is str, not int", "image.display_height is int, not str"],
        },
    ),
    "v4/190-moderation-pending-user-txt": Difference(REUSED, SUCCESS),
    "v4/214-post-over-php-post_max_size-form-key": Difference(SIZE_NAMED, only(400, "File too big - max 1 MB")),
    "v4/215-post-over-php-post_max_size-txt": Difference(
        f"{SIZE_NAMED} The format that was asked for is not lost either.",
        {"as": "text", "status": None, "code": None, "message": "File too big - max 1 MB"},
    ),
    "v4/223-query-params-on-post": Difference(NO_REDIRECT, SUCCESS),
    "v4/224-post-wins-over-query": Difference(NO_REDIRECT, SUCCESS),
    "v4/230-banned-user-key": Difference(
        "The keys of a disabled owner are refused before anything else.", only(401, "Request denied")
    ),
    "v4/232-user-default-expiration": Difference(REUSED, SUCCESS),
    "v4/235-moderation-pending-guest-txt": Difference(NO_MODERATION, SUCCESS),
    "v4/238-user-default-expiration": Difference(
        NO_SUCH_SETTING, {"lifetime": None, "keys": ["image.expiration_date_gmt is NoneType, not str"]}
    ),
    "v4/239-guest-auto-delete-setting-overrides-param": Difference(NO_SUCH_SETTING, {"lifetime": 3 * 86_400.0}),
    "v4/241-viewer-expired-before-sweep": Difference(
        "What is past its time is gone at that moment, not at the next sweep.", {"status": 404, "to": None}
    ),
}

NO_PAGE = "there is no page for it yet"
NOT_REPLAYED = {
    "v4/071-api-v1-doc-page-head": "the documentation has another address",
    "v4/206-album-head": NO_PAGE,
    "v4/208-album-private": NO_PAGE,
    "v4/209-album-password": NO_PAGE,
    "v4/210-user-profile": NO_PAGE,
    "v4/211-user-profile-route": NO_PAGE,
}
