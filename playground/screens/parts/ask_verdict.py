"""The verdict of a round of questions as HTML: every question with its mark and the evidence."""

from collections.abc import Sequence
from html import escape

from playground.levels.dealing.questions import AskVerdict, Exhibit, Marked, Strip
from playground.screens.parts import brief, exhibits, frame
from playground.screens.stage import Stage
from playground.text.words import Words


def draw(stage: Stage, player: str, verdict: AskVerdict) -> str:
    """Sentence, goals, what was learned or another round, then question by question."""
    words, start = stage.words, stage.game.course.seen(player, verdict.level)
    here = brief.link("ask", verdict.level)
    if verdict.won:
        end = brief.learned(words, start, brief.onward(stage, player, start), here)
    else:
        ways = brief.ways(words, start, here, words("ask.again"), lost=True)
        end = f'<div class="inline">{ways}</div>'
    rows, revealed = "", list[Exhibit]()
    for number, mark in enumerate(verdict.marks):
        rows += one(stage, mark, number, revealed)
        revealed += mark.exhibits
    return (
        f'<section class="sheet verdict stack">'
        f"{brief.head(words, start, verdict)}"
        f"{frame.goal_list(words, verdict.goals)}{end}"
        f'<h3>{escape(words("ask.marks"))}</h3><ol class="marks">{rows}</ol></section>'
    )


def one(stage: Stage, mark: Marked, number: int, revealed: Sequence[Exhibit]) -> str:
    """revealed: what the marks above show; cards are long, so what rounds share stands once."""
    words = stage.words
    known = words("ask.right" if mark.right else "ask.wrong")
    right = ""
    if mark.key and not mark.right:
        right = f"<dt>{escape(words('ask.key'))}</dt><dd>{escape(mark.key)}</dd>"
    why = f"<p>{escape(mark.why)}</p>" if mark.why else ""
    new = [each for each in mark.exhibits if each not in revealed]
    above = ""
    if len(new) < len(mark.exhibits):
        above = f'<p class="small soft">{escape(words("ask.above"))}</p>'
    saw = exhibits.draw(stage, [e for e in mark.question.exhibits if e not in mark.exhibits])
    if saw:
        saw = f"<details><summary>{escape(words('ask.saw'))}</summary>{saw}</details>"
    return (
        f'<li class="mark {"right" if mark.right else "wrong"} stack"><div class="inline">'
        f'<span class="dot">{number + 1}</span><h3>{escape(mark.question.ask)}</h3>'
        f'<span class="chip{" on" if mark.right else ""}">{escape(known)}</span></div>'
        f'<dl class="facts"><dt>{escape(words("ask.yours"))}</dt>'
        f"<dd>{escape(answer(words, mark))}</dd>{right}</dl>{why}"
        f"{exhibits.draw(stage, new)}{above}{saw}</li>"
    )


def answer(words: Words, mark: Marked) -> str:
    """What the player said, in words."""
    question, said = mark.question, mark.answer
    if said is None or said == "":
        return words("ask.nothing")
    if isinstance(said, str):
        return said
    if question.form == "choose":
        return question.options[said]
    asked = question.exhibits[0]
    assert isinstance(asked, Strip)
    token = asked.tokens[said].strip() or words("ask.blank")
    return words("ask.token", token=token, place=said + 1)
