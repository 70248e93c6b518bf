"""The picture of a link that is shared: what the model wrote, and where the dial stood. In no
language but the model's, since its letters come with the library that draws them."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630  # pixels, as pages that show links ask for
PAPER, INK, SOFT, ACCENT, LINE = "#faf5ec", "#2d2621", "#6b5f54", "#b0451c", "#e6d9c7"
CAT, DARK = "#e9965d", "#33241b"
EDGE, TOP, BASE = 72, 64, 500  # of the text, and of the slider below it
LARGE, LEAST = 54, 34  # size of letters
SPACING = 1.35
ROOM = BASE - 60 - TOP  # for the text


def draw(begun: str, text: str, at: float, name: str) -> bytes:
    """A PNG. begun: what stands before the text, in another colour; at: -1 to 1; name: of the
    game."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    words = [(word, SOFT) for word in begun.split()] + [(word, INK) for word in text.split()]
    lines, size = fitted(words)
    for number, line in enumerate(lines):
        x = float(EDGE)
        for word, colour in line:
            pen.text((x, TOP + number * size * SPACING), word, colour, ImageFont.load_default(size))
            x += ImageFont.load_default(size).getlength(f"{word} ")
    slider(pen, at)
    cat(pen, EDGE + 26, HEIGHT - 62)
    pen.text((EDGE + 68, HEIGHT - 64), name, SOFT, ImageFont.load_default(30), anchor="lm")
    made = BytesIO()
    image.save(made, "PNG", optimize=True)
    return made.getvalue()


Coloured = tuple[str, str]


def fitted(words: list[Coloured]) -> tuple[list[list[Coloured]], int]:
    """The lines, and the largest letters in which all stand above the slider; what does not fit in
    the smallest is left out."""
    size = LARGE
    while len(lines := broken(words, size)) > (most := int(ROOM / (size * SPACING))):
        if size <= LEAST:
            return [*lines[: most - 1], [*lines[most - 1][:-1], ("…", INK)]], size
        size -= 4
    return lines, size


def broken(words: list[Coloured], size: int) -> list[list[Coloured]]:
    font, lines, room = ImageFont.load_default(size), list[list[Coloured]](), 0.0
    for word, colour in words:
        wide = font.getlength(f"{word} ")
        if not lines or wide > room:
            lines.append([])
            room = WIDTH - 2 * EDGE
        lines[-1].append((word, colour))
        room -= wide
    return lines


def slider(pen: ImageDraw.ImageDraw, at: float) -> None:
    end = WIDTH - EDGE - 150
    middle = (EDGE + end) / 2
    knob = middle + at * (end - EDGE) / 2
    pen.rounded_rectangle((EDGE, BASE - 6, end, BASE + 6), 6, LINE)
    pen.rectangle((min(middle, knob), BASE - 6, max(middle, knob), BASE + 6), ACCENT)
    pen.ellipse((knob - 22, BASE - 22, knob + 22, BASE + 22), ACCENT)
    says = f"{at:.0%}"
    pen.text((WIDTH - EDGE, BASE), says, INK, ImageFont.load_default(48), anchor="rm")


def cat(pen: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """Its head, as in the icon of the pages; x, y: the middle."""
    for side in (-1, 1):
        ear = [(x + side * 26, y - 32), (x + side * 28, y + 4), (x + side * 4, y - 16)]
        pen.polygon(ear, CAT)
    pen.ellipse((x - 28, y - 20, x + 28, y + 26), CAT)
    for side in (-1, 1):
        pen.ellipse((x + side * 11 - 4, y - 4, x + side * 11 + 4, y + 4), DARK)
    pen.polygon([(x - 4, y + 8), (x + 4, y + 8), (x, y + 13)], ACCENT)
