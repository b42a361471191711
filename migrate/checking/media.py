"""The items: is each of them here, and everything that is known of it?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from gateway.core import tags
from gateway.core.moving import Arrived, Origin
from gateway.core.records import Media, Privacy
from gateway.core.titles import MAX_TITLE, base_name, clean
from migrate.bringing import in_batches
from migrate.checking.answers import CheckAnswers, Visibility
from migrate.checking.contents import CheckContents, is_converted
from migrate.checking.findings import Findings, Plain
from migrate.checking.findings import Kind as FindingKind
from migrate.checking.runs import Runs
from migrate.checking.standing import Standing
from migrate.items import Absent, Item, OldOrigin, Verdict
from migrate.journal import printable
from migrate.outcome import Outcome

BATCH = 200
NARROWING = ("only", "since", "limit")  # options with which a part of the source is brought
AS_THEY_ARE = ("is_public", "is_nsfw", "likes", "created_local", "is_resized")
WHEN_KNOWN = ("created_at", "is_360")
BY_PRIVACY: dict[Privacy, Visibility] = {
    "public": "listed", "link": "open", "password": "locked", "private": "hidden",
}  # fmt: skip
SENT = ("source_md5", "source_sha256")


class CheckMedia:
    def __init__(
        self, standing: Standing, runs: Runs, contents: CheckContents, answers: CheckAnswers, *, accept_missing: bool
    ) -> None:
        self.accept_missing = accept_missing
        self.standing = standing
        self.catalog = standing.catalog
        self.contents = contents
        self.answers = answers
        self.findings: Findings = standing.findings
        self.runs = runs
        self.started_at = cache(runs.started_at)
        self.own_start = standing.journal.run.started_at
        self.found = 0
        self.met = 0
        self.checked = 0
        self.left_out: Counter[str] = Counter()
        self.not_brought: Counter[str] = Counter()  # by the option that left them out
        self.in_albums: Counter[str] = Counter()

    def check(self, items: Iterator[Item]) -> None:
        for batch in in_batches(items, BATCH):
            met = self.standing.journal.told([item.key for item in batch])
            told = met | self.brought_elsewhere(batch, met)
            ids = [outcome.media_id for outcome in told.values() if outcome.media_id]
            here = {arrived.media.id: arrived for arrived in self.catalog.arrived(ids)}
            deleted = self.catalog.tombstones_among([one for one in ids if one not in here])
            for item in batch:
                self.found += 1
                outcome = told.get(printable(item.key))
                self.met += printable(item.key) in met
                self.one(item, outcome, here, deleted)
                self.findings.listener.checking(item.name)

    def brought_elsewhere(self, batch: Sequence[Item], met: Mapping[str, Outcome]) -> dict[str, Outcome]:
        """What another run has brought, before this one or since, as that one told it: be it merged or not."""
        by_run: dict[str, list[tuple[Item, str]]] = {}
        unsettled = [item for item in batch if not is_settled(met.get(printable(item.key)))]
        for item, origin in self.origins_among(unsettled):
            if origin.target_id:
                by_run.setdefault(origin.run_id, []).append((item, origin.target_id))
        found = {}
        for run_id, brought in by_run.items():
            told = self.runs.told(run_id, [item.key for item, _ in brought])
            for item, media_id in brought:
                key = printable(item.key)
                outcome = told.get(key) or met.get(key) or Outcome(key, item.name, "already-imported")
                verdict: Verdict = "duplicate" if outcome.verdict == "duplicate" else "already-imported"
                found[key] = replace(outcome, verdict=verdict, reason=None, media_id=media_id)
        return found

    def origins_among(self, items: Sequence[Item]) -> Iterator[tuple[Item, Origin]]:
        wanted: dict[str, dict[str, Item]] = {}
        for item in items:
            for one in self.standing.origins_of(item, item.id):
                wanted.setdefault(one.site, {})[one.key] = item
        for site_id, by_key in wanted.items():
            for key, origin in self.catalog.origins(site_id, "media", list(by_key)).items():
                yield by_key[key], origin

    def one(self, item: Item, outcome: Outcome | None, here: dict[str, Arrived], deleted: set[str]) -> None:
        if outcome is None:
            return self.never_met(item)
        rule = (outcome.reason or "").partition(":")[0]
        if outcome.verdict == "skipped" and rule == "deleted":
            self.absent(item, "deleted", "changed")
        elif outcome.verdict == "skipped":
            self.left_out[rule] += 1
            self.not_brought[rule] += rule in NARROWING
        elif outcome.verdict == "missing" and self.accept_missing and is_nowhere(item):
            self.left_out["missing"] += 1
        elif outcome.verdict in ("missing", "rejected", "failed"):
            self.absent(item, f"{outcome.verdict}: {outcome.reason}")
        elif arrived := here.get(outcome.media_id or ""):
            self.checked += 1
            self.record(item, arrived, outcome)
        elif item.expires_at and item.expires_at <= self.standing.now:
            self.left_out["expired"] += 1
        elif outcome.media_id in deleted:
            self.absent(item, "deleted", "changed")
        else:
            self.absent(item, "nothing")

    def never_met(self, item: Item) -> None:
        limit = self.standing.options.limit
        if limit and self.found > limit:
            self.left_out["limit"] += 1
            self.not_brought["limit"] += 1
        else:
            self.absent(item, "nothing: it is new at the source; run the import again")

    def name_not_brought(self) -> None:
        """Once for all: whoever brings a part of a library knows of the rest, and may forget it."""
        if count := self.not_brought.total():
            options = " and ".join(f"--{name}" for name in NARROWING if self.not_brought[name])
            left_out = f"{count:,} left out by {options}: import them, too"
            self.findings.differ("run", self.runs.own.run.id, "items", Plain("all"), Plain(left_out))

    def absent(self, item: Item, found: str, kind: FindingKind = "difference") -> None:
        self.findings.differ("item", item.name, "file", Plain("here"), Plain(found), kind)

    def record(self, item: Item, arrived: Arrived, outcome: Outcome) -> None:
        media, is_merged = arrived.media, outcome.verdict == "duplicate"
        if media.is_expired(self.standing.now):
            self.left_out["expired"] += 1
            return
        if not is_merged:
            self.same(item, media, self.brought_at(arrived))
            if media.album_id:
                self.in_albums[media.album_id] += 1
        self.led_to(item, arrived)
        for loss in outcome.losses:
            if loss.startswith("metadata: "):
                self.findings.lost(item.name, loss)
        self.contents.check(item, media)
        visibility = self.visibility(item, media, is_merged=is_merged)
        is_public = media.is_public if is_merged else item.is_public
        asked = replace(without_guesses(item, outcome), is_public=is_public)
        self.answers.check(asked, media, visibility, is_merged=is_merged)

    def same(self, item: Item, media: Media, brought_at: datetime) -> None:
        is_changed = media.updated_at > brought_at and media.updated_at != item.updated_at
        kind: FindingKind = "changed" if is_changed else "difference"
        self.findings.compare("item", item.name, self.expected(item, media, brought_at), media, kind)
        wanted = tags.sort_out(map(clean, item.tags))[0]
        if set(wanted) != set(media.tags):
            self.findings.differ("item", item.name, "tags", wanted, media.tags, kind)
        if media.views < item.views:
            self.findings.differ("item", item.name, "views", item.views, media.views, kind)
        owner = self.catalog.owner(media.owner_id) if self.is_of_guests(item) else None
        if owner and owner.role != "guest":
            self.findings.differ("item", item.name, "owner", Plain("guests"), owner.username, kind)

    def expected(self, item: Item, media: Media, brought_at: datetime) -> dict[str, object]:
        """What the record has to say, as far as the source decides that and not the file."""
        expected = {name: getattr(item, name) for name in AS_THEY_ARE}
        known = WHEN_KNOWN if is_converted(item, media) else WHEN_KNOWN + SENT
        expected |= {name: value for name in known if (value := getattr(item, name)) is not None}
        texts = {
            "title": clean(item.title or "")[:MAX_TITLE],
            "description": clean(item.description or ""),
            "exif_json": clean(item.exif_json or ""),
        }
        expected |= {name: text or None for name, text in texts.items() if text or item.is_complete}
        if filename := base_name(item.filename):
            expected["filename"] = filename
        # What had run out before is kept for good, by whoever wanted it kept.
        expected["expires_at"] = item.expires_at if item.expires_at and item.expires_at > brought_at else None
        return expected | self.places(item)

    def places(self, item: Item) -> dict[str, object]:
        """Ids of what has an own difference when it is not here."""
        standing, places = self.standing, dict[str, object]()
        if item.owner in standing.owners:
            places["owner_id"] = standing.owners[item.owner]
        elif standing.options.owner and (taker := self.catalog.owner_named(standing.options.owner)):
            places["owner_id"] = taker.id
        if item.album is None or item.album in standing.albums:
            places["album_id"] = standing.albums[item.album].id if item.album else None
        if item.category is None or item.category in standing.categories:
            places["category_id"] = standing.categories[item.category] if item.category else None
        return places

    def is_of_guests(self, item: Item) -> bool:
        standing = self.standing
        return item.owner is None and not standing.options.owner and standing.site.kind == "chevereto"

    def brought_at(self, arrived: Arrived) -> datetime:
        """When the run started that brought it, which may be an earlier one."""
        return min(self.started_at(origin.run_id) for origin in arrived.origins) if arrived.origins else self.own_start

    def led_to(self, item: Item, arrived: Arrived) -> None:
        origins = {OldOrigin(origin.site_id, origin.key) for origin in arrived.origins}
        for origin in self.standing.origins_of(item, item.id):
            if origin not in origins:
                self.findings.differ("item", item.name, f"number {origin.key}", Plain(arrived.media.id), None)
        if lost := set(item.token_hashes) - set(arrived.token_hashes):
            self.findings.differ("item", item.name, "delete links", sorted(lost), None)

    def visibility(self, item: Item, media: Media, *, is_merged: bool) -> Visibility:
        """As the source has it; of what was merged, as the record has it."""
        privacy: Privacy
        if is_merged:
            album = self.catalog.album(media.album_id) if media.album_id else None
            is_public, privacy = media.is_public, album.privacy if album else "public"
        else:
            here = self.standing.albums.get(item.album or "")
            is_public, privacy = item.is_public, here.privacy if here else "public"
        return BY_PRIVACY[privacy] if is_public else "hidden"


def without_guesses(item: Item, outcome: Outcome) -> Item:
    """A folder that was not on the web has addresses by guess, and gives up those that another site has."""
    given_up = [note for note in outcome.notes if note.startswith("address: ")]
    if not given_up:
        return item
    left = (one for one in item.addresses if not any(note.startswith(f"address: {one.path} ") for note in given_up))
    return replace(item, addresses=tuple(left))


def is_settled(outcome: Outcome | None) -> bool:
    """By the run itself: no other one has to be asked."""
    if not outcome:
        return False
    return outcome.verdict in ("imported", "duplicate") or (outcome.reason or "").startswith("deleted:")


def is_nowhere(item: Item) -> bool:
    """The old site has no file for it either, as far as we were shown its files; another server may have one."""
    return isinstance(item.content, Absent) and item.content.reason == "no-file"
