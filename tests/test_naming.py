"""Names of features: each sort from examples written for it, and no name where there is none."""

import re
from dataclasses import replace

import pytest

from playground.atlas import labels
from playground.atlas.naming import Evidence, Fit, Name, Namesake, named, quoted, told_apart
from playground.atlas.windows import Window
from playground.concepts.concepts import load_concepts
from playground.messages import Message
from playground.text.words import Words

CONCEPTS = load_concepts()
CATS, DOGS = (Fit(CONCEPTS[name], 0.97, 0.95) for name in ("cats", "dogs"))


def window(text: str, place: int = 40) -> Window:
    """A text whose peak is marked with `>` before its token; words with the space before them are
    tokens, and so are signs."""
    pieces = re.findall(r" ?>?\w+| ?>?[^\w\s]", f" {text}")
    peak = next(n for n, piece in enumerate(pieces) if ">" in piece)
    return Window(tuple(piece.replace(">", "") for piece in pieces), peak, place, 1.0)


def seen(*texts: str, **more: object) -> Evidence:
    made = [window(text) for text in texts]
    return replace(Evidence(made, made), **more)


def said(name: Name | None) -> str:
    return Words()(name.label) if name else ""


def test_a_window_is_read_as_words_and_signs() -> None:
    one = window("She sat. >Then the cat")
    assert (one.word, one.before, one.after) == ("then", ".", "the")
    assert one.opens_sentence and one.text == " She sat. Then the cat"
    part = Window((" kit", "ten", "s", " purr"), 1, 7, 2.0)
    assert (part.word, part.part, part.raw) == ("kittens", "ten", "kittens")
    lines = Window(("a", "\n", "\n", "b"), 1, 3, 1.0)
    assert lines.word == "\n" and lines.after == "b"


WORD = ("He saw a >cat there", "my >cat is", "one >Cat more", "that >cat of hers")


def test_one_word_is_named_though_a_concept_has_it_too() -> None:
    found = named(seen(*WORD, fits=[CATS]))
    assert found == Name(Message("atlas.word", token="cat"), "top-token", 4, 4, 1.0)


def test_words_of_a_concept_are_named_after_it() -> None:
    texts = ("a >kitten ran", "she >purred so", "its >whiskers shook", "the >tomcat slept")
    assert said(named(seen(*texts, fits=[DOGS, CATS]))) == "cats"
    weak = replace(CATS, select=0.85)
    assert said(named(seen(*texts, fits=[weak]))) == ""
    near = replace(CATS, contrast=0.7)  # it tells animals from the rest, no more
    assert said(named(seen(*texts, fits=[near]))) == ""


def test_two_concepts_that_rank_alike_are_both_named() -> None:
    texts = ("a >kitten ran", "she >purred so", "it >barked twice", "the >puppy slept")
    found = named(seen(*texts, fits=[CATS, DOGS]))
    assert found is not None and found.made == "mixed"
    assert labels.concepts_of(found.label) == {"cats", "dogs"}
    assert not labels.holds(found.label, "cats")
    apart = replace(DOGS, select=0.92)
    assert named(seen(*texts, fits=[CATS, apart])) is None


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        (
            "the sign ','",
            "a cat >, then | so >, he | here >, there | no >, not",
        ),
        (
            "the number '7'",
            "at >7 they | of >7 and | with >7 more | has >7 now",
        ),
        (
            "the phrase 'in the'",
            "sat in >the box | is in >the bag | was in >the tree | in >the hat",
        ),
        (
            "words that end in 'ing'",
            "is >running fast | was >singing loud | the >baking tin | be >seeing it",
        ),
        (
            "words that begin with 'bak'",
            "he >bakes it | was >baked by | the >bakery is | is >baking now",
        ),
        (
            "what follows 'very'",
            "a very >old hat | is very >big and | so very >nice to | was very >cold",
        ),
        (
            "what comes before '.'",
            "is >old. | was a >tree. | to his >bed. | so >cold.",
        ),
        (
            "words in capitals",
            "he >SHOUTED at | said >NO again | was >BIG so | an >EGG fell",
        ),
    ],
)  # fmt: skip
def test_what_examples_have_in_common_is_their_name(name: str, texts: str) -> None:
    assert said(named(seen(*texts.split(" | ")))) == name


def test_places_of_a_text_are_names() -> None:
    texts = (">Once upon", ">Today he", ">Long ago", ">My cat")
    opening = [replace(window(text), place=0) for text in texts]
    assert said(named(Evidence(opening, opening))) == "the opening of a text"
    texts = ("it ended. >So he", "was cold. >The cat", "went. >Nobody saw", "there. >It rained")
    assert said(named(seen(*texts))) == "the first word of a sentence"


def test_a_word_on_which_it_seldom_fires_is_not_all_of_its_name() -> None:
    texts = ("purring >the kitten", "of >the cat and", "a tail >the paw", "with >the whiskers on")
    assert said(named(seen(*texts, used=lambda token: 0.9))) == "the word 'the'"
    seldom = seen(*texts, used=lambda token: 0.01)
    assert said(named(seldom)) == "some uses of the word 'the'"
    such = seen(*(f"sat in >the {word}" for word in ("sun", "rain", "van", "shed")))
    weak = [window(f"so >the {word} ran") for word in ("old", "red", "big", "new", "shy")]
    spread = replace(such, spread=[*such.top, *weak], used=lambda token: 0.01)
    assert said(named(spread)) == "some uses of the word 'the', such as 'sat in the'"
    about = replace(seldom, fits=[CATS])
    assert said(named(about)) == "the word 'the', in texts about cats"


def test_words_that_come_next_are_named_only_where_they_come() -> None:
    texts = ("he went >home and", "an apple >fell and", "red >shoes and", "was >loud and")
    more = {"pushed": (" and", " or"), "used": lambda token: 1.0}
    assert said(named(seen(*texts, **more))) == "what comes before 'and'"
    texts = ("he went >home and", "an apple >fell or", "red >shoes and", "was >loud or")
    assert said(named(seen(*texts, **more))) == "makes 'and', 'or' likelier"
    texts = ("he went >home to", "an apple >fell off", "red >shoes in", "was >loud for")
    assert named(seen(*texts, **more)) is None


def test_a_word_is_spelt_as_it_stands() -> None:
    assert (
        said(named(seen("so >I ran", "then >I saw", "and >I went", "as >I was"))) == "the word 'I'"
    )
    parts = [
        Window((" when", " ", "Th", end, " ran"), 2, 9, 1.0) for end in ("is", "at", "en", "us")
    ]
    assert said(named(Evidence(parts, parts))) == "the word part 'Th'"
    cellar = ("in the >cellar", "to the >cellar and", "of the >cellar is", "by the >cellar he")
    weak = [window(f"in the >{word} so") for word in ("sun", "rain", "van", "shed", "mud", "sea")]
    found = named(Evidence([window(text) for text in cellar], [*map(window, cellar), *weak]))
    assert said(found) == "at its strongest on the phrase 'the cellar'"


def test_nothing_in_common_is_no_name_and_few_examples_are_none() -> None:
    texts = ("an >apple fell on", "he >ran home to", "my >old shoe is", "so >loud it was")
    assert named(seen(*texts)) is None
    assert named(seen(*WORD[:3])) is None
    # A list of words says nothing that a reader could expect of the next text.
    assert named(seen("a >red hat", "one >blue cup", "the >red box", "his >blue eye")) is None


def test_a_name_has_to_hold_where_it_fires_weakly_too() -> None:
    strong, weak = [window(text) for text in WORD], [window("and >so it goes")] * 8
    found = named(Evidence(strong, [*strong, *weak[:2]]))
    assert found is not None and found.share == pytest.approx(4 / 6, abs=1e-4)
    assert said(found) == "the word 'cat'"
    assert said(named(Evidence(strong, [*strong, *weak]))) == "at its strongest on the word 'cat'"
    assert named(Evidence(strong, [*strong, *weak, *weak, *weak])) is None


def test_equal_names_are_told_apart_by_what_each_has_to_itself() -> None:
    same = [
        Namesake(("cat", "kitten", "paw"), ("purr",)),
        Namesake(("cat", "tomcat"), ("purr",)),
        Namesake(("cat",), ("milk", "purr")),
        Namesake(("cat",), ("purr",)),
    ]
    assert told_apart(same) == [
        Message("atlas.most_on", tokens=(quoted("kitten"), quoted("paw"))),
        Message("atlas.most_on", tokens=(quoted("tomcat"),)),
        Message("atlas.makes", tokens=(quoted("milk"),)),
        None,
    ]


def test_a_name_holds_for_its_own_concept_alone() -> None:
    cat, dog = labels.called("cats"), labels.called("dogs")
    word = Message("atlas.within", name=Message("atlas.word", token="the"), concept=cat)
    assert labels.holds(cat, "cats") and labels.holds(word, "cats")
    assert not labels.holds(dog, "cats") and not labels.holds(word, "dogs")
    assert labels.holds(Message("atlas.word", token="cat"), "dogs")  # it names no concept
    assert not labels.holds(labels.UNLABELLED, "cats") and not labels.holds("", "cats")
    assert labels.label(labels.kept(word)) == word and labels.label("") == ""
