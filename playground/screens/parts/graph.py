"""The picture of an attribution graph: tokens from left to right, blocks upwards. Where everything
stands is reckoned here; how it looks stands in templates/graph.html. Has no events."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from playground.circuits.records import Kind
from playground.game.tracing import Spot, Walk
from playground.messages import Line
from playground.screens.render import macro, render
from playground.text.words import Words

ROW, STEP, LEFT, TOP, FOOT = 46, 19, 64, 26, 34  # pixels
NARROWEST, LETTER, LONGEST = 38, 7.5, 10  # of a column; a letter's width; letters of a token
LINES = 90  # edges, at most


@dataclass(frozen=True)
class GraphDot:
    """up, down: the keys of the nodes that it feeds most, and that feed it most."""

    spot: Spot
    x: float
    y: float
    size: float
    kind: Kind
    here: bool
    grouped: bool
    up: str
    down: str


@dataclass(frozen=True)
class GraphLine:
    """live: of the node that is looked at; below: it holds its target down."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    below: bool
    live: bool


@dataclass(frozen=True)
class GraphDrawing:
    width: float
    height: float
    dots: tuple[GraphDot, ...]
    lines: tuple[GraphLine, ...]
    columns: tuple[tuple[float, str], ...]
    rows: tuple[tuple[float, int], ...]  # of blocks, from 1


@dataclass(frozen=True)
class Look:
    """at: the node that is looked at; group, hidden: keys."""

    at: str = ""
    group: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def level(spot: Spot) -> int:
    """Its row, from below: tokens, then blocks, then what comes next."""
    return 0 if spot.node.kind == "token" else spot.node.layer + 1


def drawing(walk: Walk, look: Look = Look()) -> GraphDrawing:
    spots = [spot for spot in walk.spots if spot.key not in look.hidden]
    cells = defaultdict[tuple[int, int], list[Spot]](list)
    for spot in spots:
        cells[level(spot), spot.node.position].append(spot)
    tokens, edge = walk.graph.tokens, float(LEFT)
    columns, middles = list[tuple[float, str]](), dict[int, float]()
    for position, token in enumerate(tokens):
        most = max((len(each) for (_, at), each in cells.items() if at == position), default=1)
        word = short(token)
        width = max(NARROWEST, STEP * most + 12, LETTER * len(word) + 10)
        middles[position] = edge + width / 2
        columns.append((middles[position], word))
        edge += width
    rows = walk.graph.blocks + 2
    places = dict[str, tuple[float, float]]()
    for (row, position), own in cells.items():
        for n, spot in enumerate(own):
            x = middles[position] + STEP * (n - (len(own) - 1) / 2)
            places[spot.key] = x, TOP + ROW * (rows - 1 - row) + ROW / 2
    links = [link for link in walk.links if link[0] in places and link[1] in places]
    links.sort(key=lambda link: -abs(link[2]))
    ordered = sorted(spots, key=lambda spot: (level(spot), places[spot.key]))
    return GraphDrawing(
        edge + 12, TOP + ROW * rows + FOOT,
        tuple(dot(spot, places[spot.key], links, look) for spot in ordered),
        tuple(line(link, places, links, look) for link in links[:LINES]),
        tuple(columns),
        tuple((TOP + ROW * (rows - 2 - n) + ROW / 2, n + 1) for n in range(walk.graph.blocks)),
    )  # fmt: skip


def dot(
    spot: Spot, at: tuple[float, float], links: Sequence[tuple[str, str, float]], look: Look
) -> GraphDot:
    size = 5 + 4 * min(1.0, (spot.share * 4) ** 0.5)
    up = next((target for source, target, _ in links if source == spot.key), "")
    down = next((source for source, target, _ in links if target == spot.key), "")
    return GraphDot(
        spot, *at, size, spot.node.kind, spot.key == look.at, spot.key in look.group, up, down
    )


def line(
    link: tuple[str, str, float],
    places: dict[str, tuple[float, float]],
    links: Sequence[tuple[str, str, float]],
    look: Look,
) -> GraphLine:
    source, target, weight = link
    strongest = abs(links[0][2]) or 1.0
    width = 0.7 + 3.3 * (abs(weight) / strongest) ** 0.5
    live = look.at in (source, target)
    return GraphLine(*places[source], *places[target], width, weight < 0, live)


def short(token: str) -> str:
    body = token.strip().replace("\n", "↵") or "␣"
    return body if len(body) <= LONGEST else body[: LONGEST - 1] + "…"


def picture(words: Words, walk: Walk, look: Look, title: Line) -> Markup:
    return macro(words, "graph:picture", drawing(walk, look), title)


def file(words: Words, walk: Walk, title: Line) -> Markup:
    """The picture as a file of its own, that needs no style of a page."""
    return render(words, "graph_file", drawing=drawing(walk), title=title)
