"""Prompts as people type them: how many, how varied, and whether they are English."""

import random
import re
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from playground.errors import AuthorError
from playground.smollm2 import prompts as p

COUNT = 30_000
SENTENCES = "sentences.toml"


@pytest.fixture(scope="module")
def many() -> list[str]:
    return list(p.prompts(seed=1, count=COUNT))


def test_the_same_seed_gives_the_same_prompts() -> None:
    assert list(p.prompts(3, 200)) == list(p.prompts(3, 200)) != list(p.prompts(4, 200))
    assert list(p.prompts(3, 50)) == list(islice(p.prompts(3, 200), 50))


def test_no_two_are_alike(many: list[str]) -> None:
    assert len(many) == len({" ".join(re.findall(r"\w+", each.lower())) for each in many}) == COUNT


def test_they_are_varied(many: list[str]) -> None:
    book = p.load()
    assert len(book.families) >= 30
    assert sum(len(family.shapes) for family in book.families) >= 500
    nouns = {each.lower() for group in set(book.subjects) - sentences() for each in
             book.subjects[group]}  # fmt: skip
    assert len(nouns) >= 1_500
    firsts = Counter(each.split()[0].lower().strip(",.!?") for each in many)
    assert len([word for word, count in firsts.items() if count >= 3]) >= 200
    assert firsts.most_common(1)[0][1] <= 0.2 * COUNT
    said = {word for each in many for word in re.findall(r"\w+", each.lower())}
    assert len(said) >= 3_500


def sentences() -> set[str]:
    return set(p.tomlfile.read(p.TEXT / SENTENCES)["sentences"])


def test_every_shape_and_every_subject_is_written(many: list[str]) -> None:
    """None is out of reach: by its longest run of words that has no slot."""
    book, text = p.load(), "\n".join(many).lower()
    for group in ("animal", "country", "science", "persona", "task"):
        missing = [
            each for each in book.subjects[group] if each.partition("|")[0].lower() not in text
        ]
        assert len(missing) <= 0.03 * len(book.subjects[group]), group
    lines = [shape for family in book.families for shape in family.shapes]
    for line in lines:
        pieces = re.split(r"\{[^}]*\}|\[[^\]]*\]", line.lower())
        longest = max(pieces, key=len).strip(" .?!,¶")
        assert longest in text, line


def test_a_tenth_tells_of_a_situation_first(many: list[str]) -> None:
    two = [each for each in many if re.search(r"\w[.!] \w.*[.?!]$", each)]
    assert 0.1 * COUNT <= len(two) <= 0.35 * COUNT


def test_people_type_as_people_do(many: list[str]) -> None:
    assert 0.08 <= sum(each == each.lower() for each in many) / COUNT <= 0.2
    assert 0.003 <= sum(each == each.upper() for each in many) / COUNT <= 0.03
    assert 0.08 <= sum(each[-1].isalpha() for each in many) / COUNT <= 0.3
    assert max(map(len, many)) <= 600
    assert sum(len(each.split()) <= 6 for each in many) >= 0.12 * COUNT


def test_nothing_of_the_files_is_left_over(many: list[str]) -> None:
    left = re.compile(r"\{(?:a |is |does )?[a-z_]+\*?\}|\{\d+-\d+\}|¶|\|| {2}(?! )\S(?<!\n)")
    plain = [each for each in many if "\n" not in each]
    assert not [each for each in plain if left.search(each)]
    assert not [each for each in many if each != each.strip()]


def test_articles_fit_their_nouns() -> None:
    found = {each: p.article(each) for each in ("owl", "cat", "hourglass", "unicycle", "ukulele",
             "umbrella", "X-ray", "horse")}  # fmt: skip
    assert [word for word, its in found.items() if its == "an"] == [
        "owl", "hourglass", "umbrella", "X-ray",
    ]  # fmt: skip
    book = p.load()
    counted = [noun for group in book.counted for noun in book.subjects[group]]
    odd = {noun for noun in counted if (p.article(noun) == "an") != (noun[0].lower() in "aeiou")}
    assert odd == {"hourglass", "ukulele", "unicorn", "uniform", "university", "used car"}


def test_plurals_are_english() -> None:
    one = ("cat", "fox", "butterfly", "monkey", "witch", "brush", "pass")
    assert [p.plural(each) for each in one] == [
        "cats", "foxes", "butterflies", "monkeys", "witches", "brushes", "passes",
    ]  # fmt: skip
    book, rng = p.load(), random.Random(0)
    told = {p.written(book, "{animal*}", rng) for _ in range(3_000)}
    assert {"Mice", "Sheep", "Wolves", "Geese", "Cats"} <= told
    assert not {"Mouses", "Sheeps", "Wolfs", "Gooses", "Mouse"} & told


@pytest.mark.parametrize(
    ("subject", "verb"),
    [
        ("gravity", "is"), ("black holes", "are"), ("the speed of light", "is"),
        ("moons of Jupiter", "are"), ("diabetes", "is"), ("statistics", "is"), ("bacteria", "are"),
        ("glass", "is"), ("Saturn's rings", "are"), ("castles in the Middle Ages", "are"),
        ("the fall of the Roman Empire", "is"), ("osmosis", "is"),
    ],
)  # fmt: skip
def test_verbs_agree_with_the_head_of_their_subject(subject: str, verb: str) -> None:
    assert p.agreeing("is", subject) == verb
    assert p.agreeing("does", subject) == {"is": "does", "are": "do"}[verb]


def test_no_subject_stands_twice_in_a_prompt() -> None:
    book, rng = p.load(), random.Random(5)
    for _ in range(300):
        first, second = p.written(book, "{city} - {city}", rng).split(" - ")
        assert first != second


def test_code_keeps_its_lines_and_brackets(many: list[str]) -> None:
    assert any("\n    print(" in each for each in many)
    assert any(re.search(r"\[\d, \d, \d\]", each) for each in many)


def test_a_slot_that_nothing_fills_is_named(tmp_path: Path) -> None:
    for name in ("subjects.toml", SENTENCES, "shapes.toml"):
        text = (p.TEXT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("Knock knock!", "Knock {nobody}!"), "utf-8")
    with pytest.raises(AuthorError, match=r"no subjects for \{nobody\} of 'Knock"):
        p.load(tmp_path)


def test_what_has_no_plural_is_named(tmp_path: Path) -> None:
    for name in ("subjects.toml", SENTENCES, "shapes.toml"):
        text = (p.TEXT / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text.replace("Knock knock!", "Knock {country*}!"), "utf-8")
    with pytest.raises(AuthorError, match=r"\{country\*\} of .* cannot be counted"):
        p.load(tmp_path)


def test_asking_for_more_than_there_are_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = p.Phrasebook({}, {}, frozenset(), (p.Family("one", 1, ("Hello!", "Goodbye!")),))
    monkeypatch.setattr(p, "load", lambda: few)
    monkeypatch.setattr(p, "STUCK", 100)
    with pytest.raises(AuthorError, match="1000 prompts were asked, there are"):
        list(p.prompts(1, 1_000))
