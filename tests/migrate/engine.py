"""Running the engine over a source, and hearing what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gateway.settings import Settings
from gateway.store.opening import Opened
from migrate.items import Source
from migrate.journal import Journal, new_run_id
from migrate.journal_files import FileJournals
from migrate.journals import Journals
from migrate.options import Options
from migrate.outcome import Outcome, Run, Summary
from migrate.run import Engine
from migrate.stopping import Stop


@dataclass
class Listener:
    """`on_item` may do what somebody else would do in the middle of a run."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    total: int | None = None
    on_item: Callable[[Outcome], None] = lambda outcome: None

    def begun(self, run: Run, total: int | None) -> None:
        self.total = total

    def working_on(self, name: str) -> None: ...

    def settled(self, outcome: Outcome) -> None:
        self.outcomes[outcome.key] = outcome
        self.on_item(outcome)

    def said(self, sentence: str) -> None: ...

    def ended(self, summary: Summary) -> None: ...


@dataclass
class Importer:
    opened: Opened
    settings: Settings
    listener: Listener = field(default_factory=Listener)
    stop: Stop = field(default_factory=Stop)
    kept: Journals | None = None

    @property
    def journals(self) -> Journals:
        return self.kept or FileJournals(self.settings.data / "imports")

    def begin(self, *, is_dry: bool = False) -> Journal:
        now = self.opened.clock.now()
        run = Run(new_run_id(now), "fake", {}, {}, is_dry, "running", now)
        return self.journals.begin(run)

    def bring(
        self, source: Source, journal: Journal | None = None, *, is_dry: bool = False, **options: object
    ) -> Summary:
        self.listener.outcomes.clear()
        journal = journal or self.begin(is_dry=is_dry)
        chosen = Options(**({"jobs": 1} | options))  # type: ignore[arg-type]
        with self.journals.at_work(journal.run_id) as sharing:
            journal.save(replace(journal.run, state="running"))
            sharing.begin(source)
            engine = Engine(source, self.opened, self.settings, journal, chosen, self.listener, self.stop, sharing)
            return engine.go()

    def verdicts(self) -> dict[str, str]:
        return {key: outcome.verdict for key, outcome in self.listener.outcomes.items()}

    def media_id(self, key: str) -> str:
        media_id = self.listener.outcomes[key].media_id
        assert media_id, self.listener.outcomes[key]
        return media_id
