"""`gateway config --check`: settings that can be read and still will not do, each with what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.doctoring import addresses, folders, services
from tests.cli.conftest import Run
from tests.conftest import free_port
from tests.nobody import nobody
from tests.stores import a_database, moto_server

Check = Callable[..., str]


@pytest.fixture
def check(run: Run, monkeypatch: pytest.MonkeyPatch) -> Check:
    """check(SERVER__HOST="::") is what is printed with these settings; `code` is how it ends."""

    def check_settings(code: int = 1, **settings: str) -> str:
        for name, value in settings.items():
            monkeypatch.setenv(f"GATEWAY_{name}", value)
        result = run("config", "--check", code=code)
        assert ("The settings are fine." in result.stderr) == (code == 0)
        return result.stdout

    return check_settings


def test_what_it_says_names_the_setting_its_origin_and_what_to_do(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[server]\npublic_url = "http://127.0.0.1:8080/api/1/upload"\n')
    result = run("config", "--check", code=1)
    first, second, *_ = result.stdout.splitlines()
    assert first.startswith("server.public_url (config.toml): It ends in /api/1/upload, which is a place within")
    assert second == "    Set it to http://127.0.0.1:8080."
    assert "to be mended." in result.stderr


def test_nothing_is_made(check: Check, data: Path) -> None:
    assert check(0) == ""
    assert not data.exists()


WRONG = {
    "links to everywhere": ({"SERVER__HOST": "0.0.0.0"}, "http://0.0.0.0:8080, which leads nowhere"),
    "links to oneself": (
        {"SERVER__HOST": "0.0.0.0", "SERVER__PUBLIC_URL": "http://localhost:8080"},
        "for everybody else is their own machine",
    ),
    "a password": ({"SERVER__PUBLIC_URL": "http://me:secret@127.0.0.1:8080"}, "would stand in every link"),
    "letters": ({"SERVER__PUBLIC_URL": "http://bücher.example:8080"}, "Write it as xn--bcher-kva.example."),
    "http on 443": ({"SERVER__PUBLIC_URL": "http://img.example.org:443"}, "Set it to https://img.example.org."),
    "https on 80": ({"SERVER__PUBLIC_URL": "https://img.example.org:80"}, "Set it to http://img.example.org."),
    "https by itself": (
        {"SERVER__HOST": "0.0.0.0", "SERVER__PUBLIC_URL": "https://img.example.org:8080"},
        "where the gateway itself listens and speaks http",
    ),
    "a proxy that is not trusted": (
        {"SERVER__PUBLIC_URL": "https://img.example.org"},
        'Set trusted_proxies = ["127.0.0.1"] below [server].',
    ),
    "a name in letters of its own": (
        {"SERVER__PUBLIC_URL": "http://bücher.example"},
        "Write it as xn--bcher-kva.example",
    ),
    "no name at all": ({"SERVER__PUBLIC_URL": "http://bücher..example"}, "this is no name of a host"),
    "everybody is a proxy": ({"SERVER__TRUSTED_PROXIES": "0.0.0.0/0"}, "0.0.0.0/0 is everybody"),
    "another proxy": ({"SERVER__TRUSTED_PROXIES": "10.0.0.1"}, "so the proxy comes from there"),
    "no address of ours": ({"SERVER__HOST": "192.0.2.1"}, "is no address of this machine"),
    "x-accel without nginx": ({"FILES__SENDFILE": "x-accel"}, "they would get empty files"),
    "x-accel without slashes": ({"FILES__SENDFILE": "x-accel", "FILES__ACCEL_PREFIX": "media"}, "a slash at both ends"),
    "x-accel over ours": ({"FILES__SENDFILE": "x-accel", "FILES__ACCEL_PREFIX": "/image/"}, "used for nothing else"),
    "no room": ({"STORAGE__MIN_FREE": "900000 GB"}, "Make room, or name a folder elsewhere."),
    "files elsewhere": ({"STORAGE__BLOBS": "/nowhere/at/all"}, "There is no folder /nowhere/at/all."),
    "no Redis": ({"LIMITS__STORE": "redis://127.0.0.1:9/0"}, "The Redis does not answer"),
}


@pytest.mark.parametrize(("settings", "said"), WRONG.values(), ids=WRONG)
def test_what_will_not_do_is_said(check: Check, settings: dict[str, str], said: str) -> None:
    assert said in check(**settings)


def test_below_a_path_the_line_for_the_proxy_is_told(check: Check) -> None:
    settings = {"SERVER__PUBLIC_URL": "https://example.org/pics", "SERVER__TRUSTED_PROXIES": "127.0.0.1"}
    printed = check(0, **settings)
    assert "Note: server.public_url (GATEWAY_SERVER__PUBLIC_URL): The gateway is below /pics" in printed
    assert "nginx: location /pics/ { proxy_pass http://127.0.0.1:8080/; }" in printed


def test_http_behind_a_proxy_is_a_note(check: Check) -> None:
    settings = {"SERVER__PUBLIC_URL": "http://img.example.org", "SERVER__TRUSTED_PROXIES": "127.0.0.1"}
    assert "If so, set it to https://img.example.org." in check(0, **settings)
    assert check(0, SERVER__PUBLIC_URL="http://nas.lan", SERVER__TRUSTED_PROXIES="127.0.0.1") == ""


def test_a_good_proxy_is_fine(check: Check) -> None:
    settings = {"SERVER__PUBLIC_URL": "https://img.example.org", "SERVER__TRUSTED_PROXIES": "127.0.0.1"}
    assert check(0, **settings) == ""


def test_a_port_that_is_taken_is_most_likely_ours(check: Check) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        assert check(0, SERVER__PORT=str(other.getsockname()[1])) == ""


def test_a_format_that_cannot_be_read_is_a_note(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "find_spec", lambda name: None if name == "pillow_heif" else object())
    printed = check(0)
    assert "HEIC cannot be read here" in printed
    assert "pip install 'picgate[heic]'" in printed
    assert check(0, UPLOADS__DISABLED_FORMATS="heic") == ""


def test_a_network_disk_is_no_place_for_the_catalog(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "file_system", lambda folder: "nfs4")
    assert "is on a network disk (nfs4)" in check()


def test_the_file_system_of_a_folder_is_found() -> None:
    assert folders.file_system(Path("/proc/self")) == "proc"


def test_a_file_is_no_folder(check: Check, data: Path) -> None:
    data.write_text("")
    assert f"{data} is a file, but has to be a folder." in check()


def test_a_catalog_that_does_not_answer_is_said(check: Check) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    printed = check(STORAGE__CATALOG="postgresql://picgate@127.0.0.1:9/picgate")
    assert "storage.catalog (GATEWAY_STORAGE__CATALOG): PostgreSQL on 127.0.0.1:9 cannot be reached" in printed


def test_a_catalog_that_answers_is_fine_and_stays_empty(check: Check) -> None:
    with a_database() as url:
        assert check(0, STORAGE__CATALOG=url) == ""


def test_a_bucket_is_tried_out(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    with moto_server() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        bucket = server.bucket()
        assert check(0, STORAGE__BLOBS=server.place(bucket, "pics")) == ""
        assert server.client().list_objects_v2(Bucket=bucket).get("KeyCount") == 0
        assert "storage.blobs" in check(STORAGE__BLOBS=server.place("no-such-bucket", "pics"))


def test_a_folder_that_may_not_be_written_is_said(run: Run, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(open_folder)
    (data := open_folder / "data").mkdir(mode=0o555)
    with nobody():
        printed = run("config", "--check", code=1, data=data).stdout
    assert f"{data} may not be written by this user (" in printed
    assert f" {data}\n    Or name another folder." in printed


def test_what_root_left_in_the_folder_is_said(run: Run, open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(open_folder)
    (data := open_folder / "data").mkdir()
    data.chmod(0o777)
    (data / "catalog.db").touch(0o444)
    with nobody():
        printed = run("config", "--check", code=1, data=data).stdout
    assert "may not write catalog.db." in printed
    assert "chown -R" in printed


def test_a_low_port_is_said_by_whoever_may_not_have_it(
    run: Run, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(open_folder)
    open_folder.chmod(0o777)
    if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text()) <= 80:
        pytest.skip("every port is for everybody here")
    monkeypatch.setenv("GATEWAY_SERVER__PORT", "80")
    with nobody():
        printed = run("config", "--check", code=1, data=open_folder / "data").stdout
    assert "server.port (GATEWAY_SERVER__PORT): 80 may not be used by this user" in printed


def test_whether_there_is_a_proxy(check: Check) -> None:
    assert not addresses.is_at_home("img.example.org")
    assert all(map(addresses.is_at_home, ("nas", "nas.lan", "192.168.1.2", "10.0.0.1")))
    assert check(0, SERVER__HOST="0.0.0.0", SERVER__PUBLIC_URL=f"http://192.168.1.2:{free_port()}") == ""
