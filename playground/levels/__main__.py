"""`python -m playground.levels check [--model NAME|HF_ID|FOLDER --sae ...]`: proves every level and
prints the table. What it finds on a model that is not shipped is kept beside the model's atlas, and
the game offers the levels that hold.

`tune` writes the steering levels out and prints how each player would fare with other goals;
`table` makes docs/levels.md from what the last check of the shipped model found, `hunts` makes
docs/hunting.md: how well the texts of a learner rank features. `faithful` prints how far estimates
of circuits can be trusted.

`count` goes on counting how everybody fares in more deals of what asks than ship.

`deals` keeps the first rounds of the course (`--level` those of one, beside the others), `lots`
proofs of levels that are drawn, where the proofs of the model are kept: nobody has to wait for what
is the same for everybody.

Exit code 1 if a level fails on the shipped model, or if another model can play none.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from playground import assets
from playground.atlas import rivals, tables
from playground.atlas.atlas import Atlas
from playground.errors import AuthorError, PlaygroundError
from playground.levels import playable
from playground.levels.dealing import deals
from playground.levels.dealing.deals import SEALED, Deals, level_key
from playground.levels.dealing.questions import AskLevel
from playground.levels.dealing.steering import SteeringLevel
from playground.levels.judging import Bench
from playground.levels.kinds import KINDS, Level
from playground.levels.playable import Reason
from playground.levels.proving import (
    faithfulness,
    fared,
    hunting,
    lottery,
    rival_table,
    series,
    tuning,
)
from playground.levels.proving.keeping import Keeping, keepings
from playground.levels.proving.keeping import summary as keeping_summary
from playground.levels.proving.lottery import SERIES, Drawn, Undrawable
from playground.levels.proving.proof import SEEDS, ProofLine, check, detail, reason
from playground.levels.proving.series import CountedDeal
from playground.levels.proving.table import ModelProofs, page, table
from playground.levels.shelf import LEVELS, Shelf, proofs_of
from playground.models import registry
from playground.settings import Settings, add_options, settings_of, shipped

PAGE = LEVELS.parent / "docs" / "levels.md"
PLAIN = "fetch-first"  # a level whose texts are those of all concepts
LOTS = 6  # of a kind that are proven to be shipped
WHY: dict[Reason, str] = {
    "lacking": "the atlas has no feature, recipe or text that it needs",
    "lost": "its reference solution does not win",
    "blind": "somebody wins it without insight",
}
ROW = "{:<18} {:<14} {:<24} {:>6}  {:<7} {}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m playground.levels", description=__doc__)
    acts = parser.add_subparsers(dest="act", required=True)
    act = acts.add_parser("check", help="prove every level on a model")
    add_options(act)
    act.add_argument("--level", action="append", help="only this one; may be given again")
    act.add_argument(
        "--deals",
        type=int,
        default=len(SEEDS),
        choices=range(1, len(SEEDS) + 1),
        help="how many deals of the levels that ask (default: %(default)s)",
    )
    act = acts.add_parser("tune", help="print what the goals of steering levels could be")
    add_options(act)
    act.add_argument("--level", action="append", help="only this one; may be given again")
    act = acts.add_parser("count", help="count how everybody fares in many deals of what asks")
    add_options(act)
    act.add_argument("--level", action="append", help="only this one; may be given again")
    act.add_argument("--deals", type=int, default=series.DEALS, help="(default: %(default)s)")
    act.add_argument("--minutes", type=float, default=math.inf, help="begin no deal after so many")
    acts.add_parser("table", help="write docs/levels.md")
    act = acts.add_parser("deals", help="deal the first rounds of every level that asks")
    add_options(act)
    act.add_argument("--level", action="append", help="only this one, beside what is kept")
    act = acts.add_parser("lots", help="prove levels that the exam and the daily challenge draw")
    add_options(act)
    act.add_argument("--count", type=int, default=LOTS, help="of a kind (default: %(default)s)")
    act = acts.add_parser("hunts", help="measure how well hunts rank, and write the page of it")
    act.add_argument("--draws", type=int, default=3, help="of each sort (default: %(default)s)")
    act.add_argument("--every", type=int, default=1, help="only one concept in so many")
    act = acts.add_parser("faithful", help="print how far estimates of circuits can be trusted")
    add_options(act)
    act.add_argument("--keep", type=Path, help="where it keeps what it found, to go on from there")
    act.add_argument("--rounds", action="store_true", help="how few heads or blocks keep an answer")
    acts.add_parser("probes", help="write the page on probes and features from what was measured")
    given = parser.parse_args(arguments)
    try:
        if given.act == "table":
            return documented(Shelf.load())
        if given.act == "tune":
            return tuned(settings_of(given), given.level)
        if given.act == "probes":
            return probes()
        if given.act == "count":
            return counted(settings_of(given), given.level, given.deals, given.minutes)
        if given.act == "hunts":
            return hunts(given.draws, given.every)
        if given.act == "faithful":
            settings = settings_of(given)
            return keeping(settings) if given.rounds else faithful(settings, given.keep)
        if given.act == "deals":
            return dealt(settings_of(given), given.level, None)
        if given.act == "lots":
            return dealt(settings_of(given), None, given.count)
        return checked(settings_of(given), given.level, SEEDS[: given.deals])
    except PlaygroundError as error:
        print(error, file=sys.stderr)
        return 2


def checked(settings: Settings, only: Sequence[str] | None, seeds: Sequence[int] = SEEDS) -> int:
    """Proves the levels, says what was found, and keeps which levels that were written on other
    models cannot be played on this one. 1 where one that was written on it fails, or where none can
    be played."""
    chosen = registry.choose(settings)
    shelf, bench, folder = Shelf.load(), Bench.open(settings), proofs_of(chosen)
    course = [shelf.level(id) for id in only] if only else list(shelf.levels)
    levels = list(course)
    try:
        if chosen.card.atlas and not only:  # on a host's model whoever opens a lot proves it
            levels += moulded(shelf, bench, folder)
        # What a player meets is proven: rounds that ship are not dealt anew.
        lines = proved(levels, bench, seeds, Deals(bench, None, deals.read_shipped(folder)))
    finally:
        bench.engine.close()
    print("", *table(levels, lines), sep="\n")
    guests = [each for each in course if each.written_on != chosen.name]
    playable.write(chosen.atlas, ((each, reason(each, lines)) for each in guests))
    missing = playable.read(chosen.atlas, guests).missing
    holding = [each for each in course if each.id not in missing]
    made = {each.id: fared.of(each, bench.edition, lines) for each in holding}
    fared.write(folder, {id: found for id, found in made.items() if found})
    sealed(chosen, settings)
    if guests:
        details = {each.id: detail(each, lines) for each in guests if each.id in missing}
        print("", *told(course, missing, details), sep="\n")
    at_home = {each.id for each in levels} - {each.id for each in guests}
    failed = sum(not line.passed for line in lines if line.level in at_home)
    if at_home:
        print(f"{len(at_home)} levels, " + (f"{failed} lines failed" if failed else "all proven"))
    return 1 if failed or not holding else 0


def documented(shelf: Shelf) -> int:
    """Of the models whose atlas ships."""
    models = [*proofs_that_ship(shelf)]
    PAGE.write_text(page(shelf.levels, models), encoding="utf-8")
    for each in models:
        print(f"{PAGE.name}, {each.title}: {len(each.fared)} of {len(shelf.levels)} levels proven")
    return 0


def proofs_that_ship(shelf: Shelf) -> Iterator[ModelProofs]:
    for name, card in registry.load().models.items():
        if card.atlas is None:
            continue
        chosen = registry.choose(shipped().model_copy(update={"model": name}))
        proven = fared.read(proofs_of(chosen))
        yield ModelProofs(
            card.title,
            fared.current(proven, shelf.levels, tables.edition(chosen.atlas)),
            playable.of(chosen, shelf.levels).missing,
        )


def tuned(settings: Settings, only: Sequence[str] | None) -> int:
    """Prints, and changes nothing."""
    shelf, bench, folder = Shelf.load(), Bench.open(settings), proofs_of(registry.choose(settings))
    course = [shelf.level(id) for id in only] if only else [*shelf.levels]
    levels = course if only else [*course, *moulded(shelf, bench, folder)]
    try:
        for level in levels:
            if isinstance(level, SteeringLevel):
                print(*tuning.lines(level, bench), "", sep="\n", flush=True)
    finally:
        bench.engine.close()
    return 0


def counted(
    settings: Settings, only: Sequence[str] | None, most: int, minutes: float = math.inf
) -> int:
    """Keeps the counts after each deal, so that it can be stopped and goes on. most: deals."""
    ends = time.monotonic() + 60 * minutes
    chosen = registry.choose(settings)
    shelf, bench, folder = Shelf.load(), Bench.open(settings), proofs_of(chosen)
    rounds = Deals(bench, None, deals.read_shipped(folder))
    try:
        for level in asking(chosen, shelf, only):
            known = fared.current(fared.read(folder), [level], bench.edition).get(level.id)
            began = time.process_time()
            for each in series.counted(level, bench, known, rounds, most):
                fared.write(folder, {level.id: each.fared})
                print(deal_told(level, each, time.process_time() - began), flush=True)
                began = time.process_time()
                if time.monotonic() >= ends:
                    return 0
    finally:
        bench.engine.close()
        sealed(chosen, settings)
    return 0


def deal_told(level: AskLevel, deal: CountedDeal, seconds: float) -> str:
    """seconds: of the processor."""
    found, failed = deal.fared, [each for each in deal.lines if not each.passed]
    rule = found.by_rule.best(level) if found.by_rule else "-"
    said = f"{level.id} {deal.seed}: reference {found.reference}, chance {found.by_chance}"
    more = "".join(f"; {each.player}: {each.found}" for each in failed)
    return f"{said}, rule {rule}, {seconds:.1f} CPU s{more}"


def asking(chosen: registry.Chosen, shelf: Shelf, only: Sequence[str] | None) -> list[AskLevel]:
    """Levels that ask and are played on this model."""
    missing = playable.of(chosen, shelf.levels).missing
    levels = [shelf.level(id) for id in only] if only else shelf.levels
    return [each for each in levels if isinstance(each, AskLevel) and each.id not in missing]


def dealt(settings: Settings, only: Sequence[str] | None, count: int | None) -> int:
    """count: of lots; without it the first rounds are dealt, of all levels that can be played or of
    some that nobody may have tried yet."""
    chosen = registry.choose(settings)
    shelf, bench, folder = Shelf.load(), Bench.open(settings), proofs_of(chosen)
    course = [shelf.level(id) for id in only] if only else asking(chosen, shelf, None)
    asked = [level for level in course if isinstance(level, AskLevel)]
    drawn = Drawn(bench, shelf, None, lottery.read_shipped(folder))
    kinds = [kind for kind in shelf.moulds if KINDS[kind].drawn]
    written = deals.write_shipped(folder, bench, asked, beside=bool(only))
    if count is not None:
        written = lottery.write_shipped(folder, drawn, kinds, count)
    try:
        for line in written:
            print(line, flush=True)
    finally:
        bench.engine.close()
        sealed(chosen, settings)
    return 0


def sealed(chosen: registry.Chosen, settings: Settings) -> None:
    """What was found is among what ships, where the atlas does."""
    if chosen.card.atlas:
        assets.seal(settings.assets)


def probes() -> int:
    """Of the shipped model, which is not loaded for it."""
    atlas = Atlas.open(registry.choose(shipped()).atlas)
    if not atlas.rivals.telling:
        raise AuthorError(
            f"{rivals.FILE}: missing; make it with `python -m playground.atlas rivals`"
        )
    rival_table.PAGE.write_text(rival_table.page(atlas.rivals, atlas.sites), encoding="utf-8")
    print(rival_table.PAGE.name)
    return 0


def faithful(settings: Settings, keep: Path | None) -> int:
    """Prints each prompt as it is done, then the table. keep: what was found before is not measured
    again."""
    chosen = registry.choose(settings)
    path = keep or Path("build") / "faithful" / f"{chosen.name}.jsonl"
    found = faithfulness.read(path)
    bench = Bench.open(settings)
    try:
        level = Shelf.load().level(PLAIN)
        assert isinstance(level, AskLevel)
        graphs = chosen.card.transcoders is not None
        for each in faithfulness.measured(level, bench, graphs, found):
            faithfulness.append(path, each)
            found.append(each)
            print(faithfulness.told(each), flush=True)
    finally:
        bench.engine.close()
    print(*faithfulness.table(found), sep="\n")
    return 0


def keeping(settings: Settings) -> int:
    """Of the levels of a chapter; prints each of them as it is done, and changes nothing."""
    folder, found = proofs_of(registry.choose(settings)), list[Keeping]()
    shelf, bench = Shelf.load(), Bench.open(settings)
    known = deals.read_shipped(folder)
    chapter = next(each for each in shelf.chapters if PLAIN in each.levels)
    try:
        for level in map(shelf.level, chapter.levels):
            assert isinstance(level, AskLevel)
            place = f"{level_key(bench, level)}/{level.version}/"
            dealt = [SEALED.validate_python(known[key]) for key in known if key.startswith(place)]
            own = [*keepings(level, bench, dealt)]
            print(f"{level.id}:", *keeping_summary(own), sep="\n  ", flush=True)
            found += own
    finally:
        bench.engine.close()
    print(*keeping_summary(found), sep="\n")
    return 0


def hunts(draws: int, every: int) -> int:
    """On the shipped model."""
    bench = Bench.open(shipped())
    found, sites = list[hunting.Ranking](), tuple(bench.engine.sites)
    try:
        for concept in sorted(bench.atlas.concepts())[::every]:
            for site in sites:
                found += hunting.rankings(bench, concept, site, draws)
            print(f"{concept}: {hunting.share(found):.2f} of {len(found)} so far", flush=True)
    finally:
        bench.engine.close()
    hunting.PAGE.write_text(hunting.page(found, sites, every), encoding="utf-8")
    print(hunting.PAGE.name)
    return 0


def proved(
    levels: Sequence[Level], bench: Bench, seeds: Sequence[int], rounds: Deals
) -> list[ProofLine]:
    print(ROW.format("level", "player", "wanted", "figure", "verdict", "found"))
    lines = list[ProofLine]()
    for level in levels:
        began = time.process_time()
        for line in check(level, bench, seeds, rounds=rounds):
            lines.append(line)
            verdict = "ok" if line.passed else "FAILED"
            figure = f"{line.figure:.0f}"
            print(
                ROW.format(line.level, line.player, line.wanted, figure, verdict, line.found),
                flush=True,
            )
        print(f"{level.id}: {time.process_time() - began:.0f} CPU s", flush=True)
    return lines


def told(
    levels: Sequence[Level], missing: Mapping[str, Reason], details: Mapping[str, str]
) -> Iterator[str]:
    """A line for each level, the playable ones first; how many lack what, and each one's reason."""
    playable_ones = [level for level in levels if level.id not in missing]
    yield f"{len(playable_ones)} of {len(levels)} levels can be played on this model:"
    yield from (f"  {level.id}" for level in playable_ones)
    if missing:
        yield "and these cannot:"
        for lack, said in WHY.items():
            ids = [id for id, why in missing.items() if why == lack]
            if ids:
                yield f"  {len(ids)}: {said}"
                yield from (f"    {id}: {details[id]}" for id in ids)


def moulded(shelf: Shelf, bench: Bench, folder: Path) -> Iterator[Level]:
    """A level of each mould, as the daily challenge and the exam draw it; said aloud where no lot
    of a kind can be won. What is shipped as proven need not be proven twice."""
    drawn = Drawn(bench, shelf, None, lottery.read_shipped(folder))
    for kind in shelf.moulds:
        try:
            yield drawn.level(drawn.proven(SERIES, [kind]), shelf)
        except Undrawable as error:
            print(f"not drawn for the daily challenge and the exam: {error}")


if __name__ == "__main__":
    raise SystemExit(main())
