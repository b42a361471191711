"""Formats outside the registry reach no decoder and start no program, whatever they are called."""

from __future__ import annotations

import io
import subprocess

import pytest
from PIL import Image

from gateway.core.formats.child import Pool
from tests.conftest import draw
from tests.web.conftest import Post


def saved(format: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (200, 80, 20)).save(out, format)
    return out.getvalue()


STRANGERS = {
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 40 30\nshowpage\n",
    "EPS with a DOS header": b"\xc5\xd0\xd3\xc6" + bytes(60),
    "PostScript": b"%!PS\n(x) run\n",
    "PDF": saved("PDF"),
    "TIFF": saved("TIFF"),
    "PSD": b"8BPS\0\1" + bytes(60),
    "MVG": b"push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 'https://127.0.0.1/x.png'\n",
    "ICO": saved("ICO"),
    "PCX": saved("PCX"),
    "TGA": saved("TGA"),
    "PPM": saved("PPM"),
    "FITS": b"SIMPLE  =                    T".ljust(2880),
    "WMF": b"\xd7\xcd\xc6\x9a" + bytes(60),
}


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("filename", ["honest", "liar.png"])
def test_no_stranger_reaches_a_decoder(post: Post, monkeypatch: pytest.MonkeyPatch, name: str, filename: str) -> None:
    def never(*_: object, **__: object) -> None:
        pytest.fail("a decoder or a program was started")

    with monkeypatch.context() as watched:
        watched.setattr(Image, "open", never)
        watched.setattr(Pool, "run", never)
        watched.setattr(subprocess, "Popen", never)
        answer = post(source=(io.BytesIO(STRANGERS[name]), filename, "image/png"))

    assert answer.status_code == 400
    assert answer.json["error"]["code"] in (610, 613)


def test_the_watch_would_notice(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    run = Pool.run
    monkeypatch.setattr(Pool, "run", lambda *args, **more: seen.append(args) or run(*args, **more))

    assert post(source=(io.BytesIO(draw(seed=3)), "a.png")).status_code == 200
    assert seen
