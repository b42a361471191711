"""The `gateway` command. The nouns with sub-commands of their own are in `commands/`."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from gateway import __version__
from gateway.commands.albums import album, category
from gateway.commands.backups import backup_command, restore_command
from gateway.commands.check import check_command
from gateway.commands.common import (
    data_options,
    json_option,
    load_settings,
    mask,
    opened_data,
    print_facts,
    print_json,
)
from gateway.commands.doctor import doctor
from gateway.commands.entrance import Entrance
from gateway.commands.hints import place
from gateway.commands.keys import key
from gateway.commands.owners import owner, password_link
from gateway.commands.settings_check import check_settings
from gateway.commands.stores import store
from gateway.core.sizes import format_size
from gateway.settings import Settings, declared, declared_plan
from gateway.store.opening import Opened

SECRETS = ("metrics.token",)
# A 16 x 16 picture, so that the line works wherever it is pasted.
SAMPLE = "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAGElEQVR4nGMQiTtPEmIY1TCqYVTDcNUAADrqTHpPxfdQAAAAAElFTkSuQmCC"


@click.group(cls=Entrance, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="picgate")
def cli() -> None:
    """Picgate: old upload tools keep working, old links keep opening.

    \b
    Example:
        gateway serve --data ./data --port 8080
    """


@cli.command()
@data_options
@click.option("--host", help="Address to listen on. Default: 127.0.0.1.")
@click.option("--port", type=int, help="Port to listen on. Default: 8080.")
@click.option("--public-url", metavar="URL", help="Address people reach the gateway by; every link starts with it.")
def serve(config: Path | None, data: str | None, host: str | None, port: int | None, public_url: str | None) -> None:
    """Run the gateway. An empty data folder becomes a library first.

    \b
    Example:
        gateway serve --data ./data --public-url https://img.example.org
    """
    from gateway.app import create_app, largest_body
    from gateway.serving import Serving
    from gateway.sweeper import Sweeper
    from gateway.telemetry.ids import node_name
    from gateway.telemetry.logs import start_logging

    loaded = load_settings(config, data, server__host=host, server__port=port, server__public_url=public_url)
    settings = loaded.settings
    start_logging(settings.log.level, settings.log.format, node_name(settings.server.node))
    with opened_data(settings, must_exist=False) as opened:
        opened.catalog.try_out()
        opened.blobs.try_out()
        sweeper = Sweeper(opened, settings.sweeper.interval)
        try:
            serving = Serving(create_app(settings, opened, sweeper).wsgi_app, settings, largest_body(settings))
        except OSError as error:
            raise click.ClickException(
                f"Port {settings.server.port} of {settings.server.host} cannot be used: {error.strerror}.\n"
                "Choose another with --port."
            ) from None
        # The key is shown only once: nothing that can fail comes between making it and showing it.
        click.echo(greeting(settings, make_first_owner(opened, settings)))
        opened.library.warm_up()
        sweeper.start()
        serving.run()
        sweeper.stop()


@dataclass(frozen=True, slots=True)
class First:
    """What the first owner is given: the text of a key, and an address at which to choose a password."""

    key: str
    link: str


def make_first_owner(opened: Opened, settings: Settings) -> First | None:
    """None for a library that has an owner already, or is given one just now."""
    with opened.catalog.alone("first owner") as is_alone:
        if not is_alone or opened.owners.all():
            return None
        owner = opened.owners.add("admin", role="admin")
        return First(opened.keys.issue(owner, "first key")[1], password_link(opened, owner, settings))


def greeting(settings: Settings, first: First | None) -> str:
    url = settings.public_url
    lines = [f"Picgate {__version__} is ready on {url}"]
    if first:
        key = first.key
        lines += [
            "",
            f"Your API key:   {key}",
            f"                (shown only now; `gateway key add NAME{place()}` makes another)",
            f"Your dashboard: {first.link}",
            "                (choose a password there within a day, as the owner admin;"
            f" `gateway owner link admin{place()}` makes another link)",
            "",
            "Try it:",
            f"  curl -F key={key} -F source={SAMPLE} {url}/api/1/upload",
            "With a picture of yours:",
            f"  curl -H 'X-API-Key: {key}' -F source=@picture.jpg {url}/api/1/upload",
        ]
    return "\n".join([*lines, "", f"Settings for ShareX, PicGo and other tools: {url}/tools"])


@cli.command()
@data_options
@json_option
def init(config: Path | None, data: str | None, as_json: bool) -> None:
    """Make a library: folder, catalog, an owner named "admin" with a first key and a link that sets a password.

    \b
    Example:
        gateway init --data ./data
    """
    settings = load_settings(config, data).settings
    with opened_data(settings, must_exist=False) as opened:
        first = make_first_owner(opened, settings)
    if not first:
        click.echo(f"There is a library in {settings.data} already; nothing was changed.", err=True)
        sys.exit(4)
    if as_json:
        facts = {"data_dir": str(settings.data), "owner": "admin", "api_key": first.key, "password_link": first.link}
        print_json(facts)
    else:
        click.echo(f"Library made in {settings.data}, with an owner named admin.")
        click.echo(f"API key: {first.key}\n(shown only now)")
        click.echo(f"Choose a password for the dashboard, within a day, at: {first.link}")
        click.echo(f"Start it with: gateway serve{place(settings.data)}")


@cli.command()
@data_options
@click.option("--check", is_flag=True, help="Print nothing but problems.")
def config(config: Path | None, data: str | None, check: bool) -> None:
    """Show every setting, and where its value comes from.

    \b
    Example:
        gateway config --check
    """
    loaded = load_settings(config, data)
    if check:
        check_settings(loaded.settings, loaded.origins)
        return
    section = ""
    for item in declared():
        head, _, name = item.name.partition(".")
        if head != section:
            click.echo(f"{chr(10) if section else ''}[{head}]")
            section = head
        value = item.toml(getattr(getattr(loaded.settings, head), name))
        shown = '"***"' if item.name in SECRETS and value != '""' else mask(value)
        click.echo(f"{name} = {shown}  # {loaded.origins[item.name]}")
    for plan in loaded.settings.plans:
        click.echo(f"\n[plans.{plan.name}]")
        for item in declared_plan(plan.name):
            if origin := loaded.origins.get(item.name):
                name = item.name.rpartition(".")[2]
                click.echo(f"{name} = {item.toml(getattr(plan, name))}  # {origin}")


@cli.command()
@data_options
@json_option
def stats(config: Path | None, data: str | None, as_json: bool) -> None:
    """Count what the library holds.

    \b
    Example:
        gateway stats --json
    """
    with opened_data(load_settings(config, data).settings, writes=False) as opened:
        facts: dict[str, Any] = asdict(opened.library.usage())
    if as_json:
        print_json(facts)
    else:
        print_facts(facts | {"media_bytes": f"{facts['media_bytes']} ({format_size(facts['media_bytes'])})"})


@cli.command()
@data_options
@json_option
def sweep(config: Path | None, data: str | None, as_json: bool) -> None:
    """Remove expired files and uploads that never finished; set aside stored files without a record.

    \b
    Example:
        gateway sweep
    """
    from gateway.sweeper import sweep_all

    with opened_data(load_settings(config, data).settings) as opened:
        facts = asdict(sweep_all(opened))
    if as_json:
        print_json(facts)
    else:
        click.echo(
            f"Removed {facts['expired']} expired files and {facts['incoming']} abandoned uploads; "
            f"set aside {facts['orphans']} files without a record."
        )


for noun in (check_command, owner, key, album, category, store, backup_command, restore_command, doctor):
    cli.add_command(noun)
