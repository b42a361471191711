"""API keys, encrypted values, and numbers that must never be given again."""

from __future__ import annotations

import base64
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher as Ciphers
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from gateway.core.shortids import encode
from migrate.items import Gone, OnDisk, SourceError
from migrate.sources.chevereto.cipher import LOCKED, PLAIN, Cipher
from migrate.sources.chevereto.keys import GUESTS_OFF, NO_OWNER, REISSUE
from tests.migrate.old_site import BCRYPT, TablesOf, image, items, notes_of, open_site, settings, write

SECRET = bytes(range(32))
KEY = base64.b64encode(SECRET).decode()
NONCE = b"twelve bytes"


def seal(text: str) -> str:
    """As the old site did: the nonce, and the text under a key stream that starts with block 0."""
    encryptor = Ciphers(ChaCha20(SECRET, bytes(4) + NONCE), mode=None).encryptor()
    return base64.b64encode(NONCE + encryptor.update(text.encode())).decode()


def test_a_key_is_known_by_its_hash_and_the_number_in_it(tmp_path: Path) -> None:
    tables: TablesOf = {
        "users": [{"id": 2, "username": "bob"}],
        "api_keys": [{"id": 5, "user_id": 2, "name": "ShareX", "hash": BCRYPT}],
    }
    (found,) = open_site(tmp_path, tables).keys()
    assert found.prefix == f"chv_{encode(5, '231e0d82', 999)}_"
    assert (found.key, found.owner, found.name, found.legacy_hash, found.text) == ("5", "2", "ShareX", BCRYPT, None)


def test_a_key_whose_hash_is_of_another_kind_must_be_reissued(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"api_keys": [{"id": 5, "user_id": 2, "hash": "hmac:00"}]})
    assert list(source.keys()) == []
    assert notes_of(source, after="keys") == {REISSUE: 1}


def test_a_key_of_nobody_uploads_for_the_guests(tmp_path: Path) -> None:
    source = open_site(tmp_path, {"api_keys": [{"id": 5, "user_id": 2, "hash": BCRYPT}]})
    (found,) = source.keys()
    assert found.owner is None
    assert notes_of(source, after="keys") == {NO_OWNER: 1}


def test_the_guest_key_is_kept_by_its_text(tmp_path: Path) -> None:
    (found,) = open_site(tmp_path, {"settings": settings(api_v1_key="GUESTKEY")}).keys()
    assert (found.text, found.owner, found.legacy_hash) == ("GUESTKEY", None, None)
    assert "GUESTKEY" not in repr(found)


def test_a_guest_key_that_is_empty_is_none(tmp_path: Path) -> None:
    assert not list(open_site(tmp_path, {"settings": settings(api_v1_key="")}).keys())


def test_a_guest_key_of_a_site_that_took_no_guests_is_said(tmp_path: Path) -> None:
    rows = settings(api_v1_key="GUESTKEY", guest_uploads="0")
    assert notes_of(open_site(tmp_path, {"settings": rows}), after="keys") == {GUESTS_OFF: 1}
    assert not notes_of(open_site(tmp_path, {"settings": rows, "images_hash": None}), after="keys")


# encrypted values


def test_encrypted_values_are_read_with_the_key(tmp_path: Path) -> None:
    tables: TablesOf = {
        "settings": settings(api_v1_key=seal("GUESTKEY")),
        "albums": [{"id": 1, "name": "a", "privacy": "password", "password": seal("pässwörd")}],
    }
    source = open_site(tmp_path, tables, encryption_key=KEY)
    (guest,) = source.keys()
    assert guest.text == "GUESTKEY"
    assert [one.password for one in source.albums()] == ["pässwörd"]
    assert not source.notes


def test_the_folder_of_a_storage_may_be_encrypted(tmp_path: Path) -> None:
    write(tmp_path, "here/images/2026/11/21/a.png", "there/b.png")
    tables: TablesOf = {
        "images": [image(1, "a"), image(2, "b", storage_mode="direct", storage_id=2)],
        "storages": [{"id": 2, "api_id": 8, "url": "http://x.example/", "bucket": seal(f"{tmp_path}/there/")}],
    }
    assert items(tmp_path / "here", tables, encryption_key=KEY)[1].content == OnDisk(tmp_path / "there/b.png")


@pytest.mark.parametrize("plain", ["s3cret", "correct horse", "GUESTKEY0123456789abcdef", "ünï", "abcdefghijklmnop"])
def test_what_does_not_come_out_as_text_was_plain(plain: str) -> None:
    notes: Counter[str] = Counter()
    assert Cipher(KEY).read(plain, notes) == plain
    assert notes[PLAIN] == 1


def test_what_looks_encrypted_is_said_when_there_is_no_key() -> None:
    notes: Counter[str] = Counter()
    assert Cipher(None).read(seal("s3cret!"), notes) == seal("s3cret!")  # ends in a sign that no plain text has
    assert Cipher(None).read("6672d8b3efef33e8bbfadfb33466a8fb32c1eb078079fcf25da9984118d0ec5a", notes)
    assert +notes == {LOCKED: 1}


@pytest.mark.parametrize("key", ["", "short", "not base64!", base64.b64encode(bytes(31)).decode()])
def test_a_key_that_is_none_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(SourceError, match=r"not one: .*\nCopy ") as caught:
        Cipher(key)
    assert not key or key not in str(caught.value)


# what was deleted


def test_deleted_numbers_are_gone_unless_they_are_there(tmp_path: Path) -> None:
    write(tmp_path, "images/2026/11/21/pic.png")
    deletions: TablesOf = {
        "images": [image(2), image(30)],
        "deletions": [{"id": row, "content_id": number} for row, number in enumerate([31, 4, 2, 4, 0, 30, 1], 1)],
    }
    assert list(open_site(tmp_path, deletions).gone()) == [Gone("media", "1"), Gone("media", "4"), Gone("media", "31")]
