"""Taking a run back: everything that it added goes, and nothing else.

Promises: what was changed here since, and whatever holds something that is not of the run, stays and is named; catalog
first, files after; killed anywhere, it is run again and finishes; memory stays small. Without `writes` it tells what
would go, and changes nothing.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from gateway.core.moving import Arrived, Leads, Origin, Target
from gateway.core.records import Asset, Owner
from gateway.store.opening import Opened
from migrate.bringing import in_batches, in_catalog
from migrate.journal import Journal
from migrate.words import counted

BATCH = 500
PICTURES = ("avatar_id", "background_id")


@dataclass(frozen=True, slots=True)
class Undone:
    """What went, by kind, and how many things stayed, each of which was said. With `message` nothing was to be done."""

    run_id: str
    removed: Mapping[Target, int]
    kept: int
    freed_bytes: int
    message: str | None = None

    @property
    def exit_code(self) -> int:
        """0 all well, 3 something stayed, 4 nothing to do."""
        return 4 if self.message else 3 if self.kept else 0


def undo(
    opened: Opened,
    journal: Journal,
    *,
    dry_run: bool = False,
    said: Callable[[str], None] = lambda sentence: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Undone:
    """`said` hears a sentence about each thing that stays, `progress` how many files are gone, of how many."""
    run = journal.run
    if run.is_dry:
        return Undone(run.id, {}, 0, 0, f"The run {run.id} was a dry run: it added nothing.")
    if run.state == "undone":
        return Undone(run.id, {}, 0, 0, f"The run {run.id} was undone already.")
    undoing = Undoing(opened, journal, said, progress, writes=not dry_run)
    undoing.everything()
    undone = Undone(run.id, dict(+undoing.removed), undoing.stayed, undoing.freed_bytes)
    if not dry_run:
        stayed = f"{counted(undone.kept, 'thing')} stayed that the run had brought." if undone.kept else None
        journal.end("undone", run.found, stayed)
    return undone


class Undoing:
    def __init__(
        self, opened: Opened, journal: Journal, said: Callable[[str], None], progress: Callable[[int, int], None], *,
        writes: bool,
    ) -> None:  # fmt: skip
        self.opened = opened
        self.catalog = opened.catalog
        self.journal = journal
        self.run = journal.run
        self.said = said
        self.progress = progress
        self.writes = writes
        self.removed: Counter[Target] = Counter()
        self.kept: set[str] = set()  # and what belongs to it
        self.gone: set[str] = set()
        self.leaving: Counter[str] = Counter()  # by owner and album, where the catalog still counts them
        self.stayed = 0
        self.freed_bytes = 0

    def everything(self) -> None:
        """Each before what holds it."""
        self.media()
        self.keys()
        self.albums()
        self.profiles()
        self.owners()
        self.categories()
        self.leads()

    def keep(self, kind: str, name: str, reason: str, *ids: str | None) -> None:
        self.kept.update(one for one in ids if one)
        self.stayed += 1
        self.said(f"The {kind} {name!r} stays: {reason}.")

    # media

    def media(self) -> None:
        total, done = self.journal.summary().verdicts.get("imported", 0), 0
        imported = (one.media_id for one in self.journal.outcomes(verdicts=["imported"]) if one.media_id)
        for ids in in_batches(imported, BATCH):
            self.let_go(ids, self.catalog.arrived(ids))
            self.progress(done := done + len(ids), total)
        self.media_cut_off()

    def let_go(self, ids: Sequence[str], here: Sequence[Arrived]) -> None:
        """Also of what was deleted here since, all that still leads there goes."""
        for arrived in here:
            if reason := self.what_happened_to(arrived):
                self.keep("file", arrived.media.filename, reason, arrived.media.id)
        going = [arrived.media for arrived in here if arrived.media.id not in self.kept]
        self.count("media", [media.id for media in going])
        self.freed_bytes += sum(media.size_bytes for media in going)
        if self.writes:
            for media in self.catalog.withdraw_media([one for one in ids if one not in self.kept]):
                self.opened.library.drop_files(media)
        else:
            self.leaving.update(media.owner_id for media in going)
            self.leaving.update(media.album_id for media in going if media.album_id)

    def what_happened_to(self, arrived: Arrived) -> str:
        """Who sends a file that is here is given a delete token for it, of a kind that only manifests bring along."""
        if arrived.media.updated_at > self.run.started_at:
            return "it was changed here since"
        if self.run.kind != "manifest" and not all(token.startswith("$2") for token in arrived.token_hashes):
            return "it was uploaded here once more since"
        return ""

    def media_cut_off(self) -> None:
        """Those that were written when the run was killed, before the journal could say so. What the run only added
        to was here before, and does not have the time of the run."""
        may_have_merged = self.run.options.get("duplicates") == "merge"
        for page in self.origins("media"):
            ids = {origin.target_id for origin in page if origin.target_id} - self.kept - self.gone
            here = self.catalog.arrived(sorted(ids))
            if may_have_merged:
                here = [arrived for arrived in here if arrived.media.updated_at == in_catalog(self.run.started_at)]
            self.let_go([arrived.media.id for arrived in here], here)

    # the rest

    def keys(self) -> None:
        ids = {key_id for key_id, _ in self.journal.added("key")}
        here = self.catalog.keys()
        added = [key for key in here if key.id in ids]
        for key in added:
            if key.last_used_at and key.last_used_at > self.run.started_at:
                self.said(f"The key {key.name!r} was used since; it goes all the same.")
        self.withdraw("key", {key.id: key.name for key in added})

    def albums(self) -> None:
        """The innermost first, round by round."""
        waiting = {album_id: name for album_id, name in self.journal.added("album") if self.catalog.album(album_id)}
        while empty := {album_id: name for album_id, name in waiting.items() if not self.what_is_in(album_id)}:
            for album_id in empty:
                del waiting[album_id]
            self.withdraw("album", empty)
        for album_id, name in waiting.items():
            self.keep("album", name, self.what_is_in(album_id), album_id)

    def what_is_in(self, album_id: str) -> str:
        album = self.catalog.album(album_id)
        if not album:
            return ""
        if left := album.media_count - self.leaving[album_id]:
            return f"it holds {counted(left, 'file')} that will not go"
        if left := sum(child.id not in self.gone for child in self.catalog.albums_in(album_id)):
            return f"it holds {counted(left, 'album')} that will not go"
        return ""

    def profiles(self) -> None:
        """What was filled in for owners who were here before is empty again, and what was private is."""
        before = {owner_id: json.loads(text) for owner_id, text in self.journal.added("profile")}
        brought = {asset_id for asset_id, _ in self.journal.added("asset")}
        for owner_id, facts in before.items():
            owner = self.catalog.owner(owner_id)
            if owner and self.writes:
                empty = {name: value for name, value in facts.items() if name in PICTURES or value in (None, "", True)}
                self.catalog.set_owner_profile(replace(owner, **empty))
        assets = self.catalog.assets()
        self.drop_pictures([asset for asset in assets if asset.owner_id in before and asset.id in brought])

    def owners(self) -> None:
        pictures: dict[str, list[Asset]] = {}
        for asset in self.catalog.assets():
            pictures.setdefault(asset.owner_id, []).append(asset)
        here = self.catalog.keys()
        keys = Counter(key.owner_id for key in here if key.id not in self.gone)
        for owner_id, name in self.journal.added("owner"):
            owner = self.catalog.owner(owner_id)
            if not owner:
                continue
            if reason := self.what_is_of(owner, keys[owner_id]):
                self.keep("owner", name, reason, owner.id, owner.avatar_id, owner.background_id)
                continue
            self.drop_pictures(pictures.get(owner_id, []))
            self.withdraw("owner", {owner_id: name})

    def what_is_of(self, owner: Owner, keys: int) -> str:
        if left := owner.media_count - self.leaving[owner.id]:
            return f"{counted(left, 'file')} that will not go {belong(left)} to it"
        if left := sum(album.id not in self.gone for album in self.catalog.albums_of(owner.id)):
            return f"{counted(left, 'album')} that will not go {belong(left)} to it"
        return f"{counted(keys, 'key')} made since {belong(keys)} to it" if keys else ""

    def drop_pictures(self, assets: Sequence[Asset]) -> None:
        self.withdraw("asset", {asset.id: asset.id for asset in assets})
        self.freed_bytes += sum(asset.size_bytes for asset in assets)
        if self.writes:
            self.opened.blobs.delete([asset.blob() for asset in assets])

    def categories(self) -> None:
        added = {number for number, _ in self.journal.added("category")}
        for category in self.catalog.categories():
            if str(category.id) in added:
                self.withdraw("category", {str(category.id): category.name})

    def leads(self) -> None:
        """What the run added to records that it did not make, and the numbers it knew as gone."""
        if not self.writes:
            return
        for kind in get_args(Target):
            for page in self.origins(kind):
                self.catalog.withdraw_leads(Leads(tuple(one for one in page if one.target_id not in self.kept)))
        for rows in in_batches(iter(self.journal.leads("address")), BATCH):
            places = [one.partition(" ") for one, target_id in rows if target_id not in self.kept]
            self.catalog.withdraw_leads(Leads(addresses=tuple((path, site) for site, _, path in places)))
        for rows in in_batches(iter(self.journal.leads("token")), BATCH):
            self.catalog.withdraw_leads(Leads(tokens=tuple((media_id, token) for token, media_id in rows)))
        for rows in in_batches(iter(self.journal.leads("tombstone")), BATCH):
            self.catalog.withdraw_leads(Leads(tombstones=tuple(one for one, _ in rows)))
        for site in self.catalog.sites():
            self.catalog.withdraw_site(site.id, self.run.id)

    # one by one

    def origins(self, kind: Target) -> Iterator[list[Origin]]:
        after = ("", "")
        while page := self.catalog.origins_by_run(self.run.id, kind, after, BATCH):
            yield page
            after = page[-1].site_id, page[-1].key

    def withdraw(self, kind: Target, names: Mapping[str, str]) -> None:
        """The catalog looks once more, in the step that removes them, whether something came to them meanwhile."""
        went = set(names)
        for ids in in_batches(iter(names), BATCH) if self.writes else ():
            went -= set(ids) - self.catalog.withdraw(kind, [int(one) if kind == "category" else one for one in ids])
        self.count(kind, went)
        for one in names.keys() - went:
            self.keep(kind, names[one], "something that will not go is in it", one)

    def count(self, kind: Target, ids: Collection[str]) -> None:
        self.removed[kind] += len(ids)
        self.gone.update(ids)


def belong(number: int) -> str:
    return "belongs" if number == 1 else "belong"
