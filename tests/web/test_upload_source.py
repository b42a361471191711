"""Where the picture may be in the request: a file, base64 in all its spellings, or an address."""

from __future__ import annotations

import io
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from tests.conftest import draw
from tests.web.conftest import Post, picture_server

PICTURE = draw(seed=9)
TEXT = b64encode(PICTURE).decode()


def test_it_works_as_a_file_without_a_type(post: Post) -> None:
    assert post(source=(io.BytesIO(PICTURE), "noext", "")).status_code == 200


@pytest.mark.parametrize("kind", ["application/octet-stream", "text/plain", "image/jpeg", "video/mp4"])
def test_the_declared_type_does_not_matter(post: Post, kind: str) -> None:
    assert post(source=(io.BytesIO(PICTURE), "x.jpeg", kind)).json["image"]["mime"] == "image/png"


def test_a_file_called_image_is_taken_like_source(post: Post) -> None:
    answer = post(source=None, image=(io.BytesIO(PICTURE), "a.png")).json

    assert answer["data"]["mime"] == "image/png"


def test_a_nameless_empty_part_is_no_source(post: Post) -> None:
    assert post(source=(io.BytesIO(b""), ""), image=TEXT).status_code == 200


SPELLINGS = {
    "plain": TEXT,
    "data URI": f"data:image/png;base64,{TEXT}",
    "data URI without a type": f"data:;base64,{TEXT}",
    "unpadded": TEXT.rstrip("="),
    "URL-safe": urlsafe_b64encode(PICTURE).decode(),
    "URL-safe, unpadded": urlsafe_b64encode(PICTURE).decode().rstrip("="),
    "lines of 76": re.sub("(.{76})", "\\1\r\n", TEXT),
    "lines of 64, blanks for line ends": re.sub("(.{64})", "\\1 ", TEXT),
    "plus turned into blank": TEXT.replace("+", " "),
    "line end at the end": TEXT + "\n",
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_base64_is_understood_however_it_is_spelled(client: FlaskClient, alice_key: str, text: str, form: str) -> None:
    fields = {"key": alice_key, "source": text}
    if form == "urlencoded":
        answer = client.post("/api/1/upload", data=urlencode(fields), content_type="application/x-www-form-urlencoded")
    else:
        answer = client.post("/api/1/upload", data=fields, content_type="multipart/form-data")

    assert answer.status_code == 200, answer.text
    assert client.get(answer.json["image"]["url"]).data == PICTURE


def test_base64_with_its_plus_unescaped_in_a_form(client: FlaskClient, alice_key: str) -> None:
    picture = next(data for seed in range(100) if "+" in b64encode(data := draw(seed=seed)).decode())
    body = f"key={alice_key}&source={b64encode(picture).decode()}"
    answer = client.post("/api/1/upload", data=body, content_type="application/x-www-form-urlencoded")

    assert client.get(answer.json["image"]["url"]).data == picture


def test_base64_in_the_query_of_a_post(client: FlaskClient, alice_key: str) -> None:
    answer = client.post("/api/1/upload/", query_string={"key": alice_key, "source": TEXT, "format": "json"})

    assert answer.status_code == 200


def test_base64_has_a_random_name_with_the_real_extension(post: Post) -> None:
    image = post(source=TEXT).json["image"]

    assert re.fullmatch(r"[0-9a-f]{12}\.png", image["original_filename"])
    assert image["title"] == image["original_filename"].removesuffix(".png")


def test_a_text_field_of_several_megabytes_is_fine(post: Post) -> None:
    import random

    noise = random.Random(1).randbytes(1200 * 1000 * 3)
    from PIL import Image

    out = io.BytesIO()
    Image.frombytes("RGB", (1200, 1000), noise).save(out, "PNG")
    answer = post(source=b64encode(out.getvalue()).decode())

    assert answer.json["image"]["size"] == len(out.getvalue()) > 3_000_000


def test_a_file_wins_over_text(client: FlaskClient, alice_key: str) -> None:
    data = {"key": alice_key, "source": (io.BytesIO(PICTURE), "a.png"), "image": b64encode(draw(seed=3)).decode()}

    assert client.get(client.post("/api/1/upload", data=data).json["data"]["url"]).data == PICTURE


@pytest.mark.parametrize("how", ["GET", "POST form", "POST part", "POST query"])
def test_an_address_is_fetched(client_with: Callable[..., tuple[FlaskClient, str]], how: str) -> None:
    with picture_server(**{"a%20b": PICTURE}) as site:
        client, key = client_with(uploads={"url_allow": (site.removeprefix("http://"),)})
        fields = {"key": key, "source": f"{site}/a b.png"}
        if how == "GET":
            answer = client.get("/api/1/upload", query_string=fields)
        elif how == "POST form":
            answer = client.post(
                "/api/1/upload", data=urlencode(fields), content_type="application/x-www-form-urlencoded"
            )
        elif how == "POST part":
            answer = client.post("/api/1/upload", data=fields, content_type="multipart/form-data")
        else:
            answer = client.post("/api/1/upload/", query_string=fields)

    assert answer.status_code == 200, answer.text
    assert answer.json["image"]["original_filename"] == "a b.png"
    assert client.get(answer.json["image"]["url"]).data == PICTURE


def test_an_address_in_this_machine_is_refused_and_never_visited(post: Post) -> None:
    answer = post(source="http://127.0.0.1:9/x.png")

    assert answer.status_code == 400
    assert answer.json["error"] == {"message": "Unsupported non-public IP address for upload", "code": 400}


def test_other_schemes_are_refused(post: Post) -> None:
    answer = post(source="ftps://example.com/x.png")

    assert answer.json["error"]["code"] == 400
    assert answer.json["error"]["message"].startswith("Unsupported URL scheme")


def test_what_is_missing_at_an_address_is_not_told(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    with picture_server() as site:
        client, key = client_with(uploads={"url_allow": (site.removeprefix("http://"),)})
        answer = client.get("/api/1/upload", query_string={"key": key, "source": f"{site}/nothing.png"})

    assert answer.status_code == 400
    assert "404" not in answer.text


def test_addresses_can_be_switched_off(client_with: Callable[..., tuple[FlaskClient, str]]) -> None:
    client, key = client_with(uploads={"url_sources": False})
    answer = client.post("/api/1/upload", data={"key": key, "source": "http://127.0.0.1/x.png"})

    assert answer.json["error"] == {"message": "URL uploading is disabled", "code": 403}
