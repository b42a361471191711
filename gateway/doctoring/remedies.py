"""Which line of nginx or Caddy mends what, and what an answer that is not the gateway's says about who gave it."""

from __future__ import annotations

from gateway.core.sizes import format_size
from gateway.doctoring.visit import Heard

Lines = tuple[str, ...]

ERROR_PAGES: Lines = (
    "nginx: proxy_intercept_errors off;   (and no error_page for this location)",
    "Caddy: take handle_errors and handle_response out of this site.",
)
CACHE: Lines = (
    "nginx: proxy_cache off;   or keep to what the gateway says: no proxy_ignore_headers Cache-Control Vary,",
    "       no proxy_cache_key without $http_authorization for private files.",
    "Caddy: take the cache directive out of this site.",
)
VARY: Lines = (
    "nginx: no proxy_ignore_headers Vary, no proxy_hide_header Vary;   or proxy_cache off;",
    "Caddy: take the cache directive out of this site.",
)
GZIP: Lines = (
    "nginx: gzip_types text/css text/plain application/json application/javascript;   (no image/*, and not *)",
    "Caddy: encode gzip   (without a match of your own; its own leaves pictures alone)",
)
RANGE: Lines = (
    'nginx: take proxy_set_header Range "" and proxy_hide_header Accept-Ranges out, and max_ranges 0;',
    "Caddy: take header_up -Range out of reverse_proxy.",
)
CONDITIONS: Lines = (
    'nginx: take proxy_set_header If-None-Match "" and proxy_hide_header ETag out.',
    "Caddy: take header_up -If-None-Match and header_down -ETag out of reverse_proxy.",
)
CORS: Lines = (
    "nginx: no add_header Access-Control-… here, and no answer of its own to OPTIONS: the gateway does both.",
    "Caddy: take header Access-Control-… out of this site.",
)
HIDDEN: Lines = (
    "nginx: take proxy_hide_header and add_header for it out of this location.",
    "Caddy: take header_down and header for it out of this site.",
)
METHODS: Lines = (
    "nginx: take limit_except, or the if ($request_method …), out of this location.",
    "Caddy: take the method matcher out of this site.",
)
REQUEST_BUFFERING: Lines = (
    "nginx: proxy_request_buffering off; proxy_http_version 1.1;",
    "Caddy: take request_buffers out of reverse_proxy.",
)
NOT_REACHED: Lines = (
    "Is the gateway running, and is this where it listens?",
    "nginx: proxy_pass http://127.0.0.1:8080;",
    "Caddy: reverse_proxy 127.0.0.1:8080",
)


def body_limit(most: int) -> Lines:
    megabytes = -(-most // 1_000_000) + 1
    return (
        f"nginx: client_max_body_size {megabytes}m;",
        f"Caddy: request_body {{ max_size {megabytes}MB }}   (or take request_body out: it has no limit then)",
        f"A service in front, such as Cloudflare, has a limit of its own. The gateway takes up to {format_size(most)} "
        "(uploads.max_size).",
    )


def pass_header(name: str) -> Lines:
    variable = f"$http_{name.lower().replace('-', '_')}"
    return (
        f"nginx: proxy_set_header {name} {variable};   (and not proxy_pass_request_headers off)",
        f"Caddy: take header_up -{name} out of reverse_proxy.",
    )


def sub_path(root: str) -> Lines:
    return (
        f"nginx: location {root}/ {{ proxy_pass http://127.0.0.1:8080/; }}   (with a slash at both ends)",
        f"Caddy: handle_path {root}/* {{ reverse_proxy 127.0.0.1:8080 }}",
    )


def public_url(url: str) -> Lines:
    return (f'Picgate: public_url = "{url}" below [server] in config.toml, or start it with --public-url {url}',)


def unlike_us(heard: Heard) -> tuple[str, Lines]:
    """Of an answer that is none of what was asked for: what it is, and what to do."""
    status = heard.status
    if says := own_words(heard):
        return f"the gateway answered {status}: {says}", ()
    if status == 413:
        return "something in front refuses the body as too large (413)", body_limit(1_000_000)
    if status in (502, 504):
        return f"the proxy in front does not reach the gateway ({status})", NOT_REACHED
    if status == 401 and heard.header("WWW-Authenticate").lower().startswith("basic"):
        return (
            "something in front asks for a password of its own (401, Basic)",
            ("nginx: auth_basic off;   for this address", "Caddy: take basic_auth out of this site."),
        )
    if status in (403, 405):
        return f"something in front refuses this kind of request ({status})", METHODS
    if 300 <= status < 400:
        return f"it is sent on to {heard.header('Location') or 'nowhere'} ({status})", ()
    kind = "a page" if heard.is_page else heard.mime or "nothing readable"
    return f"there came {kind} with status {status} instead", ERROR_PAGES if status >= 400 and heard.is_page else ()


def own_words(heard: Heard) -> str:
    """What the gateway says in a refusal of its own; "" for somebody else's answer."""
    found = heard.json().get("error")
    if isinstance(found, dict):
        found = found.get("message")
    return found.rstrip(".") if isinstance(found, str) else ""
