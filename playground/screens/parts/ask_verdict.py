"""The verdict of a round of questions: every question with its mark and the evidence. How it looks
stands in templates/ask_verdict.html."""

from collections.abc import Sequence

from markupsafe import Markup

from playground.levels.dealing.questions import AskVerdict, Exhibit, Marked, Strip
from playground.screens.parts import brief, exhibits
from playground.screens.render import macro
from playground.screens.stage import Stage
from playground.store.records import PlayerId
from playground.text.words import Words


def draw(stage: Stage, player: PlayerId, verdict: AskVerdict) -> Markup:
    """Sentence, goals, what was learned or another round, then question by question."""
    words, start = stage.words, stage.game.course.seen(player, verdict.level)
    here = brief.link("ask", verdict.level)
    if verdict.won:
        end = brief.learned(words, start, brief.onward(stage, player, start), here)
    else:
        end = macro(words, "ask_verdict:lost", start, here)
    marks, revealed = list[Markup](), list[Exhibit]()
    for number, mark in enumerate(verdict.marks):
        marks.append(one(stage, mark, number, revealed))
        revealed += mark.exhibits
    head = brief.head(words, start, verdict)
    return macro(words, "ask_verdict:whole", head, verdict.goals, end, marks)


def one(stage: Stage, mark: Marked, number: int, revealed: Sequence[Exhibit]) -> Markup:
    """revealed: what the marks above show; cards are long, so what rounds share stands once."""
    new = [each for each in mark.exhibits if each not in revealed]
    saw = [each for each in mark.question.exhibits if each not in mark.exhibits]
    return macro(
        stage.words,
        "ask_verdict:one",
        mark,
        number,
        answer(stage.words, mark),
        exhibits.draw(stage, new),
        exhibits.draw(stage, saw),
        above=len(new) < len(mark.exhibits),
    )


def answer(words: Words, mark: Marked) -> str:
    """What the player said, in words."""
    question, said = mark.question, mark.answer
    if said is None or said == "":
        return words("ask.nothing")
    if isinstance(said, str):
        return said
    if question.form == "choose":
        return words.said(question.options[said])
    asked = question.exhibits[0]
    assert isinstance(asked, Strip)
    token = asked.tokens[said].strip() or words("ask.blank")
    return words("ask.token", token=token, place=said + 1)
