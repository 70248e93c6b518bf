"""The verdict of a round of questions: every question with its mark and the evidence. How it looks
stands in templates/ask_verdict.html."""

from collections.abc import Sequence

from markupsafe import Markup

from playground.levels.dealing.questions import (
    Answer,
    AskVerdict,
    Exhibit,
    Marked,
    Question,
)
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
    anew = f"?level={verdict.level}"
    goals = () if verdict.gave_up else verdict.goals  # they ask for a whole round
    return macro(words, "ask_verdict:whole", head, goals, end, marks, anew)


def one(stage: Stage, mark: Marked, number: int, revealed: Sequence[Exhibit]) -> Markup:
    """revealed: what the marks above show; cards are long, so what rounds share stands once."""
    new = [each for each in mark.exhibits if each not in revealed]
    saw = [each for each in mark.question.exhibits if each not in mark.exhibits]
    return macro(
        stage.words,
        "ask_verdict:one",
        mark,
        number,
        said(stage.words, mark.question, mark.answer),
        exhibits.draw(stage, new),
        exhibits.draw(stage, saw),
        above=len(new) < len(mark.exhibits),
    )


def said(words: Words, question: Question, answer: Answer) -> str:
    """What the player answered, in words."""
    if answer is None or answer == "":
        return words("ask.nothing")
    if isinstance(answer, str):
        return answer
    shown = words.said(question.said(answer))
    if question.form == "token":
        return words("ask.token", token=shown or words("ask.blank"), place=answer + 1)
    return shown
