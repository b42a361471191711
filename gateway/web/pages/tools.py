"""How to set up the usual upload tools. The key is filled in by the reader's own browser and never sent here."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, render_template

from gateway.urls import Urls
from gateway.web.pages.site import Site

PLACEHOLDER = "YOUR_API_KEY"
FILENAME = "picgate.sxcu"


@dataclass(frozen=True, slots=True)
class Tools:
    """Texts ready to paste, with the placeholder where the key belongs."""

    endpoint: str
    placeholder: str
    filename: str
    sharex: str
    picgo: str
    picgo_header: str
    curl: str
    curl_link: str


def view(urls: Urls) -> Callable[[], str]:
    tools = Tools(
        endpoint=endpoint(urls),
        placeholder=PLACEHOLDER,
        filename=FILENAME,
        sharex=sharex(urls),
        picgo=picgo(urls),
        picgo_header=picgo_header(),
        curl=curl(urls, PLACEHOLDER),
        curl_link=curl(urls, PLACEHOLDER, "-F format=txt "),
    )

    def page() -> str:
        return render_template("tools.html", tools=tools)

    return page


def sharex_file(urls: Urls) -> Callable[[], Response]:
    def file() -> Response:
        response = Response(sharex(urls), mimetype="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="{FILENAME}"'
        return response

    return file


def endpoint(urls: Urls) -> str:
    return urls.page("/api/1/upload")


def curl(urls: Urls, key: str, options: str = "") -> str:
    return f'curl -H "X-API-Key: {key}" {options}-F "source=@picture.png" {endpoint(urls)}'


def sharex(urls: Urls) -> str:
    return as_json(
        {
            "Version": "14.1.0",  # the first with this spelling of {json:…}; later versions read it too
            "Name": f"Picgate ({Site.at(urls).name})",
            "DestinationType": "ImageUploader",
            "RequestMethod": "POST",
            "RequestURL": endpoint(urls),
            "Headers": {"X-API-Key": PLACEHOLDER},
            "Body": "MultipartFormData",
            "FileFormName": "source",
            "URL": "{json:image.url}",
            "ThumbnailURL": "{json:image.thumb.url}",
            "DeletionURL": "{json:image.delete_url}",
            "ErrorMessage": "{json:error.message}",
        }
    )


def picgo(urls: Urls) -> str:
    """The same for PicGo and PicList: what the plugin web-uploader reads from the configuration."""
    uploader = {
        "url": endpoint(urls),
        "paramName": "source",
        "jsonPath": "image.url",
        "customHeader": picgo_header(),
    }
    bed = {"current": "web-uploader", "uploader": "web-uploader", "web-uploader": uploader}
    return as_json({"picBed": bed, "picgoPlugins": {"picgo-plugin-web-uploader": True}})


def picgo_header() -> str:
    """The plugin wants an object spelled as text."""
    return json.dumps({"X-API-Key": PLACEHOLDER})


def as_json(value: dict[str, object]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
