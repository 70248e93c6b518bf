"""Calls that nobody would make, of any handler, over real HTTP: `python -m tests.fuzz`.

Each is drawn from what JSON can say, by its number, so that one that went wrong can be made again
(`--first NUMBER --count 1`). What is wrong is an answer of 500 or more, or a refusal without a
sentence. Where the queue is full a call waits and is made again, so that every one is taken.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.served import served

JOIN, DIRECT = "gradio_api/queue/join", "gradio_api/run/predict"
QUERIES = ("level", "site", "feature", "s", "dials", "find", "page", "q", "code", "seed")
ODD = "aZ0 \u0416\u732b\U0001f408\u202e\ufeff\x7f\"'<>&/\\%{}[]\n\t-=+@;"
FULL = "Queue is full"
CLIENTS = 4
TOLD = 1000  # calls between two lines
PAUSE = 0.2  # seconds


@dataclass(frozen=True)
class Calls:
    """handlers: of a game's own config."""

    handlers: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Calls":
        return cls([each for each in config["dependencies"] if called(each)])

    def made(self, web: httpx.Client, number: int) -> tuple[int, str]:
        """Makes one; the status, and what is wrong with the answer, if anything."""
        rng = random.Random(number)
        chosen = rng.choice(self.handlers)
        values = [anything(rng) for _ in chosen["inputs"]]
        query = {name: str(anything(rng)) for name in rng.sample(QUERIES, rng.randrange(4))}
        sent = event(
            fn_index=chosen["id"], data=values, event_data=anything(rng),
            session_hash=f"fuzz{number}",  # Gradio keeps what a session has not fetched
        )  # fmt: skip
        while True:
            answer = web.post(JOIN if chosen["queue"] else DIRECT, json=sent, params=query)
            if answer.status_code == 503 and FULL in answer.text:
                time.sleep(PAUSE)
                continue
            silent = answer.status_code == 422 and not answer.json()["error"]
            wrong = answer.status_code >= 500 or silent
            said = f"{number}: {chosen['api_name']}: {answer.status_code} {answer.text[:300]}"
            return answer.status_code, said if wrong else ""


def called(handler: Mapping[str, Any]) -> bool:
    """Whether it is more than a script of the browser."""
    return bool(handler["backend_fn"])


def event(**change: object) -> dict[str, object]:
    plain = {"data": [], "fn_index": 0, "session_hash": "abc", "event_data": None}
    return {**plain, "trigger_id": None, **change}


def anything(rng: random.Random, depth: int = 0) -> Any:
    """What JSON can say."""
    kind = rng.randrange(6 if depth > 2 else 8)
    if kind < 2:
        return "".join(rng.choices(ODD, k=rng.randrange(40)))
    if kind == 2:
        return rng.choice([0, -1, 1, 7, 2**31, -(2**63), 10**30, 5])
    if kind == 3:
        return rng.choice([0.5, -0.0, 1e308, 1e-308, 3.0])
    if kind < 6:
        return rng.choice([None, True, False, "", "early", "late/3"])
    some = [anything(rng, depth + 1) for _ in range(rng.randrange(5))]
    return some if kind == 6 else {str(anything(rng, 3)): each for each in some}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0, help="number of the first call")
    parser.add_argument("--clients", type=int, default=CLIENTS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "progress.db"
        free = {"PLAYGROUND_ADDRESS_RATE": "0", "PLAYGROUND_RATE": "0", "PLAYGROUND_LOG": "json"}
        with served(database, **free) as game:
            wrong = fuzz(game.address, range(given.first, given.first + given.count), given.clients)
            failed = stumbles(database.with_suffix(".log"))
    print(f"handlers that failed and said so: {dict(failed) or 'none'}")
    print("\n".join(wrong) or "Nothing went wrong.")
    return 1 if wrong else 0


def fuzz(address: str, numbers: range, clients: int) -> list[str]:
    """What went wrong."""
    statuses, wrong, began = Counter[int](), list[str](), time.monotonic()
    with httpx.Client(base_url=address, timeout=600) as web, ThreadPoolExecutor(clients) as threads:
        calls = Calls.of(web.get("config").json())
        for done, (status, said) in enumerate(
            threads.map(lambda number: calls.made(web, number), numbers), 1
        ):
            statuses[status] += 1
            wrong += filter(None, [said])
            if done % TOLD == 0 or done == len(numbers):
                told = ", ".join(f"{count} x {status}" for status, count in statuses.most_common())
                print(f"{done} in {time.monotonic() - began:.0f} s: {told}", flush=True)
        for path in ("healthz", "readyz"):
            if web.get(path).status_code != 200:
                wrong.append(f"{path}: {web.get(path).text}")
    return wrong


def stumbles(log: Path) -> Counter[str]:
    """Errors of the game's own that no caller sees, by what and where they were."""
    found = Counter[str]()
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith('{"at"') and (told := json.loads(line))["level"] == "error":
            found[" ".join([told.get("error", told["says"]), *told.get("where", [])[-1:]])] += 1
    return found


if __name__ == "__main__":
    sys.exit(main())
