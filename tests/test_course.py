"""What the course as a whole has to be; each level by itself is proven in test_levels.py."""

import re
from collections import Counter
from itertools import pairwise

from playground.levels.kinds import KINDS
from playground.levels.shelf import Shelf
from playground.settings import SHIPPED

SHELF = Shelf.load()
CHAPTERS = {chapter.title: [SHELF.level(id) for id in chapter.levels] for chapter in SHELF.chapters}


def test_the_chapters_stand_in_order_and_there_are_enough_levels() -> None:
    assert list(CHAPTERS) == [
        "Microscope", "Names", "Hunting", "A model that talks", "First steering", "Steering well",
        "Inside the model", "Directions of your own", "Mysteries", "Circuits",
    ]  # fmt: skip
    assert len(SHELF.levels) >= 36
    assert min(len(levels) for levels in CHAPTERS.values()) >= 5


def test_every_kind_is_played_twice() -> None:
    played = Counter(level.kind for level in SHELF.levels)
    assert {kind: played[kind] for kind in KINDS if played[kind] < 2} == {}


def test_difficulty_never_falls_within_a_chapter() -> None:
    for title, levels in CHAPTERS.items():
        ranks = [level.difficulty for level in levels]
        assert ranks == sorted(ranks), title
    hardest = [
        levels[-1].difficulty
        for levels in CHAPTERS.values()
        if levels[-1].written_on == SHIPPED  # what is for another model is not on this one's map
    ]
    assert hardest == sorted(hardest)


def test_each_chapter_ends_with_two_challenges() -> None:
    for title, levels in CHAPTERS.items():
        marked = ["Challenge" in level.brief or "challenge" in level.brief for level in levels]
        assert marked == [False] * (len(levels) - 2) + [True, True], title
        assert levels[-2].difficulty >= 4, title


def test_a_level_takes_two_to_six_minutes_and_the_first_are_short() -> None:
    assert {level.id for level in SHELF.levels if not 2 <= level.minutes <= 6} == set()
    assert sum(level.minutes for level in SHELF.levels[:3]) <= 10


def test_the_map_branches_and_leads_everywhere() -> None:
    needed = Counter(need for level in SHELF.levels for need in level.needs)
    assert SHELF.levels[0].needs == ()
    assert sum(not level.needs for level in SHELF.levels) <= 3
    assert sum(count > 1 for count in needed.values()) >= 6  # from here there are several ways on
    assert sum(len(level.needs) > 1 for level in SHELF.levels) >= 6  # here several ways meet
    order = [level.id for level in SHELF.levels]
    line = [(one, two) for one, two in pairwise(order) if SHELF.level(two).needs == (one,)]
    assert len(line) < len(order) / 2


def test_a_level_names_no_feature() -> None:
    for level in SHELF.levels:
        texts = (level.brief, level.win, *level.hints.model_dump().values())
        assert not [text for text in texts if re.search(r"[Ff]eature \d", text)], level.id
