"""Lists of a class as files: names in, codes and results out. Knows no store and no screen."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import chain, islice

from playground.errors import PlayerError
from playground.game.matrix import Matrix, Progress
from playground.store import codes
from playground.store.records import Attempt, Member, SchoolClass

ROSTER_MOST = 200_000  # characters of a list
NAMES_MOST = 500  # at once
HEADINGS = ("name", "names", "nickname", "learner", "student", "имя", "ученик")
RISKY = ("=", "+", "-", "@", "\t", "\r")  # what a table program takes for a formula
ENDING = "\r\n"
AT_ONCE = 500  # lines that are written together
Titled = Callable[[str], str]  # the title of a level by its id, empty where it is gone


def names(text: str) -> list[str]:
    """Those of the first column, or of the column that says that it has them. PlayerError for a
    list that is empty or too long."""
    if len(text) > ROSTER_MOST:
        raise PlayerError("teach.long_list", most=NAMES_MOST)
    text = text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator(text)))
    except csv.Error as error:
        raise PlayerError("teach.no_list", reason=str(error)) from error
    lines = [[cell.strip() for cell in line] for line in table if any(map(str.strip, line))]
    head = [cell.casefold() for cell in lines[0]] if lines else []
    at = next((place for place, cell in enumerate(head) if cell in HEADINGS), None)
    if at is not None:
        lines = lines[1:]
    found = [line[at or 0] for line in lines if len(line) > (at or 0) and line[at or 0]]
    if not found:
        raise PlayerError("teach.empty_list")
    if len(found) > NAMES_MOST:
        raise PlayerError("teach.long_list", most=NAMES_MOST)
    return found


def separator(text: str) -> str:
    first = text.lstrip().partition("\n")[0]
    return max(",;\t", key=first.count)


def codes_csv(made: Iterable[tuple[Member, str]]) -> str:
    """For the instructor to hand out: it can be had once, for the codes are kept by nobody."""
    lines = ([each.name, codes.spaced(code)] for each, code in made)
    return "".join(table(["name", "code"], lines))


def results_csv(matrix: Matrix) -> Iterator[str]:
    """A line a learner: totals, then stars, tries and minutes of every level."""
    head = ["name", "joined", "stars", "won", "tries", "minutes"]
    for each in matrix.columns:
        named = f"{each.title} ({each.id})"
        head += [f"{named}: {what}" for what in ("stars", "tries", "minutes")]
    yield from table(head, map(result, matrix.lines))


def result(line: Progress) -> list[object]:
    row: list[object] = [
        line.member.name, stamp(line.member.joined), line.stars, line.won, line.tries,
        round(line.minutes, 1),
    ]  # fmt: skip
    for cell in line.cells:
        row += [cell.stars, cell.tries, round(cell.seconds / 60, 1)] if cell else ["", "", ""]
    return row


ATTEMPT = (
    "name", "at", "level", "title", "round", "won", "stars", "score", "hints", "answer", "atlas",
    "level_version",
)  # fmt: skip


def attempts_csv(attempts: Iterable[tuple[str, Attempt]], titled: Titled) -> Iterator[str]:
    """A line an attempt, oldest first."""
    titled = cache(titled)
    return table(ATTEMPT, (attempt(name, each, titled(each.level)) for name, each in attempts))


def attempt(name: str, made: Attempt, title: str) -> list[object]:
    return [
        name, stamp(made.at), made.level, title, made.round, int(made.won), made.stars,
        round(made.score, 3), made.hints, dumped(made.answer), made.atlas, made.level_version,
    ]  # fmt: skip


def results_json(
    matrix: Matrix, attempts: Iterable[tuple[str, Attempt]], titled: Titled
) -> Iterator[str]:
    """The class, what its members reached, and every attempt; one object a line within."""
    titled = cache(titled)
    yield '{"class": ' + dumped(described(matrix.of, titled)) + ',\n"learners": ['
    for number, line in enumerate(matrix.lines):
        cells = {
            column.id: {
                "title": column.title, "stars": cell.stars, "tries": cell.tries,
                "seconds": cell.seconds, "best": round(cell.score, 3),
            }
            for column, cell in zip(matrix.columns, line.cells, strict=True)
            if cell
        }  # fmt: skip
        told = {"name": line.member.name, "joined": stamp(line.member.joined), "levels": cells}
        yield (",\n" if number else "\n") + dumped(told)
    yield '\n],\n"attempts": ['
    for number, (name, each) in enumerate(attempts):
        told = {
            "name": name, "at": stamp(each.at), "level": each.level,
            "title": titled(each.level), "round": each.round, "won": each.won,
            "stars": each.stars, "score": round(each.score, 3), "hints": each.hints,
            "answer": each.answer, "evidence": each.evidence,
            "atlas": each.atlas, "level_version": each.level_version,
        }  # fmt: skip
        yield (",\n" if number else "\n") + dumped(told)
    yield "\n]}\n"


def described(of: SchoolClass, titled: Titled) -> dict[str, object]:
    plan = [
        {"level": each.level, "title": titled(each.level), "begins": stamp(each.begins)}
        for each in of.plan
    ]
    return {
        "title": of.title, "code": of.code, "model": of.model, "zone": of.zone, "open": of.open,
        "hints": of.hints, "ordered": of.ordered, "begins": stamp(of.begins),
        "ends": stamp(of.ends), "created": stamp(of.created), "plan": plan,
    }  # fmt: skip


# -- writing ---------------------------------------------------------------------------------------
def table(head: Sequence[object], lines: Iterable[Sequence[object]]) -> Iterator[str]:
    """CSV (RFC 4180) in which no text is taken for a formula, many lines at a time."""
    coming = chain([head], lines)
    while some := list(islice(coming, AT_ONCE)):
        out = io.StringIO()
        csv.writer(out, lineterminator=ENDING).writerows([map(harmless, line) for line in some])
        yield out.getvalue()


def harmless(value: object) -> object:
    risky = isinstance(value, str) and value.startswith(RISKY)
    return f"'{value}" if risky else "" if value is None else value


def dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def stamp(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
