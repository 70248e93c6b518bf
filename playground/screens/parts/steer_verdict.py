"""What a steering attempt came to: the scores beside the control's, its parts, every reply."""

from html import escape
from statistics import fmean

from playground.concepts.concepts import UNDAMAGED_AT_MOST, ReplyScore, Score
from playground.levels.dealing.steering import Curve, SteerVerdict
from playground.levels.dealing.triples import Row
from playground.screens.parts import brief, frame, pictures, streams
from playground.screens.stage import Stage
from playground.text.words import Words


# -- numbers -------------------------------------------------------------------------------------
def beside(words: Words, verdict: SteerVerdict, measure: str) -> str:
    """The control's and the untouched replies' value of a measure."""
    values: dict[str, Score] = {"beside": verdict.control, "untouched": verdict.baseline}
    return ", ".join(
        words(f"steer.{key}", value=f"{getattr(s, measure):.0f}") for key, s in values.items()
    )


def score_cards(words: Words, verdict: SteerVerdict, par: float | None) -> str:
    """The numbers of the steered replies, each beside the control's and the untouched."""
    replies, unit = verdict.steered.replies, words("steer.of")
    damage_more = words(
        "steer.damage_more",
        unnatural=f"{fmean(r.parts.unnatural for r in replies):.0f}",
        repetition=f"{fmean(r.parts.repetition for r in replies):.0f}",
        missing=f"{fmean(r.parts.missing for r in replies):.0f}",
    )
    damage = frame.score(
        words("steer.damage"),
        verdict.steered.damage,
        unit,
        damage_more,
        beside(words, verdict, "damage"),
    )
    taken = "removed" in verdict.measures
    cards = (taken_out if taken else brought_in)(words, verdict, damage)
    if par is not None:
        cards += thrift(words, verdict, par)
    return f'<div class="scores">{cards}</div>'


def brought_in(words: Words, verdict: SteerVerdict, damage: str) -> str:
    steered, unit = verdict.steered, words("steer.of")
    on = sum(reply.on for reply in steered.replies)
    effect_more = words("steer.effect_more", on=on, count=len(steered.replies))
    both_more = words("steer.both_more", bound=f"{UNDAMAGED_AT_MOST:.0f}")
    return (
        frame.score(
            words("steer.total"),
            verdict.score,
            unit,
            words("steer.total_more"),
            beside(words, verdict, "steering"),
            total=True,
        )
        + frame.score(
            words("steer.effect"),
            steered.effect,
            unit,
            effect_more,
            beside(words, verdict, "effect"),
        )
        + damage
        + frame.score(
            words("steer.both"), steered.both, "%", both_more, beside(words, verdict, "both")
        )
    )


def taken_out(words: Words, verdict: SteerVerdict, damage: str) -> str:
    replies, unit = verdict.steered.replies, words("steer.of")
    on, before = sum(r.on for r in replies), sum(r.on for r in verdict.baseline.replies)
    removed = verdict.measures["removed"]
    rival = max(0.0, verdict.baseline.effect - verdict.control.effect)
    return (
        frame.score(
            words("steer.total"),
            verdict.score,
            unit,
            words("steer.cleared_more"),
            words("steer.beside", value=f"{verdict.rival:.0f}"),
            total=True,
        )
        + frame.score(
            words("steer.removed"),
            removed,
            unit,
            words("steer.removed_more", before=before, on=on, count=len(replies)),
            words("steer.beside", value=f"{rival:.0f}"),
        )
        + damage
    )


def thrift(words: Words, verdict: SteerVerdict, par: float) -> str:
    used = f"{verdict.measures['strength']:.2f}"
    more = words("steer.thrift_more", used=used, par=f"{par:.2f}")
    return frame.score(words("steer.thrift"), verdict.measures["thrift"], words("steer.of"), more)


# -- replies -------------------------------------------------------------------------------------
def tag(words: Words, reply: ReplyScore) -> str:
    on = (
        f'<span class="chip{" on" if reply.on else ""}">'
        f"{escape(words('steer.on' if reply.on else 'steer.off'))}</span>"
    )
    return (
        f'<div class="inline">{on}<span class="chip num">'
        f"{escape(words('steer.damaged', damage=f'{reply.damage:.0f}'))}</span></div>"
    )


def strengths(verdict: SteerVerdict) -> str:
    return ", ".join(f"{dial.strength:g}" for dial in verdict.dials)


def reply_columns(words: Words, verdict: SteerVerdict, number: int) -> str:
    """One triple with the words that counted marked."""
    triple = verdict.triples[number]
    scored: dict[Row, tuple[str, ReplyScore]] = {
        "baseline": (triple.baseline, verdict.baseline.replies[number]),
        "steered": (triple.steered, verdict.steered.replies[number]),
        "control": (triple.control, verdict.control.replies[number]),
    }
    drawn: dict[Row, str] = {
        row: frame.marked(text, score.spans) for row, (text, score) in scored.items()
    }
    tags: dict[Row, str] = {row: tag(words, score) for row, (_, score) in scored.items()}
    return streams.columns(words, triple.prompt, drawn, strengths(verdict), tags)


def replies(words: Words, verdict: SteerVerdict) -> str:
    """Every triple but the first, which stands in the columns above, behind a fold each."""
    folds = "".join(
        f"<details><summary>"
        f"{escape(words('steer.reply', number=i + 1, prompt=triple.prompt))}</summary>"
        f"{reply_columns(words, verdict, i)}</details>"
        for i, triple in enumerate(verdict.triples)
        if i > 0
    )
    return f'<div class="card stack"><h3>{escape(words("steer.replies"))}</h3>{folds}</div>'


# -- the whole -----------------------------------------------------------------------------------
def draw_curve(words: Words, curve: Curve) -> str:
    names = {
        "effect": words("steer.line_effect"),
        "damage": words("steer.line_damage"),
        "control": words("steer.line_control"),
        "you": words("steer.curve_you"),
        "title": words("steer.curve_title", strength=f"{curve.own.strength:g}"),
        "x": words("steer.curve_x"),
    }
    more = words("steer.curve_more_atlas" if curve.source == "atlas" else "steer.curve_more_own")
    return (
        f'<figure class="curve stack"><h3>{escape(words("steer.curve"))}</h3>'
        f"{pictures.curve(curve.points, curve.own, names)}"
        f'<figcaption class="small soft">{escape(more)}</figcaption></figure>'
    )


def draw_parts(words: Words, verdict: SteerVerdict) -> str:
    """How many replies are on each concept, untouched, steered and with the control."""
    drawn = ""
    for part in verdict.parts:
        rows = ""
        scores: dict[Row, Score] = {
            "baseline": part.scores.baseline,
            "steered": part.scores.steered,
            "control": part.scores.control,
        }
        for row, score in scores.items():
            said = words(
                "steer.part_count", on=sum(r.on for r in score.replies), count=len(score.replies)
            )
            rows += (
                f"<li><span>{escape(words(f'steer.{row}'))}</span>{frame.bar(score.effect / 100)}"
                f'<span class="num">{escape(said)}</span></li>'
            )
        drawn += f'<h4>{escape(part.title)}</h4><ul class="list bars">{rows}</ul>'
    return (
        f'<figure class="curve parts stack"><h3>{escape(words("steer.parts"))}</h3>{drawn}'
        f'<figcaption class="small soft">{escape(words("steer.parts_more"))}</figcaption></figure>'
    )


def draw_verdict(stage: Stage, player: str, verdict: SteerVerdict) -> str:
    words, start = stage.words, stage.game.course.seen(player, verdict.level)
    drawn = draw_curve(words, verdict.curve) if verdict.curve else draw_parts(words, verdict)
    # Which idea is missing helps before a win too; a curve would give the best strength away.
    end = "" if verdict.curve else drawn
    if verdict.won:
        following = brief.onward(stage, player, start)
        link = brief.link(start.level.screen, verdict.level)
        learned = brief.learned(words, start, following, link)
        end = f'<div class="pair">{drawn}{learned}</div>'
    cards = score_cards(words, verdict, stage.game.attempts.par(verdict.level))
    return (
        f'<section class="sheet verdict stack">'
        f"{brief.head(words, start, verdict)}"
        f"{frame.goal_list(words, verdict.goals)}{cards}{end}"
        f"{replies(words, verdict)}</section>"
    )
