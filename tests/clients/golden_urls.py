"""Replays the recorded uploads whose source is an address. Only for `tests.namespace`, where nothing can be reached."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

from gateway.settings import Storage
from tests.clients.golden import SITUATIONS, cases, site


def replay_all(folder: Path) -> dict[str, object]:
    answers: dict[str, object] = {}
    for number, case in enumerate(case for case in cases().values() if case.fetches):
        with site(Storage(str(folder / str(number))), case.version, SITUATIONS.get(case.name)) as ours:
            answers[case.name] = asdict(ours.replay(case))
    return answers


if __name__ == "__main__":
    print(json.dumps(replay_all(Path(sys.argv[1]))))
