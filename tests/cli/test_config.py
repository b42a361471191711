"""`gateway config`, and how every command reads its settings."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.settings import declared
from tests.cli.conftest import Run

Refused = Callable[..., str]


def shown(run: Run, *words: str) -> dict[str, str]:
    """What `gateway config` says: the value and its origin by name."""
    section, found = "", {}
    for line in run("config", *words).stdout.splitlines():
        if line.startswith("["):
            section = line[1:-1]
        elif line:
            name, _, rest = line.partition(" = ")
            found[f"{section}.{name}"] = rest
    return found


def test_it_works(run: Run, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('[uploads]\nmax_size = "7 MB"\nduplicates = "keep"\n')
    monkeypatch.setenv("GATEWAY_UPLOADS__DUPLICATES", "refuse")
    found = shown(run)
    assert list(found) == [item.name for item in declared()]
    assert found["server.port"] == "8080  # default"
    assert found["uploads.max_size"] == '"7 MB"  # config.toml'
    assert found["uploads.duplicates"] == '"refuse"  # GATEWAY_UPLOADS__DUPLICATES'
    assert found["storage.data"] == f'"{data}"  # the command line'


def test_what_it_prints_is_a_settings_file(run: Run, data: Path, tmp_path: Path) -> None:
    text = run("config").stdout
    assert tomllib.loads(text)["server"]["port"] == 8080
    (tmp_path / "other.toml").write_text(text)
    assert shown(run, "--config", "other.toml")["server.port"] == "8080  # other.toml"


def test_plans_are_shown_and_can_be_read_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.toml").write_text('[plans.pro]\nimage_bytes = "5 GB"\n[plans.any]\n')
    monkeypatch.setenv("GATEWAY_PLANS__PRO__MAX_KEYS", "3")
    text = run("config").stdout
    assert tomllib.loads(text)["plans"] == {"pro": {"image_bytes": "5 GB", "max_keys": 3}, "any": {}}
    assert shown(run)["plans.pro.max_keys"] == "3  # GATEWAY_PLANS__PRO__MAX_KEYS"


def test_it_needs_no_library(run: Run, data: Path) -> None:
    run("config")
    assert not data.exists()


def test_another_file_may_be_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[server]\nport = 1\nthreads = 2\n")
    (tmp_path / "other.toml").write_text("[server]\nport = 3\n")
    found = shown(run, "--config", "other.toml")
    assert found["server.port"] == "3  # other.toml"
    assert found["server.threads"] == "8  # default"


@pytest.mark.parametrize(
    ("url", "printed"),
    [
        ("https://bob:s3cret@img.example.org", "https://bob:***@img.example.org"),
        ("https://bob:s3@cret@img.example.org", "https://bob:***@img.example.org"),
        ("https://img.example.org/@bob:x", "https://img.example.org/@bob:x"),
    ],
)
def test_a_password_in_an_address_is_hidden(run: Run, monkeypatch: pytest.MonkeyPatch, url: str, printed: str) -> None:
    monkeypatch.setenv("GATEWAY_SERVER__PUBLIC_URL", url)
    assert shown(run)["server.public_url"] == f'"{printed}"  # GATEWAY_SERVER__PUBLIC_URL'


def test_a_password_behind_an_address_is_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_STORAGE__CATALOG", "postgresql://db.lan/picgate?password=s3cret&user=bob")
    assert shown(run)["storage.catalog"].startswith('"postgresql://db.lan/picgate?password=***&user=bob"')


def test_a_token_is_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(run)["metrics.token"] == '""  # default'
    monkeypatch.setenv("GATEWAY_METRICS__TOKEN", "s3cret")
    assert shown(run)["metrics.token"] == '"***"  # GATEWAY_METRICS__TOKEN'


def test_a_check_of_good_settings_prints_nothing(run: Run) -> None:
    result = run("config", "--check")
    assert (result.stdout, result.stderr) == ("", "The settings are fine.\n")


@pytest.mark.parametrize("words", [["config", "--check"], ["config"], ["init"], ["stats"], ["serve"]], ids=" ".join)
def test_bad_settings_are_refused_by_every_command(
    refused: Refused, tmp_path: Path, data: Path, words: list[str]
) -> None:
    (tmp_path / "config.toml").write_text("[server]\nprot = 9000\n")
    assert refused(*words) == "Unknown setting server.prot in config.toml. Did you mean server.port?"
    assert not data.exists()


def test_bad_settings_in_the_environment_are_refused(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_CHEVERETO__TIME_ZONE", "Berlin")
    assert refused("config", "--check").startswith("chevereto.time_zone is 'Berlin', but must be a zone")


def test_a_file_that_is_not_there_is_refused(refused: Refused) -> None:
    assert refused("config", "--config", "none.toml") == "There is no configuration file none.toml."


def test_a_folder_is_no_settings_file(run: Run, tmp_path: Path) -> None:
    assert "is a directory" in run("config", "--config", str(tmp_path), code=2).stderr


def test_flags_of_serve_are_checked_too(refused: Refused) -> None:
    assert refused("serve", "--port", "99999").startswith("server.port is 99999")
    assert refused("serve", "--port", "-1").startswith("server.port in the command line is -1, but must be")
    assert refused("serve", "--public-url", "img.example.org").startswith("server.public_url is 'img.example.org'")
