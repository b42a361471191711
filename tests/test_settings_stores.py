"""Where records and files are kept: what the settings refuse, and with which words."""

from __future__ import annotations

import pytest

from gateway.settings import SettingsError, load

LOOKS = "s3://BUCKET/PREFIX?endpoint=https://s3.example.org&region=eu-1&addressing=path"
NO_CATALOG = (
    "storage.catalog must be empty, for SQLite in the data folder, or the address of a PostgreSQL such as "
    "postgresql://picgate@127.0.0.1/picgate."
)


def refusal(**settings: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(None, {f"GATEWAY_{name}": value for name, value in settings.items()})
    return str(refused.value)


@pytest.mark.parametrize("url", ["mysql://root@127.0.0.1/picgate", "postgresql://", "picgate.db"])
def test_a_catalog_that_is_no_postgresql_is_refused(url: str) -> None:
    assert refusal(STORAGE__CATALOG=url) == NO_CATALOG


@pytest.mark.parametrize("login", ["carol:hun@ter2", "carol:hun/ter2", "carol:hun@t/er2", "ca@rol:hunter2"])
@pytest.mark.parametrize(
    ("name", "start"),
    [("storage.catalog", "postgresql"), ("limits.store", "redis")],
)
def test_a_password_that_an_address_cannot_hold_as_it_is_is_told_without_it(name: str, start: str, login: str) -> None:
    section, _, key = name.partition(".")
    assert refusal(**{f"{section}__{key}".upper(): f"{start}://{login}@127.0.0.1/picgate"}) == (
        f"{name} is an address with an @ or a / in the name or the password.\n"
        "Write @ there as %40, / as %2F, : as %3A and % as %25."
    )


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///picgate?host=/run/postgresql",
        "postgresql://one,two:5433/picgate",
        "postgresql://ca%40rol:hun%2Fter2@127.0.0.1/picgate",
    ],
)
def test_an_address_that_is_unusual_and_right_is_taken(url: str) -> None:
    assert load(None, {"GATEWAY_STORAGE__CATALOG": url}).settings.storage.catalog == url


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ("http://127.0.0.1/bucket", f"this is neither a folder nor an address such as {LOOKS}."),
        ("s3://Up", f"'Up' is no name of a bucket. It has to look like {LOOKS}."),
        ("s3://", f"'' is no name of a bucket. It has to look like {LOOKS}."),
        (
            "s3://id:key@pictures",
            "keys have no place in it; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        ),
        (
            "s3://pictures?endpoint=https://id:key@s3.lan",
            "keys have no place in its endpoint; give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        ),
        ("s3://pictures?zone=1", "'zone' is none of its options endpoint, region and addressing."),
        ("s3://pictures?addressing=mail", "addressing is 'mail', but must be path, virtual or auto."),
        (
            "s3://pictures?endpoint=s3.lan",
            "the endpoint is 's3.lan', but must be an address such as https://s3.example.org.",
        ),
        ("s3://pictures/a/../b", "the prefix may hold letters, digits, slashes and !_.*'()- only."),
    ],
)
@pytest.mark.parametrize("name", ["blobs", "blobs_before"])
def test_a_place_for_files_that_cannot_be_is_refused(name: str, place: str, sentence: str) -> None:
    assert refusal(**{f"STORAGE__{name.upper()}": place}) == f"storage.{name} is {place!r}: {sentence}"


def test_nginx_cannot_send_what_is_in_a_bucket() -> None:
    assert refusal(FILES__SENDFILE="x-accel", STORAGE__BLOBS="s3://pictures") == (
        "files.sendfile is x-accel, but nginx can send only what is in a folder.\n"
        "Choose direct, or redirect for files in an S3 store."
    )


def test_no_link_leads_into_a_folder() -> None:
    assert refusal(FILES__SENDFILE="redirect") == (
        "files.sendfile is redirect, but the files are in a folder, to which no link leads.\n"
        "Choose direct, or x-accel with nginx in front."
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("FILES__LINK_LIFE", "604801", "files.link_life is 604801, but a link may live from 1 to 604800 seconds."),
        ("FILES__LINK_LIFE", "0", "files.link_life is 0, but a link may live from 1 to 604800 seconds."),
        (
            "FILES__MEDIA_URL",
            "cdn",
            "files.media_url is 'cdn', but must be an address such as https://cdn.example.org.",
        ),
        (
            "SERVER__NODE",
            "a b",
            "server.node is 'a b', but must be 1 to 32 characters of A-Z, a-z, 0-9, ., _ and -.",
        ),
    ],
)
def test_what_is_out_of_bounds_is_refused(name: str, value: str, sentence: str) -> None:
    assert refusal(**{name: value}) == sentence


def test_a_bucket_is_told_with_all_its_options() -> None:
    place = "s3://pictures/gate?endpoint=http://127.0.0.1:9000/&region=eu-1&addressing=path"
    assert load(None, {"GATEWAY_STORAGE__BLOBS": place}).settings.storage.blobs == place
