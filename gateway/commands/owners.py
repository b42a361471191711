"""`gateway owner`: the people files belong to."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path

import click

from gateway.commands.common import (
    data_options,
    json_option,
    load_settings,
    opened_data,
    print_facts,
    print_json,
    print_table,
)
from gateway.commands.hints import place
from gateway.core.records import ROLES, Owner, Role
from gateway.core.sizes import format_size, parse_size
from gateway.settings import Settings
from gateway.store.opening import Opened
from gateway.store.passwords import hash_password
from gateway.urls import Urls


@click.group()
def owner() -> None:
    """The people files belong to.

    \b
    Example:
        gateway owner add alice --quota "5 GB"
    """


def read_quota(context: click.Context, option: click.Parameter, text: str | None) -> int | None:
    return read_size(text)


def read_size(text: str | None) -> int | None:
    try:
        return parse_size(text) if text else None
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


def read_plan(settings: Settings, name: str | None) -> str | None:
    known = [plan.name for plan in settings.plans]
    if name and name not in known:
        plans = f"The plans are {', '.join(known)}" if known else "There are no plans"
        raise click.BadParameter(f"there is no plan {name!r}. {plans} in the settings, as [plans.NAME].")
    return name or None


@owner.command("add")
@click.argument("name")
@click.option("--email", metavar="E", help="Email address.")
@click.option("--role", type=click.Choice(ROLES), default="user", show_default=True, help="What the owner may do.")
@click.option("--quota", metavar="SIZE", callback=read_quota, help='Most bytes to store, such as "5 GB". Default: any.')
@click.option("--plan", metavar="PLAN", help="Plan of the settings that limits the owner. Default: none.")
@click.option("--password-stdin", is_flag=True, help="Read a password from standard input.")
@data_options
def owner_add(
    config: Path | None, data: str | None, name: str, email: str | None, role: Role, quota: int | None,
    plan: str | None, password_stdin: bool,
) -> None:  # fmt: skip
    """Add an owner.

    \b
    Example:
        gateway owner add alice --email alice@example.org --quota "5 GB"
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    if password_stdin and not password:
        raise click.ClickException(
            f"Standard input held no password.\nTry: gateway owner add NAME --password-stdin{place()} < FILE"
        )
    settings = load_settings(config, data).settings
    plan = read_plan(settings, plan)
    with opened_data(settings) as opened:
        added = opened.owners.add(
            name,
            email=email,
            role=role,
            quota_bytes=quota,
            plan=plan,
            password_hash=hash_password(password) if password else None,
        )
    click.echo(f"Owner {added.username} was added.")
    word = shlex.quote(added.username)
    click.echo(f"Give them a key with: gateway key add NAME --owner {word}{place()}")
    if not password:
        click.echo(f"Let them choose a password with: gateway owner link {word}{place()}")


@owner.command("link")
@click.argument("name")
@data_options
@json_option
def owner_link(config: Path | None, data: str | None, name: str, as_json: bool) -> None:
    """Print a link at which an owner chooses a password. It works once, for a day; earlier ones stay good.

    \b
    Example:
        gateway owner link alice
    """
    settings = load_settings(config, data).settings
    with opened_data(settings) as opened:
        link = password_link(opened, opened.owners.named(name), settings)
    if as_json:
        print_json({"owner": name, "password_link": link})
    else:
        click.echo(link)
        click.echo("It works once, within a day. Whoever has it can sign in as this owner.", err=True)


def password_link(opened: Opened, one: Owner, settings: Settings) -> str:
    return Urls(settings.public_url).page(f"/dashboard/password/{opened.accounts.make_link(one)}")


@owner.command("set")
@click.argument("name")
@click.option("--plan", metavar="PLAN", help='Plan of the settings that limits the owner; "" for none.')
@click.option("--quota", metavar="SIZE", help='Most bytes to store, such as "5 GB"; "" for any number.')
@data_options
def owner_set(config: Path | None, data: str | None, name: str, plan: str | None, quota: str | None) -> None:
    """Change what an owner may use. What is not given stays as it is.

    \b
    Example:
        gateway owner set alice --quota "20 GB"
    """
    if plan is None and quota is None:
        raise click.UsageError("Nothing to set. Give --plan or --quota.")
    settings = load_settings(config, data).settings
    with opened_data(settings) as opened:
        found = opened.owners.named(name)
        new_plan = found.plan if plan is None else read_plan(settings, plan)
        new_quota = found.quota_bytes if quota is None else read_size(quota)
        opened.owners.limit(name, new_plan, new_quota)
    quota_text = "any number of bytes" if new_quota is None else format_size(new_quota)
    click.echo(f"Owner {found.username} is on {f'the plan {new_plan}' if new_plan else 'no plan'}, with {quota_text}.")


@owner.command("list")
@data_options
@json_option
def owner_list(config: Path | None, data: str | None, as_json: bool) -> None:
    """List all owners.

    \b
    Example:
        gateway owner list --json
    """
    with opened_data(load_settings(config, data).settings, writes=False) as opened:
        owners = opened.owners.all()
    if as_json:
        print_json([owner_facts(one) for one in owners])
        return
    print_table(
        ("NAME", "ROLE", "FILES", "STORED", "QUOTA", "STATE"),
        [
            (one.username, one.role, one.media_count, format_size(one.storage_used_bytes),
             format_size(one.quota_bytes) if one.quota_bytes is not None else "-",
             "active" if one.is_active else "disabled")
            for one in owners
        ],
    )  # fmt: skip


@owner.command("show")
@click.argument("name")
@data_options
@json_option
def owner_show(config: Path | None, data: str | None, name: str, as_json: bool) -> None:
    """Show one owner.

    \b
    Example:
        gateway owner show admin
    """
    with opened_data(load_settings(config, data).settings, writes=False) as opened:
        facts = owner_facts(opened.owners.named(name))
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


def owner_facts(one: Owner) -> dict[str, object]:
    facts = asdict(one)
    facts["has_password"] = facts.pop("password_hash") is not None
    facts["created_at"] = one.created_at.isoformat()
    return facts


@owner.command("disable")
@click.argument("name")
@data_options
def owner_disable(config: Path | None, data: str | None, name: str) -> None:
    """Refuse an owner's keys from now on. Their public files stay.

    \b
    Example:
        gateway owner disable alice
    """
    with opened_data(load_settings(config, data).settings) as opened:
        opened.owners.disable(name)
    click.echo(f"Owner {name} is disabled.")


@owner.command("enable")
@click.argument("name")
@data_options
def owner_enable(config: Path | None, data: str | None, name: str) -> None:
    """Accept a disabled owner's keys again.

    \b
    Example:
        gateway owner enable alice
    """
    with opened_data(load_settings(config, data).settings) as opened:
        opened.owners.enable(name)
    click.echo(f"Owner {name} is enabled.")


@owner.command("publish")
@click.argument("name")
@data_options
def owner_publish(config: Path | None, data: str | None, name: str) -> None:
    """Give an owner a page that lists what they show to everybody.

    \b
    Example:
        gateway owner publish alice
    """
    with opened_data(load_settings(config, data).settings) as opened:
        opened.owners.publish(name)
    click.echo(f"Owner {name} has a page: /user/{name}")


@owner.command("conceal")
@click.argument("name")
@data_options
def owner_conceal(config: Path | None, data: str | None, name: str) -> None:
    """Take an owner's page away. Their files are found by their addresses alone.

    \b
    Example:
        gateway owner conceal alice
    """
    with opened_data(load_settings(config, data).settings) as opened:
        opened.owners.conceal(name)
    click.echo(f"Owner {name} has no page.")
