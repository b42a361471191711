"""`/dashboard/moves`: the imports there were, what became of every item, and how far one is that runs. For admins: it
is about everybody's files."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from gateway.core.errors import NotFound
from gateway.core.moves import VERDICTS, Item, Move
from gateway.web.pages.dashboard.desk import Desk
from gateway.web.pages.dashboard.guard import for_admins

PAGE = 100
RUNS = 20  # on a page; the figures of each are counted
ATTENTION = "attention"


def register(bp: Blueprint, desk: Desk) -> None:
    pages = MovePages(desk)
    bp.add_url_rule("/moves", "moves", for_admins(pages.moves))
    bp.add_url_rule("/moves/<run_id>", "move", for_admins(pages.move))


class MovePages:
    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def moves(self) -> str:
        """Each with its figures. The next page begins after the last run of this one."""
        runs, after = self.desk.moves.all(), request.args.get("after", "")
        first = next((at for at, run in enumerate(runs, start=1) if run.id == after), 0)
        shown = runs[first : first + RUNS]
        return render_template(
            "dashboard/moves.html",
            runs=[(run, self.desk.moves.totals(run.id)) for run in shown],
            verdicts=VERDICTS,
            is_running=any(map(is_running, shown)),
            is_first=not first,
            older=shown[-1].id if len(runs) > first + RUNS else "",
        )

    def move(self, run_id: str) -> Response:
        run = self.desk.moves.find(run_id)
        if not run:
            raise NotFound("There is no such import.")
        totals = self.desk.moves.totals(run.id)
        chosen = request.args.get("show", ATTENTION if totals.attention else "")
        chosen = chosen if chosen in (*VERDICTS, ATTENTION) else ""
        items = self.items(run, chosen) if chosen else []
        page = render_template(
            "dashboard/move.html",
            run=run,
            totals=totals,
            verdicts=VERDICTS,
            chosen=chosen,
            items=items[:PAGE],
            links=self.links(items[:PAGE]),
            next_after=items[PAGE - 1].number if len(items) > PAGE else None,
            is_running=is_running(run),
        )
        return make_response(page)

    def items(self, run: Move, chosen: str) -> list[Item]:
        """One more than a page has: whether there is another."""
        after = request.args.get("after", default=0, type=int)
        verdict = None if chosen == ATTENTION else chosen
        return list(self.desk.moves.items(run.id, verdict, max(0, after), PAGE + 1))

    def links(self, items: list[Item]) -> dict[str, str]:
        """Where each is now, as everybody may see it; those that are gone since lead nowhere."""
        found: dict[str, str] = {}
        for media_id in {item.media_id for item in items if item.media_id}:
            if entry := self.desk.library.file_entry(media_id):
                found[media_id] = self.desk.urls.page(f"/{entry.kind}/{media_id}")
        return found


def is_running(run: Move) -> bool:
    return run.state == "running"
