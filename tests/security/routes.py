"""Every route there is, and what each of seven people gets there when it is about what alice keeps to herself.

A row: the endpoint, the method, the path, what is sent, and the statuses in the order of `PEOPLE`. `{photo}`, `{film}`,
`{sound}`, `{album}` and `{session}` are hers and private; `{word}` is a tag of hers. A route that is not in `ROWS`
fails the test: whoever adds one says here who may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# The disabled one and the one with the revoked key are alice herself.
PEOPLE = ("anonymous", "other", "guest", "admin", "revoked", "disabled", "owner")

NOBODYS = "404 404 404 404 404 404 404"
PUBLIC = "200 200 200 200 200 200 200"
WHILE_ENABLED = "200 200 200 200 200 404 200"
HERS = "401 404 404 404 401 403 200"
HERS_TO_DELETE = "401 404 404 404 401 403 204"
WITH_A_KEY = "401 200 200 200 401 403 200"
REFUSED_ALIKE = "401 422 422 422 401 403 422"


@dataclass(frozen=True, slots=True)
class Row:
    endpoint: str
    method: str
    path: str
    statuses: str
    json: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    sends_file: str = ""  # the field of the form that carries a picture

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def expected(self) -> dict[str, int]:
        return dict(zip(PEOPLE, map(int, self.statuses.split()), strict=True))


TUS = (("Tus-Resumable", "1.0.0"),)
PIECE = (*TUS, ("Upload-Offset", "0"), ("Content-Type", "application/offset+octet-stream"))

PAGES = [
    Row("pages.welcome", "GET", "/", PUBLIC),
    Row("pages.tools", "GET", "/tools", PUBLIC),
    Row("pages.sharex", "GET", "/tools/picgate.sxcu", PUBLIC),
    Row("pages.oembed", "GET", "/oembed?url=https://img.example.org/image/{photo}", NOBODYS),
    Row("pages.album", "GET", "/album/{album}", NOBODYS),
    Row("pages.album", "POST", "/album/{album}", NOBODYS),
    Row("pages.category", "GET", "/category/hushed", PUBLIC),
    Row("pages.tag", "GET", "/tag/{word}", NOBODYS),
    Row("pages.profile", "GET", "/user/alice", WHILE_ENABLED),
    Row("pages.albums", "GET", "/user/alice/albums", WHILE_ENABLED),
    Row("addresses.viewer", "GET", "/image/{photo}", NOBODYS),
    Row("addresses.viewer", "GET", "/video/{film}", NOBODYS),
    Row("addresses.viewer", "GET", "/audio/{sound}", NOBODYS),
    Row("addresses.delete", "GET", "/image/{photo}/delete/guessed", NOBODYS),
    Row("addresses.delete", "POST", "/image/{photo}/delete/guessed", NOBODYS),
    Row("docs.page", "GET", "/docs", PUBLIC),
    Row("docs.description", "GET", "/openapi.json", PUBLIC),
    Row("docs.swagger-ui-bundle-js", "GET", "/docs/swagger-ui-bundle.js", PUBLIC),
    Row("docs.swagger-ui-css", "GET", "/docs/swagger-ui.css", PUBLIC),
    Row("static", "GET", "/static/picgate.css", PUBLIC),
    Row("health", "GET", "/health", PUBLIC),
    Row("ops.metrics", "GET", "/metrics", "403 403 403 403 403 403 403"),
]

LEGACY = [
    Row(endpoint, method, path, " ".join([status] * len(PEOPLE)))
    for endpoint, path in (("legacy_api", "/api"), ("legacy_api_root", "/api/"), ("legacy_upload", "/api/1/upload"))
    for method, status in (("GET", "400"), ("POST", "400"), ("PUT", "405"), ("PATCH", "405"), ("DELETE", "405"))
]
LEGACY.append(Row("legacy_upload", "POST", "/api/1/upload", "400 200 200 200 400 400 200", sends_file="source"))

PICORA = [
    Row("picora.health", "GET", "/v1/health", PUBLIC),
    Row("picora.verify", "GET", "/v1/auth/verify", WITH_A_KEY),
    Row("picora.me", "GET", "/v1/user/me", WITH_A_KEY),
    Row("picora.usage", "GET", "/v1/user/me/usage", WITH_A_KEY),
    Row("picora.rate_limits", "GET", "/v1/user/me/rate-limits", WITH_A_KEY),
    Row("picora.sync_state", "GET", "/v1/sync/state", WITH_A_KEY),
    Row("picora.media_list", "GET", "/v1/media", WITH_A_KEY),
    Row("picora.media_get", "GET", "/v1/media/{photo}", HERS),
    Row("picora.media_delete_many", "DELETE", "/v1/media", WITH_A_KEY,
        json={"items": [{"id": "{photo}", "type": "image"}, {"id": "{film}", "type": "video"}]}),
    Row("picora.images_list", "GET", "/v1/images", WITH_A_KEY),
    Row("picora.images_list", "GET", "/v1/images?isPublic=false&q=hush", WITH_A_KEY),
    Row("picora.images_upload", "POST", "/v1/images", "401 201 201 201 401 403 201", sends_file="file"),
    Row("picora.images_exist", "POST", "/v1/images/exists", WITH_A_KEY, json={"hashes": ["{sha256}"]}),
    Row("picora.images_delete_many", "DELETE", "/v1/images", WITH_A_KEY, json={"ids": ["{photo}"]}),
    Row("picora.image_get", "GET", "/v1/images/{photo}", HERS),
    Row("picora.image_change", "PATCH", "/v1/images/{photo}", HERS, json={"isPublic": True, "title": "Seen"}),
    Row("picora.image_sign", "POST", "/v1/images/{photo}/sign", HERS, json={"expiresIn": 60}),
    Row("picora.image_delete", "DELETE", "/v1/images/{photo}", HERS_TO_DELETE),
    Row("picora.videos_list", "GET", "/v1/videos", WITH_A_KEY),
    Row("picora.videos_upload", "POST", "/v1/videos", REFUSED_ALIKE, sends_file="file"),
    Row("picora.video_get", "GET", "/v1/videos/{film}", HERS),
    Row("picora.video_status", "GET", "/v1/videos/{film}/status", HERS),
    Row("picora.video_change", "PATCH", "/v1/videos/{film}", HERS, json={"isPublic": True}),
    Row("picora.video_sign", "POST", "/v1/videos/{film}/sign", HERS, json={"expiresIn": 60}),
    Row("picora.video_delete", "DELETE", "/v1/videos/{film}", HERS),
    Row("picora.audio_upload", "POST", "/v1/audio", REFUSED_ALIKE, sends_file="file"),
    Row("picora.audio_get", "GET", "/v1/audio/{sound}", HERS),
    Row("picora.audio_change", "PATCH", "/v1/audio/{sound}", HERS, json={"isPublic": True}),
    Row("picora.audio_sign", "POST", "/v1/audio/{sound}/sign", HERS, json={"expiresIn": 60}),
    Row("picora.audio_delete", "DELETE", "/v1/audio/{sound}", HERS_TO_DELETE),
    Row("picora.uploads_begin", "POST", "/v1/uploads", "401 201 201 201 401 403 201",
        headers=(*TUS, ("Upload-Length", "10"))),
    Row("picora.uploads_options", "OPTIONS", "/v1/uploads", "204 204 204 204 204 204 204"),
    Row("picora.upload_options", "OPTIONS", "/v1/uploads/{session}", "204 204 204 204 204 204 204"),
    Row("picora.upload_state", "GET", "/v1/uploads/{session}", HERS, headers=TUS),
    Row("picora.upload_append", "PATCH", "/v1/uploads/{session}", HERS_TO_DELETE, headers=PIECE),
    Row("picora.upload_override", "POST", "/v1/uploads/{session}", HERS_TO_DELETE,
        headers=(*PIECE, ("X-HTTP-Method-Override", "PATCH"))),
    Row("picora.upload_abandon", "DELETE", "/v1/uploads/{session}", HERS_TO_DELETE, headers=TUS),
]  # fmt: skip

# Those of the layer that sends files have no endpoint.
BYTES = "401 403 403 403 401 401 200"
FILES = [
    Row("", "GET", path, BYTES)
    for path in ("/{photo}.jpg", "/{photo}.th.jpg", "/{photo}.md.jpg", "/{photo}.png", "/{photo}.jpg?w=100&fmt=png",
                 "/{photo}.jpg?v=2", "/old/hush.jpg", "/old/hush.th.jpg", "/{film}.th.jpg",
                 "/{sound}.th.jpg")
]  # fmt: skip

ROWS = [*PAGES, *LEGACY, *PICORA, *FILES]
