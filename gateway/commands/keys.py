"""`gateway key`: API keys."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.commands.common import data_options, json_option, load_settings, opened_data, print_json, print_table


@click.group()
def key() -> None:
    """API keys.

    \b
    Example:
        gateway key add sharex
    """


@key.command("add")
@click.argument("name")
@click.option("--owner", "owner_name", metavar="NAME", default="admin", show_default=True, help="Whose key it is.")
@click.option(
    "--scope", "scopes", metavar="S", multiple=True, help="What it may do, such as media.write. Default: all."
)
@data_options
@json_option
def key_add(
    config: Path | None, data: str | None, name: str, owner_name: str, scopes: tuple[str, ...], as_json: bool
) -> None:
    """Make a key. It is shown once.

    \b
    Example:
        gateway key add sharex --owner alice --scope media.write
    """
    with opened_data(load_settings(config, data).settings) as opened:
        made, text = opened.keys.issue(opened.owners.named(owner_name), name, scopes)
    if as_json:
        print_json({"id": made.id, "name": made.name, "api_key": text})
    else:
        click.echo(f"API key: {text}\n(shown only now; id {made.id})")


@key.command("list")
@data_options
@json_option
def key_list(config: Path | None, data: str | None, as_json: bool) -> None:
    """List all keys, without their secret part.

    \b
    Example:
        gateway key list
    """
    with opened_data(load_settings(config, data).settings, writes=False) as opened:
        names = {one.id: one.username for one in opened.owners.all()}
        keys = opened.keys.all()
    if as_json:
        print_json(
            [{"id": one.id, "name": one.name, "owner": names[one.owner_id], "prefix": one.prefix, "last4": one.last4,
              "scopes": one.scopes, "created_at": one.created_at.isoformat(),
              "last_used_at": one.last_used_at and one.last_used_at.isoformat(),
              "revoked_at": one.revoked_at and one.revoked_at.isoformat()} for one in keys]
        )  # fmt: skip
        return
    print_table(
        ("ID", "NAME", "OWNER", "KEY", "LAST USED", "STATE"),
        [
            (one.id, one.name, names[one.owner_id], f"{one.prefix}…{one.last4}",
             one.last_used_at.strftime("%Y-%m-%d %H:%M") if one.last_used_at else "never",
             "revoked" if one.revoked_at else "active")
            for one in keys
        ],
    )  # fmt: skip


@key.command("revoke")
@click.argument("id")
@data_options
def key_revoke(config: Path | None, data: str | None, id: str) -> None:
    """Refuse a key from now on.

    \b
    Example:
        gateway key revoke V1StGXR8_Z5jdHi6B-myT
    """
    with opened_data(load_settings(config, data).settings) as opened:
        opened.keys.revoke(id)
    click.echo(f"Key {id} is revoked.")
