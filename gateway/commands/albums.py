"""`gateway album` and `gateway category`: where uploads can be put."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path

import click

from gateway.commands.common import data_options, json_option, load_settings, opened_data, print_json, print_table


@click.group()
def album() -> None:
    """Albums.

    \b
    Example:
        gateway album add Holiday --owner alice
    """


@album.command("add")
@click.argument("name")
@click.option("--owner", "owner_name", metavar="NAME", default="admin", show_default=True, help="Whose album it is.")
@data_options
@json_option
def album_add(config: Path | None, data: str | None, name: str, owner_name: str, as_json: bool) -> None:
    """Make an album; uploads name it with album_id.

    \b
    Example:
        gateway album add Holiday
    """
    with opened_data(load_settings(config, data).settings) as opened:
        made = opened.library.add_album(opened.owners.named(owner_name), name)
    if as_json:
        print_json({"id": made.id, "name": made.name})
    else:
        click.echo(f"Album {made.name} was made; its album_id is {made.id}")


@album.command("list")
@data_options
@json_option
def album_list(config: Path | None, data: str | None, as_json: bool) -> None:
    """List all albums.

    \b
    Example:
        gateway album list
    """
    with opened_data(load_settings(config, data).settings, writes=False) as opened:
        names = {one.id: one.username for one in opened.owners.all()}
        albums = opened.library.albums()
    if as_json:
        print_json([{"id": one.id, "name": one.name, "owner": names[one.owner_id]} for one in albums])
    else:
        print_table(("ID", "NAME", "OWNER"), [(one.id, one.name, names[one.owner_id]) for one in albums])


@click.group()
def category() -> None:
    """Categories, which uploads name with category_id.

    \b
    Example:
        gateway category add Nature
    """


@category.command("add")
@click.argument("name")
@click.option("--key", "url_key", metavar="KEY", help="Its part of an address. Default: made from the name.")
@data_options
@json_option
def category_add(config: Path | None, data: str | None, name: str, url_key: str | None, as_json: bool) -> None:
    """Make a category.

    \b
    Example:
        gateway category add "Black and white" --key bw
    """
    with opened_data(load_settings(config, data).settings) as opened:
        made = opened.library.add_category(name, url_key or re.sub(r"[\W_]+", "-", name.lower()).strip("-"))
    if as_json:
        print_json(asdict(made))
    else:
        click.echo(f"Category {made.name} was made; its category_id is {made.id}")


@category.command("list")
@data_options
@json_option
def category_list(config: Path | None, data: str | None, as_json: bool) -> None:
    """List all categories.

    \b
    Example:
        gateway category list
    """
    with opened_data(load_settings(config, data).settings, writes=False) as opened:
        categories = opened.library.categories()
    if as_json:
        print_json([asdict(one) for one in categories])
    else:
        print_table(("ID", "NAME", "KEY"), [(one.id, one.name, one.url_key) for one in categories])
