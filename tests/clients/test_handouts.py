"""The settings the dashboard hands out, used as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gateway.urls import Urls
from gateway.web.pages import handouts
from tests.clients.tools import CLIENTS, needs_client, surroundings
from tests.clients.wire import download
from tests.conftest import LiveServer

needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")

ODD_NAMES = ["pic.png", "two words.png", 'a "quoted" one.png', "semi;colon,comma.png", "back\\slash.png",
             "Käse – 世界.png", "$(touch hacked).png", "-F.png"]  # fmt: skip


def shell(script: str, *words: str | Path, home: Path, path: str = "") -> subprocess.CompletedProcess[str]:
    (file := home / "script.sh").write_text(script)
    around = surroundings(home) | {"PATH": f"{path}:{os.environ['PATH']}", "TMPDIR": str(home)}
    command = ["sh", str(file), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, cwd=home, env=around, timeout=60)


@needs_curl
def test_curl(gateway: LiveServer, picture: Path) -> None:
    line = handouts.curl(Urls(gateway.url), gateway.key, "-s -F format=txt ").replace("picture.png", picture.name)
    done = shell(line, home=picture.parent)
    assert download(done.stdout) == picture.read_bytes()


@needs_curl
@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_script_takes_files_of_any_name(gateway: LiveServer, picture: Path, name: str) -> None:
    """As ksnip and Typora run it: the link is all there is on stdout."""
    file = picture.rename(picture.with_name(name))
    done = shell(handouts.script(Urls(gateway.url), gateway.key), file, home=picture.parent)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    assert download(done.stdout.strip()) == file.read_bytes()
    assert not (picture.parent / "hacked").exists()


@needs_curl
def test_the_script_prints_a_line_for_each_file(gateway: LiveServer, picture: Path) -> None:
    second = picture.with_name("second.png")
    second.write_bytes(picture.read_bytes() + b"\0")
    done = shell(handouts.script(Urls(gateway.url), gateway.key), picture.name, second.name, home=picture.parent)
    first, other = done.stdout.splitlines()
    assert download(first) == picture.read_bytes() and download(other).startswith(picture.read_bytes())


@needs_curl
@pytest.mark.parametrize("key", ["wrong", "sk_live_" + "x" * 32])
def test_the_script_fails_with_a_sentence(gateway: LiveServer, picture: Path, key: str) -> None:
    done = shell(handouts.script(Urls(gateway.url), key), picture, home=picture.parent)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Invalid API key" in done.stderr


@needs_curl
def test_the_script_says_which_file_is_missing(gateway: LiveServer, tmp_path: Path) -> None:
    done = shell(handouts.script(Urls(gateway.url), gateway.key), "nowhere.png", home=tmp_path)
    assert (done.returncode, done.stdout) == (1, "") and "nowhere.png" in done.stderr


def stub(folder: Path, name: str, script: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@needs_curl
def test_flameshot(gateway: LiveServer, picture: Path) -> None:
    """The picture comes from a stand-in for Flameshot, and the link goes into one for the clipboard."""
    folder = picture.parent / "bin"
    stub(folder, "flameshot", f'[ "$*" = "gui --raw" ] && cat "{picture}"')
    stub(folder, "xclip", f'cat >"{picture.parent}/clipboard"')
    done = shell(handouts.flameshot(Urls(gateway.url), gateway.key), home=picture.parent, path=str(folder))
    assert (done.returncode, done.stderr) == (0, "")
    assert download(done.stdout.strip()) == picture.read_bytes()
    assert (picture.parent / "clipboard").read_text() == done.stdout.strip()
    assert [path.name for path in picture.parent.glob("tmp.*")] == []


@needs_curl
@pytest.mark.parametrize("flameshot", ["exit 1", "exit 0", "echo screenshot aborted >&2; exit 1"])
def test_flameshot_when_nothing_was_chosen(gateway: LiveServer, tmp_path: Path, flameshot: str) -> None:
    stub(tmp_path / "bin", "flameshot", flameshot)
    done = shell(handouts.flameshot(Urls(gateway.url), gateway.key), home=tmp_path, path=str(tmp_path / "bin"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@needs_client("picgo")
def test_picgo(gateway: LiveServer, picture: Path) -> None:
    home, picgo = picture.parent, CLIENTS / "picgo"
    (home / "config.json").write_text(handouts.picgo(Urls(gateway.url), gateway.key))
    shutil.copy(picgo / "package.json", home)
    (home / "node_modules").symlink_to(picgo / "node_modules")
    command = ["node", str(picgo / "node_modules/picgo/bin/picgo"), "-c", str(home / "config.json"), "u", picture.name]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, env=surroundings(home), timeout=60)
    address = done.stdout.partition("PicGo SUCCESS]:")[2].strip()
    assert download(address) == picture.read_bytes()
