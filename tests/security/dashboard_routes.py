"""Every route of the dashboard, and what each of six people gets there when it is about what is alice's.

A row: the endpoint, the method, the path, the statuses in the order of `VISITORS`, and what is sent besides the token
of whoever sends it. `{photo}`, `{album}`, `{key}` and `{session}` are hers, `{album_of_other}` is not, `{owner}` is she
herself and `{run}` an import. The route is in no other list: whoever adds one says here who may.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Those who are signed out, or disabled, still have the cookie and the token of before.
VISITORS = ("nobody", "signed-out", "disabled", "other", "admin", "owner")
NOT_IN = VISITORS[:3]
FOR_ALL = ("sign_in", "sign_out", "password", "language", "nothing")

SEEN = "303 303 303 200 200 200"
HERS_TO_SEE = "303 303 303 404 404 200"
ADMINS_TO_SEE = "303 303 303 404 200 404"
DONE = "403 403 403 303 303 303"
HERS = "403 403 403 404 404 200"
HERS_DONE = "403 403 403 404 404 303"
HERS_DONE_QUIETLY = "403 403 403 404 404 204"
ADMINS = "403 403 403 404 200 404"
ADMINS_DONE = "403 403 403 404 303 404"
OPEN_FORM = "303 403 403 303 303 303"


@dataclass(frozen=True, slots=True)
class Route:
    endpoint: str
    method: str
    path: str
    statuses: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    sends_file: bool = False

    def __str__(self) -> str:
        told = " ".join(f"{name}={text}" for name, text in self.fields.items())
        return " ".join(filter(None, (self.method, self.path, told)))

    def expected(self) -> dict[str, int]:
        return dict(zip(VISITORS, map(int, self.statuses.split()), strict=True))

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def is_for_all(self) -> bool:
        return self.endpoint in FOR_ALL


TUS = {"Tus-Resumable": "1.0.0"}
PIECE = TUS | {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
MEDIA = {"title": "Seen", "shown": "public", "sites": "any"}
ALBUM = {"name": "Seen", "privacy": "public"}

DOOR = [
    Route("front", "GET", "/dashboard", "303 303 303 302 302 302"),
    Route("nothing", "GET", "/dashboard/nothing/here", "404 404 404 404 404 404"),
    Route("sign_in", "GET", "/dashboard/sign-in", "200 200 200 303 303 303"),
    Route("sign_in", "POST", "/dashboard/sign-in", "403 403 403 403 403 403", {"name": "alice", "password": "guessed"}),
    Route("sign_out", "POST", "/dashboard/sign-out", OPEN_FORM),
    Route("password", "GET", "/dashboard/password/guessed", "410 410 410 410 410 410"),
    Route("password", "POST", "/dashboard/password/guessed", "410 403 403 410 410 410",
          {"new-password": "five plain words are here", "repeated-password": "five plain words are here"}),
    Route("language", "POST", "/dashboard/language", OPEN_FORM, {"language": "de"}),
    Route("account", "GET", "/dashboard/account", SEEN),
    Route("account_password", "POST", "/dashboard/account/password", "403 403 403 403 403 403",
          {"current-password": "guessed"}),
    Route("account_page", "POST", "/dashboard/account/page", DONE, {"page": "public"}),
    Route("account_sign_out", "POST", "/dashboard/account/sign-out", DONE),
    Route("usage", "GET", "/dashboard/usage", SEEN),
]  # fmt: skip

KEYS = [
    Route("keys", "GET", "/dashboard/keys", SEEN),
    Route("keys_add", "POST", "/dashboard/keys", "403 403 403 200 200 200", {"name": "new", "scope": "media.read"}),
    Route("key", "GET", "/dashboard/keys/{key}", HERS_TO_SEE),
    Route("key", "POST", "/dashboard/keys/{key}", HERS),
    Route("key_settings", "POST", "/dashboard/keys/{key}/settings/sharex", HERS),
    Route("key_revoke", "POST", "/dashboard/keys/{key}/revoke", HERS_DONE),
]

LIBRARY = [
    Route("library", "GET", "/dashboard/library", SEEN),
    Route("library", "GET", "/dashboard/library?q=hushed&shown=private", SEEN),
    Route("library", "GET", "/dashboard/library?album={album}", HERS_TO_SEE),
    Route("library_more", "GET", "/dashboard/library/more", SEEN),
    Route("library_more", "GET", "/dashboard/library/more?album={album}", SEEN),
    Route("library_tags", "GET", "/dashboard/library/tags?begins=hush", SEEN),
    Route("library_tile", "GET", "/dashboard/library/tile/{photo}", HERS_TO_SEE),
    Route("library_act", "POST", "/dashboard/library/act", HERS, {"do": "delete", "id": "{photo}"}),
    Route("library_act", "POST", "/dashboard/library/act", HERS, {"do": "move", "id": "{photo}"}),
    *(Route("library_act", "POST", "/dashboard/library/act", "403 403 403 200 200 303", {"id": "{photo}"} | told)
      for told in ({"do": "public"}, {"do": "tag", "new-tags": "seen"}, {"do": "delete", "sure": "1"})),
    Route("library_act", "POST", "/dashboard/library/act", DONE, {"do": "delete", "sure": "1", "all": "1"}),
    Route("library_act", "POST", "/dashboard/library/act", DONE,
          {"do": "public", "all": "1", "album": "{album}"}),
    Route("media", "GET", "/dashboard/media/{photo}", HERS_TO_SEE),
    Route("media", "GET", "/dashboard/media/{photo}?album={album}", HERS_TO_SEE),
    Route("media_change", "POST", "/dashboard/media/{photo}", HERS_DONE, MEDIA),
    Route("media_sign", "POST", "/dashboard/media/{photo}/sign", HERS),
    Route("media_delete_link", "POST", "/dashboard/media/{photo}/delete-link", HERS),
    Route("media_delete", "POST", "/dashboard/media/{photo}/delete", HERS_DONE),
]  # fmt: skip

ALBUMS = [
    Route("albums", "GET", "/dashboard/albums", SEEN),
    Route("albums", "GET", "/dashboard/albums?q=hushed", SEEN),
    Route("albums_add", "POST", "/dashboard/albums", DONE, ALBUM),
    Route("albums_add", "POST", "/dashboard/albums", "403 403 403 400 400 303", ALBUM | {"parent": "{album}"}),
    Route("album", "GET", "/dashboard/albums/{album}", HERS_TO_SEE),
    Route("album_change", "POST", "/dashboard/albums/{album}", HERS_DONE, ALBUM),
    Route("album_files", "POST", "/dashboard/albums/{album}/files", HERS_DONE, {"do": "cover", "id": "{photo}"}),
    Route("album_files", "POST", "/dashboard/albums/{album}/files", HERS_DONE, {"do": "out", "id": "{photo}"}),
    Route("album_files", "POST", "/dashboard/albums/{album_of_other}/files", "403 403 403 400 404 404",
          {"do": "cover", "id": "{photo}"}),
    Route("album_more", "GET", "/dashboard/albums/{album}/add", HERS_TO_SEE),
    Route("album_put_in", "POST", "/dashboard/albums/{album}/add", HERS_DONE, {"id": "{photo}"}),
    Route("album_put_in", "POST", "/dashboard/albums/{album_of_other}/add", "403 403 403 303 404 404",
          {"id": "{photo}"}),
    Route("album_delete", "POST", "/dashboard/albums/{album}/delete", HERS_DONE),
]  # fmt: skip

UPLOADS = [
    Route("upload", "GET", "/dashboard/upload", SEEN),
    Route("upload_send", "POST", "/dashboard/upload", "403 403 403 200 200 200", sends_file=True),
    Route("upload_send", "POST", "/dashboard/upload", "403 403 403 400 400 200", {"album": "{album}"}, sends_file=True),
    Route("upload_begin", "POST", "/dashboard/upload/pieces", "403 403 403 201 201 201",
          headers=TUS | {"Upload-Length": "10"}),
    Route("upload_state", "GET", "/dashboard/upload/pieces/{session}", HERS_TO_SEE),
    Route("upload_append", "PATCH", "/dashboard/upload/pieces/{session}", HERS_DONE_QUIETLY, headers=PIECE),
    Route("upload_abandon", "DELETE", "/dashboard/upload/pieces/{session}", HERS_DONE_QUIETLY),
]  # fmt: skip

OF_ADMINS = [
    Route("moves", "GET", "/dashboard/moves", ADMINS_TO_SEE),
    Route("move", "GET", "/dashboard/moves/{run}", ADMINS_TO_SEE),
    Route("admin", "GET", "/dashboard/admin", ADMINS_TO_SEE),
    Route("owner_add", "POST", "/dashboard/admin/owners", ADMINS, {"username": "carol", "role": "user"}),
    Route("owner", "GET", "/dashboard/admin/owners/{owner}", ADMINS_TO_SEE),
    Route("owner_link", "POST", "/dashboard/admin/owners/{owner}/link", ADMINS),
    Route("owner_limits", "POST", "/dashboard/admin/owners/{owner}/limits", ADMINS_DONE, {"quota": "5 GB"}),
    *(Route("owner_change", "POST", f"/dashboard/admin/owners/{{owner}}/{change}", ADMINS_DONE)
      for change in ("publish", "conceal", "enable")),
    Route("owner_change", "POST", "/dashboard/admin/owners/{owner}/disable", "403 403 403 404 303 403"),
]  # fmt: skip

ROUTES = [*DOOR, *KEYS, *LIBRARY, *ALBUMS, *UPLOADS, *OF_ADMINS]
