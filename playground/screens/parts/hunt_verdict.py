"""The verdict of a hunt level as HTML: three numbers in plain words and the texts behind them."""

from html import escape

from playground.levels.kinds.hunt import HuntVerdict, JudgedText
from playground.levels.schema import Pick
from playground.screens.parts import brief, card, frame
from playground.screens.stage import Stage

TEXTS_SHOWN = 8  # judged texts shown open, the rest behind a fold


def judged(stage: Stage, text: JudgedText, top: float) -> str:
    words = stage.words
    about = (
        f'<span class="chip{" on" if text.about else ""}">'
        f"{escape(words('hunt.about_it' if text.about else 'hunt.not_about'))}</span>"
    )
    right = (
        f'<span class="small">{escape(words("hunt.right" if text.right else "hunt.wrong"))}</span>'
    )
    peak = (
        f'<span class="small soft num">{escape(words("hunt.peak", peak=f"{text.peak:.3g}"))}</span>'
    )
    return (
        f'<li><div class="head">{about}{right}{peak}</div>'
        f"{frame.strip(text.tokens, text.values, top)}</li>"
    )


def draw(stage: Stage, player: str, verdict: HuntVerdict) -> str:
    """Sentence, goals, three numbers in plain words, what was learned, the texts."""
    words, start = stage.words, stage.game.course.seen(player, verdict.level)
    threshold = f"{verdict.threshold:.3g}"
    unit = words("steer.of")
    scores = (
        frame.score(
            words("hunt.auroc"),
            100 * verdict.auroc,
            unit,
            words("hunt.auroc_more", percent=f"{100 * verdict.auroc:.0f}"),
            words("hunt.control", control=f"{100 * verdict.control:.0f}"),
            total=True,
        )
        + frame.score(
            words("hunt.precision"),
            100 * verdict.precision,
            "%",
            words("hunt.precision_more", threshold=threshold),
        )
        + frame.score(
            words("hunt.recall"),
            100 * verdict.recall,
            "%",
            words("hunt.recall_more", threshold=threshold),
        )
    )
    top = max((text.peak for text in verdict.texts), default=0.0)
    rows = [judged(stage, text, top) for text in verdict.texts]
    more = words("hunt.more_texts", count=len(rows))
    texts = (
        f'<h3>{escape(words("hunt.texts"))}</h3><ol class="texts">'
        f"{''.join(rows[:TEXTS_SHOWN])}</ol>"
        f'<details><summary>{escape(more)}</summary><ol class="texts">'
        f"{''.join(rows[TEXTS_SHOWN:])}</ol></details>"
    )
    best = end = ""
    if verdict.best is not None:
        pick = Pick(verdict.best.site, verdict.best.feature)
        best = (
            f'<p class="small">{escape(words("hunt.best"))}: <a href="{escape(card.link(pick))}">'
            f"{escape(stage.game.exploring.name(pick))}</a>. "
            f"{escape(words('hunt.best_more', percent=f'{100 * verdict.best.auroc:.0f}'))}</p>"
        )
    if verdict.won:
        following = brief.onward(stage, player, start)
        end = brief.learned(words, start, following, brief.link("hunt", verdict.level))
    return (
        f'<section class="sheet verdict stack">'
        f"{brief.head(words, start, verdict)}"
        f'{frame.goal_list(words, verdict.goals)}<div class="scores">{scores}</div>{best}'
        f"{end}{texts}</section>"
    )
