"""Every setting: where its value comes from, what is refused with which sentence, and what is rendered from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from gateway.core.formats.registry import FORMATS
from gateway.core.plans import Plan
from gateway.declaring import SettingsError
from gateway.settings import (
    Loaded,
    Settings,
    declared,
    load,
    render_example,
    render_table,
)

ROOT = Path(__file__).parents[1]
GB = 1_000_000_000
NAMES = [item.name for item in declared()]
ALL_FORMATS = f"the formats are {', '.join(known.name for known in FORMATS)}."
FINE_URLS = (
    "https://img.example.org", "https://img.example.org/", "http://img.example.org:8080", "https://example.org/img",
    "http://[::1]:8080", "http://10.0.0.5", "https://bücher.example", "HTTPS://IMG.EXAMPLE.ORG",
)  # fmt: skip
BAD_URLS = (
    "img.example.org", "//img.example.org", "ftp://img.example.org", "https://", "https:///img", "http://:8080",
    "javascript:alert(1)", "https://img.example.org?x=1", "https://img.example.org/#top", "http://[::1",
    "http://host:port", "http://host:99999", "https://two words.example", "https://img.example.org\n", "https:img",
)  # fmt: skip

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(text: str) -> Path:
        (file := tmp_path / "config.toml").write_text(text, "utf-8")
        return file

    return write_file


def value_of(loaded: Loaded, name: str) -> object:
    section, _, key = name.partition(".")
    return getattr(getattr(loaded.settings, section), key)


def refusal(file: Path | None = None, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as refused:
        load(file, environment or {})
    assert "\n" not in str(refused.value)
    return str(refused.value)


def variable(name: str) -> str:
    return "GATEWAY_" + name.upper().replace(".", "__")


def test_it_works() -> None:
    loaded = load(None, {})
    assert loaded.settings == Settings()
    assert loaded.origins == dict.fromkeys(NAMES, "default")


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(write: Write) -> None:
    file = write('[server]\nport = 1\nhost = "0.0.0.0"\nthreads = 4\n')
    loaded = load(
        file,
        {"GATEWAY_SERVER__PORT": "2", "GATEWAY_SERVER__THREADS": "5", "OTHER": "x", "gateway_server__port": "9"},
        {"server.port": 3, "server.host": None},
    )
    server = loaded.settings.server
    assert (server.port, server.threads, server.host, server.idle_timeout) == (3, 5, "0.0.0.0", 120)
    assert [loaded.origins[f"server.{key}"] for key in ("port", "threads", "host", "idle_timeout")] == [
        "the command line", "GATEWAY_SERVER__THREADS", str(file), "default",
    ]  # fmt: skip


def test_the_environment_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SERVER__PORT", "9000")
    assert load().settings.server.port == 9000


def test_settings_do_not_change_once_loaded() -> None:
    settings = load(None, {}).settings
    with pytest.raises(AttributeError):
        settings.server.port = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_can_be_said_in_a_file_and_in_the_environment(write: Write, name: str) -> None:
    item = {item.name: item for item in declared()}[name]
    section, _, key = name.partition(".")
    from_file = load(write(f"[{section}]\n{key} = {item.toml(item.default)}\n"), {})
    assert value_of(from_file, name) == item.default
    assert from_file.origins[name].endswith("config.toml")
    text = ",".join(item.default) if isinstance(item.default, tuple) else str(item.default)
    from_environment = load(None, {variable(name): text})
    assert value_of(from_environment, name) == item.default
    assert from_environment.origins[name] == variable(name)


# names nobody knows


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        ("[server]\nprot = 1", "server.prot", "server.port"),
        ("[uploads]\nmaxsize = 1", "uploads.maxsize", "uploads.max_size"),
        ("[upload]\nmax_size = 1", "upload.max_size", "uploads.max_size"),
        ("[server]\nPort = 1", "server.Port", "server.port"),
        ("port = 1", "port", "server.port"),
        ("[server.hosts]\na = 1", "server.hosts", "server.host"),
        ("[[server]]\nport = 1", "server", "server.port"),
    ],
)
def test_an_unknown_name_in_the_file_names_the_nearest(write: Write, text: str, unknown: str, nearest: str) -> None:
    message = refusal(file := write(text))
    assert message.startswith(f"Unknown setting {unknown} in {file}.")
    assert message.endswith(f"Did you mean {nearest}?")


@pytest.mark.parametrize(
    ("name", "unknown", "nearest"),
    [
        ("GATEWAY_SERVER__PROT", "server.prot", "server.port"),
        ("GATEWAY_SERVER_PORT", "server_port", "server.port"),
        ("GATEWAY_UPLOADS__MAXSIZE", "uploads.maxsize", "uploads.max_size"),
    ],
)
def test_an_unknown_name_in_the_environment_names_the_nearest(name: str, unknown: str, nearest: str) -> None:
    assert refusal(None, {name: "1"}) == f"Unknown setting {unknown} in {name}. Did you mean {nearest}?"


def test_an_unknown_flag_names_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"server\.prot in the command line\. Did you mean server\.port\?"):
        load(None, {}, {"server.prot": 1})


def test_a_name_like_no_other_says_where_all_are_listed() -> None:
    assert refusal(None, {"GATEWAY_XYZZY": "1"}).endswith("`gateway config` lists all settings.")


# values of the wrong kind

WRONG: dict[str, tuple[str, list[str]]] = {
    "server.port": (
        "a whole number, 0 or more", ["true", "1.5", '"http"', "[1]", "-1", '""', "1979-05-27", "{a=1}", '"٣"']
    ),
    "server.host": ("text", ["1", "true", "[]", "1.5"]),
    "uploads.url_sources": ("true or false", ["2", '"maybe"', "[]", '""']),
    "uploads.max_size": (
        'a size such as "50 MB"', ["true", "-1", '"5 XB"', "1.5", "[]", '""', '"lots"', '"99999999 PB"']
    ),
    "uploads.duplicates": ("one of 'reuse', 'keep', 'refuse'", ['"Reuse"', "true", "1", '""', "[]"]),
    "uploads.disabled_formats": ('a list of texts such as ["a", "b"]', ["1", "true", "[1]", '["gif", 2]', "{a=1}"]),
    "log.level": ("one of 'debug', 'info', 'warning', 'error'", ['"verbose"', "3"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "toml"), [(name, toml) for name, (_, values) in WRONG.items() for toml in values])
def test_a_value_of_the_wrong_kind_is_refused_with_what_would_be_right(write: Write, name: str, toml: str) -> None:
    section, _, key = name.partition(".")
    message = refusal(file := write(f"[{section}]\n{key} = {toml}\n"))
    assert message.startswith(f"{name} in {file} is ")
    assert message.endswith(f", but must be {WRONG[name][0]}.")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.port", "http"),
        ("server.port", ""),
        ("server.port", "-1"),
        ("server.port", "9" * 5_000),
        ("uploads.url_sources", "maybe"),
        ("uploads.max_size", "big"),
        ("uploads.duplicates", "drop"),
        ("uploads.disabled_formats", '["gif", 2]'),
        ("uploads.disabled_formats", '["gif"'),
    ],
    ids=lambda text: text[:20],
)
def test_a_wrong_text_in_the_environment_is_refused_with_what_would_be_right(name: str, text: str) -> None:
    assert refusal(None, {variable(name): text}) == (
        f"{name} in {variable(name)} is {text!r}, but must be {WRONG[name][0]}."
    )


@pytest.mark.parametrize("text", ["nas.lan,10.0.0.5:8000", " nas.lan , 10.0.0.5:8000,", '["nas.lan", "10.0.0.5:8000"]',
                                  " ['nas.lan', '10.0.0.5:8000'] "])  # fmt: skip
def test_a_list_in_the_environment_is_written_as_in_a_file_or_with_commas(text: str) -> None:
    settings = load(None, {"GATEWAY_UPLOADS__URL_ALLOW": text}).settings
    assert settings.uploads.url_allow == ("nas.lan", "10.0.0.5:8000")


@pytest.mark.parametrize("host", ["http://nas.lan", "nas lan", '"nas.lan"', "[::1", "nas.lan:port", "127.1"])
def test_a_host_that_is_none_is_named(write: Write, host: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load(write(f"[uploads]\nurl_allow = ['nas.lan', '{host}']\n"), {})
    assert str(refused.value).startswith(f"uploads.url_allow names {host!r}, which is no host.\nGive hosts such as")


@pytest.mark.parametrize("name", ["no spaces", "slash/", "ü", "x" * 33, "line\\nend"])
def test_a_node_whose_name_would_not_do_in_an_id_is_refused(write: Write, name: str) -> None:
    message = refusal(write(f'[server]\nnode = "{name}"\n'))
    assert message.startswith("server.node is ") and "must be 1 to 32 characters of A-Z" in message


@pytest.mark.parametrize("name", ["a", "north-1.example_org", "x" * 32])
def test_a_node_may_have_a_name(write: Write, name: str) -> None:
    assert load(write(f'[server]\nnode = "{name}"\n'), {}).settings.server.node == name


@pytest.mark.parametrize(
    ("toml", "size"),
    [("52", 52), ('"52"', 52), ('"50 MB"', 50_000_000), ('"1.5 GB"', 1_500_000_000), ('"16 MiB"', 16 * 1024**2)],
)
def test_a_size_is_a_number_or_text(write: Write, toml: str, size: int) -> None:
    assert load(write(f"[uploads]\nmax_size = {toml}\n"), {}).settings.uploads.max_size == size


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "on", "ON"])
def test_yes_has_many_spellings(text: str) -> None:
    assert load(None, {"GATEWAY_CHEVERETO__CONFIRM_DELETE": text}).settings.chevereto.confirm_delete is True


@pytest.mark.parametrize("text", ["false", "FALSE", "0", "no", "off"])
def test_no_has_many_spellings(text: str) -> None:
    assert load(None, {"GATEWAY_UPLOADS__URL_SOURCES": text}).settings.uploads.url_sources is False


@pytest.mark.parametrize(
    ("text", "parts"),
    [("", ()), ("gif", ("gif",)), ("gif,bmp", ("gif", "bmp")), (" gif , bmp ,", ("gif", "bmp")), (" , ,", ())],
)
def test_a_list_in_the_environment_is_divided_by_commas(text: str, parts: tuple[str, ...]) -> None:
    assert load(None, {"GATEWAY_UPLOADS__DISABLED_FORMATS": text}).settings.uploads.disabled_formats == parts


def test_a_list_in_the_file_is_a_list(write: Write) -> None:
    file = write('[uploads]\nurl_allow = ["nas.lan", "10.0.0.5:8000"]\n')
    assert load(file, {}).settings.uploads.url_allow == ("nas.lan", "10.0.0.5:8000")


# files


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    file = tmp_path / "none.toml"
    assert refusal(file) == f"There is no configuration file {file}."


@pytest.mark.parametrize("text", ["[server", "port: 8080", "[server]\nport = 1\nport = 2", "\x00", "[server]\nport = "])
def test_a_file_that_is_no_toml_is_named(write: Write, text: str) -> None:
    assert refusal(file := write(text)).startswith(f"{file} cannot be read: ")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (file := tmp_path / "config.toml").write_bytes(b"\xff\xfe\x00")
    assert refusal(file).startswith(f"{file} cannot be read: ")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path).startswith(f"{tmp_path} cannot be read: ")


def test_an_empty_file_changes_nothing(write: Write) -> None:
    assert load(write("# nothing\n"), {}).settings == Settings()


# values of the right kind that cannot work


@pytest.mark.parametrize("url", FINE_URLS)
def test_a_public_url_may_look_like_this(url: str) -> None:
    assert load(None, {"GATEWAY_SERVER__PUBLIC_URL": url}).settings.public_url == url.rstrip("/")


@pytest.mark.parametrize("url", BAD_URLS)
def test_what_is_no_address_is_no_public_url(url: str) -> None:
    message = refusal(None, {"GATEWAY_SERVER__PUBLIC_URL": url})
    assert message == f"server.public_url is {url!r}, but must be an address such as https://img.example.org."


@pytest.mark.parametrize(
    ("host", "url"),
    [("127.0.0.1", "http://127.0.0.1:9000"), ("::1", "http://[::1]:9000"), ("img.lan", "http://img.lan:9000")],
)
def test_without_a_public_url_it_is_host_and_port(host: str, url: str) -> None:
    assert load(None, {"GATEWAY_SERVER__HOST": host, "GATEWAY_SERVER__PORT": "9000"}).settings.public_url == url


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("server.port", "65536", "server.port is 65536, but ports go from 1 to 65535."),
        ("server.port", "0", "server.port is 0, but ports go from 1 to 65535."),
        ("storage.data", "", "storage.data is empty, but must name a folder."),
        ("chevereto.time_zone", "Berlin", "chevereto.time_zone is 'Berlin', but must be a zone such as Europe/Berlin."),
        ("chevereto.time_zone", "", "chevereto.time_zone is '', but must be a zone such as Europe/Berlin."),
        ("chevereto.time_zone", "../etc", "chevereto.time_zone is '../etc', but must be a zone such as Europe/Berlin."),
        ("server.trusted_proxies", "10.0.0.0/8,nas.lan",
         "server.trusted_proxies names 'nas.lan', but must hold addresses and networks such as 10.0.0.0/8."),
        *(("limits.store", place, "limits.store must be memory, or the address of a Redis such as "
           "redis://127.0.0.1:6379/0.") for place in ("", "disk", "redis:", "redis://", "http://127.0.0.1:6379")),
        ("uploads.disabled_formats", "gif,tiff", f"uploads.disabled_formats names 'tiff'; {ALL_FORMATS}"),
        *((name, "0", f"{name} is 0, but must be at least 1.") for name in (
            "server.threads", "images.thumb_width", "images.thumb_height", "images.medium_width", "sweeper.interval",
            "uploads.max_size", "uploads.url_timeout", "legacy.fallback_max_size")),
    ],
)  # fmt: skip
def test_a_value_that_cannot_work_is_refused(name: str, text: str, sentence: str) -> None:
    assert refusal(None, {variable(name): text}) == sentence


@pytest.mark.parametrize("url", [*BAD_URLS, "https://user:secret@old.example.org"])
def test_what_is_no_address_is_no_fallback_url(url: str) -> None:
    message = refusal(None, {"GATEWAY_LEGACY__FALLBACK_URL": url})
    assert message == f"legacy.fallback_url is {url!r}, but must be an address such as https://old.example.org."


@pytest.mark.parametrize(
    ("public", "fallback"),
    [
        ("https://img.example.org", "https://img.example.org"),
        ("https://img.example.org/", "http://IMG.example.org:80/pics"),
        ("http://img.example.org:8080", "http://img.example.org:8080"),
        ("", "http://127.0.0.1:8080"),
    ],
)
def test_this_gateway_is_no_old_host(public: str, fallback: str) -> None:
    environment = {"GATEWAY_SERVER__PUBLIC_URL": public, "GATEWAY_LEGACY__FALLBACK_URL": fallback}
    with pytest.raises(SettingsError) as refused:
        load(None, environment)
    what, remedy = str(refused.value).splitlines()
    assert what == f"legacy.fallback_url is {fallback!r}, which leads to this gateway itself (server.public_url)."
    assert remedy.startswith("Give the old host by a name of its own")


@pytest.mark.parametrize("url", ["https://old.example.org", "http://10.0.0.5", "http://127.0.0.1:8081", "http://[::1]"])
def test_an_old_host_may_look_like_this(url: str) -> None:
    assert load(None, {"GATEWAY_LEGACY__FALLBACK_URL": url}).settings.legacy.fallback_url == url


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Asia/Kathmandu"])
def test_a_time_zone_of_the_world_is_fine(zone: str) -> None:
    assert load(None, {"GATEWAY_CHEVERETO__TIME_ZONE": zone}).settings.chevereto.time_zone == zone


def test_the_defaults_pass_their_own_checks() -> None:
    assert load(None, {}).settings.data == Path("data")


# plans


def test_a_plan_is_a_table_with_a_name(write: Write) -> None:
    file = write('[plans.pro]\nimage_bytes = "5 GB"\nmax_keys = 3\n[plans.free_2]\nvideo_bytes = 0\n[plans.any]\n')
    loaded = load(file, {})
    assert loaded.settings.plans == (
        Plan("pro", image_bytes=5_000_000_000, max_keys=3),
        Plan("free_2", video_bytes=0),
        Plan("any"),
    )
    assert loaded.origins["plans.pro.max_keys"] == str(file)


def test_the_environment_makes_plans_and_changes_them(write: Write) -> None:
    file = write("[plans.pro]\nmax_keys = 3\nuploads_per_day = 5\n")
    environment = {"GATEWAY_PLANS__PRO__MAX_KEYS": "4", "GATEWAY_PLANS__FREE__MAX_FILE_BYTES": "1 MB"}
    assert load(file, environment).settings.plans == (
        Plan("pro", max_keys=4, uploads_per_day=5),
        Plan("free", max_file_bytes=1_000_000),
    )


@pytest.mark.parametrize(
    ("text", "unknown", "nearest"),
    [
        ("[plans.pro]\nimage_byte = 1", "plans.pro.image_byte", "plans.NAME.image_bytes"),
        ("[plans.Pro]\nmax_keys = 1", "plans.Pro.max_keys", "plans.NAME.max_keys"),
        ("[plans]\nmax_keys = 1", "plans.max_keys", "plans.NAME.max_keys"),
        ("[plans.pro.deep]\nmax_keys = 1", "plans.pro.deep", None),
        ("plans = 1", "plans", None),
    ],
)
def test_what_is_no_plan_is_refused(write: Write, text: str, unknown: str, nearest: str | None) -> None:
    message = refusal(file := write(text))
    assert message.startswith(f"Unknown setting {unknown} in {file}.")
    assert nearest is None or message.endswith(f"Did you mean {nearest}?")


def test_a_limit_of_the_wrong_kind_is_refused(write: Write) -> None:
    message = refusal(file := write("[plans.pro]\nmax_keys = true\n"))
    assert message == f"plans.pro.max_keys in {file} is True, but must be a whole number, 0 or more."


def test_the_plan_of_the_example_can_be_used(write: Write) -> None:
    example = render_example().partition("# [plans.pro]")[2]
    lines = [line.removeprefix("# ") for line in example.splitlines() if " = " in line]
    (plan,) = load(write("\n".join(["[plans.pro]", *lines])), {}).settings.plans
    assert plan == Plan("pro", 5 * GB, 10 * GB, 5 * GB, 20_000_000, 5_000, 50_000, 3)


# what is rendered


def test_every_setting_has_a_help_that_is_a_sentence() -> None:
    for item in declared():
        assert item.help[0].isupper() and item.help.endswith("."), item.name
        assert "|" not in item.help and "\n" not in item.help, item.name


def test_every_section_declares_its_settings() -> None:
    assert {name.partition(".")[0] for name in NAMES} | {"plans"} == {section.name for section in fields(Settings)}


def test_the_example_file_is_the_rendered_one() -> None:
    assert (ROOT / "config.example.toml").read_text("utf-8") == render_example()


def test_the_example_file_says_the_defaults() -> None:
    loaded = load(file := ROOT / "config.example.toml", {})
    assert loaded.settings == Settings()
    assert set(loaded.origins.values()) == {str(file)}


def test_the_readme_holds_the_rendered_table() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    assert text.count("<!-- settings -->") == text.count("<!-- /settings -->") == 1
    assert text.partition("<!-- settings -->")[2].partition("<!-- /settings -->")[0].strip() == render_table()


@pytest.mark.parametrize(
    ("name", "value", "toml"),
    [
        ("uploads.max_size", 50_000_000, '"50 MB"'),
        ("uploads.max_size", 50_000_001, "50000001"),
        ("uploads.max_size", 2_000_000_000_000_000, '"2 PB"'),
        ("uploads.max_size", 5 * 10**18, '"5000 PB"'),
        ("server.host", 'a"b\\c', '"a\\"b\\\\c"'),
        ("uploads.url_allow", ("nas.lan", "b"), '["nas.lan", "b"]'),
        ("uploads.url_allow", (), "[]"),
        ("uploads.url_sources", False, "false"),
        ("images.slots", 0, "0"),
    ],
)
def test_a_value_is_rendered_as_it_would_stand_in_a_file(write: Write, name: str, value: object, toml: str) -> None:
    item = {item.name: item for item in declared()}[name]
    assert item.toml(value) == toml
    section, _, key = name.partition(".")
    assert value_of(load(write(f"[{section}]\n{key} = {toml}\n"), {}), name) == value
