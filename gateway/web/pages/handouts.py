"""Settings of upload tools, ready to be used: an address, a key, and where the link is in the answer.

Each is a text with the key in it. A key that is anything but letters, digits and a few marks would have to be quoted,
in every language in another way: see `is_plain`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from shlex import quote

from gateway.urls import Urls
from gateway.web.pages.site import Site

PLACEHOLDER = "YOUR_API_KEY"
SHAREX_VERSION = "14.1.0"  # the first with this spelling of {json:…}; later versions read it too


@dataclass(frozen=True, slots=True)
class Handout:
    filename: str
    mime: str
    text: str


def handouts(urls: Urls, key: str = PLACEHOLDER) -> dict[str, Handout]:
    """By name, everything that is a file of its own."""
    return {
        "sharex": Handout("picgate.sxcu", "application/json", sharex(urls, key)),
        "sharex-v1": Handout("picgate-v1.sxcu", "application/json", sharex_v1(urls, key)),
        "picgo": Handout("picgo.json", "application/json", picgo(urls, key)),
        "piclist": Handout("piclist.json", "application/json", piclist(urls, key)),
        "upic": Handout("upic.json", "application/json", upic(urls, key)),
        "flameshot": Handout("picgate-flameshot.sh", "application/x-sh", flameshot(urls, key)),
        "script": Handout("picgate-upload.sh", "application/x-sh", script(urls, key)),
    }


def is_plain(key: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.-]+", key) is not None


def endpoint(urls: Urls) -> str:
    return urls.page("/api/1/upload")


def header(key: str) -> str:
    """As JSON, for tools that want an object spelled as text."""
    return json.dumps({"X-API-Key": key})


def as_json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


# files that tools import


def sharex(urls: Urls, key: str) -> str:
    return as_json(
        {
            "Version": SHAREX_VERSION,
            "Name": f"Picgate ({Site.at(urls).name})",
            "DestinationType": "ImageUploader",
            "RequestMethod": "POST",
            "RequestURL": endpoint(urls),
            "Headers": {"X-API-Key": key},
            "Body": "MultipartFormData",
            "FileFormName": "source",
            "URL": "{json:image.url}",
            "ThumbnailURL": "{json:image.thumb.url}",
            "DeletionURL": "{json:image.delete_url}",
            "ErrorMessage": "{json:error.message}",
        }
    )


def sharex_v1(urls: Urls, key: str) -> str:
    """Answers with less, and takes no other files than pictures."""
    return as_json(
        {
            "Version": SHAREX_VERSION,
            "Name": f"Picgate /v1 ({Site.at(urls).name})",
            "DestinationType": "ImageUploader",
            "RequestMethod": "POST",
            "RequestURL": urls.page("/v1/images"),
            "Headers": {"Authorization": f"Bearer {key}"},
            "Body": "MultipartFormData",
            "FileFormName": "file",
            "URL": "{json:data.url}",
            "ThumbnailURL": "{json:data.thumbnailUrl}",
            "ErrorMessage": "{json:error}",
        }
    )


def picgo(urls: Urls, key: str) -> str:
    """What the plugin web-uploader reads from the configuration; PicList knows the same plugin."""
    uploader = {"url": endpoint(urls), "paramName": "source", "jsonPath": "image.url", "customHeader": header(key)}
    bed = {"current": "web-uploader", "uploader": "web-uploader", "web-uploader": uploader}
    return as_json({"picBed": bed, "picgoPlugins": {"picgo-plugin-web-uploader": True}})


def piclist(urls: Urls, key: str) -> str:
    """PicList brings an uploader for sites of all kinds, and needs no plugin."""
    uploader = {
        "endpoint": endpoint(urls),
        "method": "POST",
        "formDataKey": "source",
        "headers": header(key),
        "body": "{}",
        "customPrefix": "",
        "resDataPath": "image.url",
    }
    return as_json({"picBed": {"current": "advancedplist", "uploader": "advancedplist", "advancedplist": uploader}})


def upic(urls: Urls, key: str) -> str:
    """uPic wants text within text within text."""
    data = {
        "url": endpoint(urls),
        "method": "POST",
        "field": "source",
        "headers": json.dumps([{"key": "X-API-Key", "value": key}]),
        "bodys": "[]",
        "resultPath": '["image", "url"]',
        "domain": "",
        "saveKeyPath": "",
        "suffix": "",
        "useBase64": False,
    }
    host = {"id": "picgate", "name": f"Picgate ({Site.at(urls).name})", "type": "custom", "data": json.dumps(data)}
    return json.dumps([json.dumps(host)]) + "\n"


def obsidian(urls: Urls, key: str) -> dict[str, str]:
    """The four values of the plugin Image Uploader."""
    return {
        "address": endpoint(urls),
        "header": header(key),
        "body": json.dumps({"source": "$FILE"}),
        "path": "image.url",
    }


# command lines


def curl(urls: Urls, key: str, options: str = "") -> str:
    return f'curl -H "X-API-Key: {key}" {options}-F "source=@picture.png" {endpoint(urls)}'


def script(urls: Urls, key: str) -> str:
    """For ksnip and Typora, which name the files and read links, and for the command line."""
    return f"""#!/bin/sh
# Sends the files it is given to {Site.at(urls).name} and prints their links, one on a line.
key={quote(key)}
url={quote(endpoint(urls))}
for file in "$@"; do
  name=$(printf %s "$file" | sed 's/[\\\\"]/\\\\&/g')
  if answer=$(curl --silent --show-error --fail-with-body -H "X-API-Key: $key" \\
    -F "source=@\\"$name\\"" -F format=txt "$url"); then
    printf '%s\\n' "$answer"
  else
    printf '%s: %s\\n' "$file" "$answer" >&2
    exit 1
  fi
done
"""


def flameshot(urls: Urls, key: str) -> str:
    return f"""#!/bin/sh
# Takes a picture of a part of the screen with Flameshot, sends it to {Site.at(urls).name},
# prints the link, and puts it into the clipboard.
key={quote(key)}
url={quote(endpoint(urls))}
shot=$(mktemp) || exit 1
trap 'rm -f "$shot"' EXIT
flameshot gui --raw >"$shot" 2>/dev/null
[ -s "$shot" ] || exit 0 # nothing was chosen
if answer=$(curl --silent --show-error --fail-with-body -H "X-API-Key: $key" \\
  -F "source=@$shot;filename=screenshot.png" -F format=txt "$url"); then
  printf '%s\\n' "$answer"
  if command -v wl-copy >/dev/null && [ -n "$WAYLAND_DISPLAY" ]; then
    printf %s "$answer" | wl-copy
  elif command -v xclip >/dev/null; then
    printf %s "$answer" | xclip -selection clipboard
  fi
else
  printf '%s\\n' "$answer" >&2
  command -v notify-send >/dev/null && notify-send "Not uploaded" "$answer"
  exit 1
fi
"""
