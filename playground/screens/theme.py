"""The look as launch() wants it, and the switches that keep Gradio quiet and local."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict

from gradio.themes import Base
from markupsafe import Markup

from playground.screens.render import render
from playground.text.language import LANGUAGES, SOURCE

STYLE = Path(__file__).with_name("style.css")
FONT = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "Consolas", "monospace")
MAX_WAITING = 256  # requests in the queue before a player is told to come back
THREADS = 96  # handlers mostly wait for the engine, which runs them as one batch
FIRST = "rest.js"  # before Gradio's own, so it stands in the page that is sent
SCRIPTS = ("language.js", "chosen.js", "terms.js", "touch.js", "forms.js")  # run in this order


def read(names: Sequence[str]) -> list[Markup]:
    """Our scripts; the one on languages is told which there are."""
    told = ", ".join(f"'{each}'" for each in LANGUAGES if each != SOURCE)
    texts = (Path(__file__).with_name(name).read_text("utf-8") for name in names)
    return [Markup(text.replace("/* languages */", told)) for text in texts]


def head() -> str:
    """What Gradio puts into the head of every page once its own scripts run."""
    return str(render(None, "head", scripts=read(SCRIPTS)))


HEAD = head()


def first() -> str:
    """What stands in the head of every page as it is sent."""
    return str(render(None, "scripts", scripts=read([FIRST])))


def scripts() -> list[str]:
    """All of ours, each to the letter as it stands between its tags."""
    return [f"\n{each}" for each in read([FIRST, *SCRIPTS])]


class Launch(TypedDict):
    theme: Base
    css_paths: Path
    head: str
    ssr_mode: bool
    quiet: bool
    run_history: bool
    enable_monitoring: bool
    footer_links: list
    max_threads: int
    show_error: bool


def theme() -> Base:
    """Every colour is a variable of style.css, so light and dark are told apart in one place."""
    colours = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--soft)",
        "background_fill_primary": "var(--sheet)",
        "background_fill_secondary": "var(--paper)",
        "block_background_fill": "var(--sheet)",
        "block_border_color": "var(--line)",
        "block_label_text_color": "var(--soft)",
        "block_title_text_color": "var(--ink)",
        "block_info_text_color": "var(--soft)",
        "border_color_primary": "var(--line)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--wash)",
        "input_background_fill": "var(--paper)",
        "input_border_color": "var(--line)",
        "input_border_color_focus": "var(--accent)",
        "input_placeholder_color": "var(--soft)",
        "slider_color": "var(--accent)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "color-mix(in srgb, var(--accent) 88%, var(--ink))",
        "button_primary_text_color": "var(--on-accent)",
        "button_primary_border_color": "var(--accent)",
        "button_secondary_background_fill": "transparent",
        "button_secondary_background_fill_hover": "var(--wash)",
        "button_secondary_text_color": "var(--accent)",
        "button_secondary_border_color": "var(--accent)",
        "checkbox_background_color": "var(--paper)",
        "checkbox_background_color_selected": "var(--accent)",
        "checkbox_border_color": "var(--soft)",
        "checkbox_border_color_selected": "var(--accent)",
        "checkbox_label_background_fill": "var(--paper)",
        "checkbox_label_background_fill_hover": "var(--wash)",
        "checkbox_label_background_fill_selected": "var(--wash)",
        "checkbox_label_border_color": "var(--line)",
        "checkbox_label_border_color_selected": "var(--accent)",
        "checkbox_label_text_color": "var(--ink)",
        "checkbox_label_text_color_selected": "var(--ink)",
        "link_text_color": "var(--accent)",
        "panel_background_fill": "transparent",
    }
    made = Base(
        primary_hue="orange",
        neutral_hue="stone",
        radius_size="lg",
        text_size="lg",
        font=list(FONT),
        font_mono=list(MONO),
    )
    return made.set(
        **colours,
        **{f"{name}_dark": value for name, value in colours.items()},
        color_accent="var(--accent)",
        block_border_width="1px",
        button_border_width="1.5px",
        input_border_width="1px",
        checkbox_label_border_width="1px",
    )


def launch_options() -> Launch:
    return Launch(
        theme=theme(),
        css_paths=STYLE,
        head=HEAD,
        ssr_mode=False,
        quiet=True,  # hosting/welcome.py says where the game can be opened
        run_history=False,
        enable_monitoring=False,
        footer_links=[],
        max_threads=THREADS,
        show_error=True,
    )
