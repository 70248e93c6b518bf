"""What runs where, how scores are computed, whose ideas these are.

Every number comes from the code that uses it.
"""

from html import escape

import gradio as gr

from playground.concepts import concepts
from playground.engine.records import METHODS, OPENING_TOKENS, SCOPES, Site
from playground.screens.parts import frame
from playground.screens.stage import Stage

GRAM = 3  # words in the phrases whose repetition counts (concepts.repetition)
SOURCES = (
    (
        (
            "Features of sparse autoencoders: Bricken et al. 2023, Towards Monosemanticity; "
            "Cunningham et al. 2023"
        ),
        "https://transformer-circuits.pub/2023/monosemantic-features",
    ),
    (
        "The field names of the cards and the idea of a feature page: Neuronpedia",
        "https://www.neuronpedia.org",
    ),
    (
        "Judging effect and damage together: Wu et al. 2025, AxBench",
        "https://arxiv.org/abs/2501.17148",
    ),
    (
        "Choosing a feature by what it does: Arad et al. 2025, SAEs Are Good for Steering",
        "https://arxiv.org/abs/2505.20063",
    ),
    ("Training and format of the SAEs: SAELens", "https://github.com/jbloomAus/SAELens"),
)


def section(title: str, inner: str) -> str:
    return f'<section class="sheet stack"><h2>{escape(title)}</h2>{inner}</section>'


def listed(lines: list[str]) -> str:
    return (
        '<ul class="goals">'
        + "".join(f"<li><span>{escape(line)}</span></li>" for line in lines)
        + "</ul>"
    )


def place(stage: Stage, site: Site) -> str:
    """Where an SAE sits, and which one it is."""
    words, sae = stage.words, stage.model.saes.get(site.name)
    same = site.point == site.reads == "resid_post"
    where = words(
        "about.after_block" if same else "about.in_block",
        layer=site.layer, **({} if same else {"reads": site.reads, "writes": site.point}),
    )  # fmt: skip
    named = "–" if sae is None else f"{sae.release}/{sae.id}" if sae.release else sae.folder
    return words(
        "about.place",
        name=words.site(site.name),
        where=where,
        width=words.number(site.width),
        norm=f"{site.norm:.3g}",
        sae=named if isinstance(named, str) else "/".join(named.parts[-2:]) if named else "–",
    )


def runs(stage: Stage) -> str:
    words, model = stage.words, stage.model
    places = listed([place(stage, site) for site in stage.game.sites])
    more = [words("about.chat")] if model.chat else []
    more += [words("about.saes_of", model=model.saes_of)] if model.saes_of else []
    more += [words.said(note) for note in stage.game.notes]
    machine = words("about.machine", device=words(f"about.device_{stage.game.device}"))
    told = " ".join([words.said(model.blurb), *more]).strip()
    return section(
        words("about.runs"),
        f'<dl class="facts"><dt>{escape(words("about.model"))}</dt><dd><b>'
        f"{escape(model.title)}.</b> {escape(told)}</dd>"
        f"<dt>{escape(words('about.licence'))}</dt><dd>{escape(model.licence)}</dd>"
        f"<dt>{escape(words('about.places'))}</dt><dd>{places}</dd></dl><p>"
        f"{escape(machine)}</p>",
    )


def scores(stage: Stage) -> str:
    words = stage.words
    lines = [
        words("about.score_effect"),
        words(
            "about.score_damage",
            broken=f"{concepts.BROKEN_NATS:g}",
            rough=f"{concepts.PASSAGE_BROKEN_NATS:g}",
            passage=concepts.PASSAGE_TOKENS,
            stutters=concepts.STUTTERS_BROKEN,
            n=GRAM,
            normal=f"{100 * concepts.GRAMS_NORMAL:.0f}",
            repeat=f"{100 * concepts.GRAMS_BROKEN:.0f}",
            fragment=concepts.FRAGMENT_TOKENS,
        ),
        words("about.score_total", bound=f"{concepts.UNDAMAGED_AT_MOST:g}"),
        words("about.score_control"),
        words("about.score_hunt"),
    ]
    return section(words("about.scores"), listed(lines))


def methods(stage: Stage) -> str:
    words = stage.words
    lines = [words(f"sandbox.method_{m}") for m in METHODS]
    lines += [words(f"sandbox.scope_{s}", tokens=OPENING_TOKENS) for s in SCOPES]
    return section(words("about.methods"), listed(lines))


def files(stage: Stage) -> str:
    """The shipped parts with size, licence and recipe, from the manifest."""
    words, rows = stage.words, ""
    for name, part in stage.manifest.parts.items():
        size = f"{sum(s.size for s in part.files.values()) / 2**20:.1f}"
        said = words("about.file", size=size, licence=part.licence, recipe=part.recipe)
        rows += f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>"
    return section(words("about.files"), f'<dl class="facts">{rows}</dl>') if rows else ""


def draw(stage: Stage) -> str:
    words = stage.words
    privacy = f"<p>{escape(words('about.privacy_text'))}</p>"
    links = "".join(
        f'<li><a href="{escape(url)}" rel="noreferrer" target="_blank">'
        f"{escape(words.said(title))}</a></li>"
        for title, url in SOURCES
    )
    sources = f"<ul>{links}</ul>"
    return (
        f'<div class="stack wide"><h1>{escape(words("about.title"))}</h1><p class="soft">'
        f"{escape(words('about.lead'))}</p>"
        f"{runs(stage)}{scores(stage)}{methods(stage)}{files(stage)}"
        f"{section(words('about.privacy'), privacy)}"
        f"{section(words('about.sources'), sources)}</div>"
    )


def layout(stage: Stage, page: gr.Blocks) -> None:
    frame.header(stage.words, "about")
    frame.board(draw(stage), js=None)
    frame.footer(stage.words)
