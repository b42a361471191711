"""The layout of the README: nginx in front, sending the bytes of pictures itself."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from PIL import Image

from tests.conftest import LiveServer, draw, free_port
from tests.journeys.commands import until

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed")

CONFIG = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1; user root;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 80m;
    location / {{ proxy_pass {gateway}; proxy_request_buffering off; }}
    location /_media/ {{
      internal;
      alias {media}/;
      add_header Vary $upstream_http_vary;
      add_header X-Content-Type-Options $upstream_http_x_content_type_options;
      add_header Access-Control-Allow-Origin $upstream_http_access_control_allow_origin;
    }}
  }}
}}
"""


@contextmanager
def nginx(folder: Path, gateway: LiveServer, port: int) -> Iterator[str]:
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, gateway=gateway.url, media=gateway.data / "media"))
    with open(folder / "nginx.log", "w") as log:
        assert NGINX
        process = subprocess.Popen([NGINX, "-c", str(config), "-p", str(folder)], stderr=log)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return requests.get(f"{url}/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    try:
        until(answers, "nginx answers")
        yield url
    finally:
        process.terminate()
        process.wait(10)


def test_it_works(serve: Callable[..., LiveServer], tmp_path: Path) -> None:
    port = free_port()
    gateway = serve("--public-url", f"http://127.0.0.1:{port}", GATEWAY_FILES__SENDFILE="x-accel")
    picture = draw(600, 400)
    with nginx(tmp_path, gateway, port) as url:
        files = {"source": ("a.png", io.BytesIO(picture))}
        image = requests.post(f"{url}/api/1/upload", files=files, data={"key": gateway.key}, timeout=30).json()["image"]
        whole = requests.get(image["url"], timeout=30)
        part = requests.get(image["url"], headers={"Range": "bytes=10-19"}, timeout=30)
        thumb = requests.get(image["thumb"]["url"], timeout=30)
        webp = requests.get(image["url"], headers={"Accept": "image/webp"}, timeout=30)
        small = requests.get(image["url"] + "?w=60", timeout=30)
        same = requests.get(image["url"], headers={"If-None-Match": whole.headers["ETag"]}, timeout=30)
        direct = requests.get(f"{url}/_media/{image['name'][:2]}/{image['filename']}", timeout=30)
        page = requests.get(image["url_viewer"], timeout=30)
        requests.get(image["delete_url"], timeout=30)
        gone = requests.get(image["url"], timeout=30)

    assert image["url"].startswith(url)
    assert whole.content == picture
    assert whole.headers["Content-Type"] == "image/png"
    assert whole.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (whole.headers["Vary"], webp.headers["Vary"]) == ("Accept", "Accept")
    assert (whole.headers["X-Content-Type-Options"], whole.headers["Access-Control-Allow-Origin"]) == ("nosniff", "*")
    assert "Vary" not in thumb.headers
    assert (webp.status_code, webp.content[8:12]) == (200, b"WEBP")
    assert (small.status_code, Image.open(io.BytesIO(small.content)).size) == (200, (60, 40))
    assert (part.status_code, part.content) == (206, picture[10:20])
    assert (thumb.status_code, len(thumb.content)) == (200, image["thumb"]["size"])
    assert (same.status_code, same.content) == (304, b"")
    assert direct.status_code == 404, "the location is internal"
    assert page.status_code == 200
    assert gone.status_code == 404
