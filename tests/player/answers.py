"""How a player chooses an answer: by what a question shows, never by which level it is of."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence

from tests.player.circuits import bringing, in_time, looking_back, rung
from tests.player.notebook import Notebook
from tests.player.screen import Exhibit, Piece, Question, Shaded, brightest, text_of, words_of

STEM = 4  # letters that two forms of a word share
BRIGHT = 0.5  # shade of a piece that matters
PAIR = 0.3  # what it is worth that the piece before is the same too
QUIET = 1.0  # activation units; a mean below it reads as nothing
STUCK = 0.1  # share of runs of three words that came before: it stammers
FIRST = 12  # words of a question's text by which one is known again
AHEAD = 3  # pieces after the bright one
SHORTEST = 3  # letters of a bright word; shorter ones stand in every text
DARK = 0.05  # shade of a piece that counts as dark
ABOUT_IT, MOST = 0.5, 0.8  # of a topic's words in a text; share of texts, or of the fullest reply
LABEL = re.compile(r"[‘“\"](.+?)[’”\"]")  # a label that quotes a word


def chosen(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The place of an option, or of a token."""
    for replies in question.replies:
        book.notice(replies.prompt)
    if question.tokens:
        before = question.ask.startswith("On which token of this text")
        return ahead(question) if before else brightest_token(question)
    for fits, answer in WAYS:
        if fits(question):
            return answer(question, earlier, book)
    raise AssertionError(f"a question of a new sort: {question.ask!r} {question.options}")


# -- the microscope --------------------------------------------------------------------------------
def shades(card: Exhibit) -> dict[str, float]:
    """The mean shade of each coloured piece over all the places where it stands."""
    found = defaultdict[str, list[float]](list)
    dark = Counter[str]()
    for strip in card.strips:
        for piece in strip:
            if piece.shade > 0:
                found[piece.plain].append(piece.shade)
            else:
                dark.update(words_of(piece.text))
    return {plain: sum(each) / (len(each) + dark[plain]) for plain, each in found.items() if plain}


def pairs(card: Exhibit) -> set[tuple[str, str]]:
    """The brightest piece of each text with what stands before it."""
    found = set[tuple[str, str]]()
    for strip in card.strips:
        for before, piece in zip(strip, strip[1:], strict=False):
            if piece.shade >= BRIGHT:
                found.add((before.text.split()[-1].lower() if before.plain else "", piece.plain))
    return found


def akin(one: str, other: str) -> bool:
    """As bird and birds."""
    return min(len(one), len(other)) >= STEM and (one.startswith(other) or other.startswith(one))


def brightest_token(question: Question) -> int:
    """The token that is brightest on the card; else one like it."""
    card = question.cards[0]
    shade, company = shades(card), pairs(card)
    tokens = [token.strip().lower() for token in question.tokens]

    def worth(place: int) -> float:
        token = tokens[place]
        like = max((v for plain, v in shade.items() if akin(plain, token)), default=0.0)
        value = shade.get(token, like / 2)
        return value + (PAIR if place and (tokens[place - 1], token) in company else 0.0)

    return max(range(len(tokens)), key=lambda place: (worth(place), -place))


def coming(strip: Sequence[Piece], place: int) -> list[str]:
    """The words that follow within a few pieces."""
    return words_of("".join(piece.text for piece in strip[place + 1 : place + 1 + AHEAD]))


def ahead(question: Question) -> int:
    """The token like the bright ones on the card after which comes what comes after those."""
    card = question.cards[0]
    shade, soon = shades(card), Counter[str]()
    for strip in card.strips:
        top = max(range(len(strip)), key=lambda n: strip[n].shade)
        soon.update(word for word in coming(strip, top) if len(word) >= STEM)
    pieces = [Piece(token, 0.0) for token in question.tokens]

    def worth(place: int) -> float:
        next_ones = coming(pieces, place)
        due = sum(n for word, n in soon.items() if any(akin(word, each) for each in next_ones))
        return (BRIGHT / 2 + shade.get(pieces[place].plain, 0.0)) * due

    return max(range(len(pieces)), key=worth)


def on_or_before(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Whether the brightest piece of most texts is about the topic, or what follows it."""
    found = re.search(r"has to do with (.+?)\. In texts", question.ask)
    assert found, question.ask
    topic, on, soon = found.group(1), 0.0, 0.0
    for strip in question.cards[0].strips:
        top = max(range(len(strip)), key=lambda n: strip[n].shade)
        on += book.share(strip[top].text, topic)
        soon += max((book.share(word, topic) for word in coming(strip, top)), default=0.0)
    return int(soon > on)


def pull(text: str, card: Exhibit) -> float:
    """How much of what is bright on a card stands in a text."""
    words, found = words_of(text), 0.0
    for piece, shade in shades(card).items():
        if shade < BRIGHT / 2:
            continue
        if words_of(piece) and len(piece) >= 3:
            # A piece may be the beginning of a word.
            hits = [w for w in words if w == piece or (len(piece) >= STEM and w.startswith(piece))]
            found += shade * bool(hits)
        elif not words_of(piece) and piece in text:
            found += shade
    return found


def fires(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    card = question.cards[0]
    awake = any(pull(text_of(strip), card) >= BRIGHT for strip in texts(question))
    word = "fires" if awake else "stays silent"
    return question.options.index(word)


def texts(question: Question) -> list[Shaded]:
    return [strip for each in question.exhibits if not each.card for strip in each.strips]


def most(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The text with most of what is bright; the options name the texts by their beginnings."""
    card = [*question.cards, *(card for each in earlier for card in each.cards)][0]
    shown = [text_of(strip) for each in (*earlier, question) for strip in texts(each)]
    shown = list(dict.fromkeys(shown))
    worth = [pull(text, card) for text in shown]
    return max(range(len(question.options)), key=lambda n: worth[n] if n < len(worth) else 0.0)


# -- names and replies -----------------------------------------------------------------------------
def name(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The name whose words stand in most texts of the card."""
    told = question.cards[0].strips
    for option in question.options:
        book.about(option)
    bright = " ".join(piece.text for piece in brightest(told))

    def worth(place: int) -> float:
        topic = question.options[place]
        each = [book.share(text_of(strip), topic) for strip in told]
        return sum(each) + book.share(bright, topic)

    return max(range(len(question.options)), key=worth)


def brought(reply: str, plain: str, topic: str, book: Notebook) -> float:
    """How much of a topic is in a reply beyond what the untouched one says."""
    new = set(words_of(reply)) - set(words_of(plain))
    return book.share(" ".join(new), topic)


def feature_or_chance(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The reply that keeps most to one subject."""
    plain, *pushed = [each.reply for each in question.replies]

    def subject(reply: str) -> float:
        return max((brought(reply, plain, topic, book) for topic in book.topics), default=0.0)

    return max(range(len(pushed)), key=lambda n: subject(pushed[n]))


def place(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Where the reply is most about the topic that the question names; the later in a tie."""
    found = re.search(r"does it bring (.+) into most of", question.ask)
    assert found, question.ask
    topic = found.group(1)
    worth = {each.caption: book.share(each.reply, topic) for each in question.replies}
    return max(range(len(question.options)), key=lambda n: worth.get(question.options[n], 0.0))


def breaking(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The first reply with words that nobody knows, or the same ones over and over."""
    for each in question.replies:
        if broken(each.reply, book):
            at = re.search(r"[\d.]+", each.caption)
            return next(
                n for n, option in enumerate(question.options) if at and at.group() in option
            )
    return len(question.options) - 1


def broken(reply: str, book: Notebook) -> bool:
    said = words_of(reply)[:-1]
    if not said:
        return True
    runs = list(zip(said, said[1:], said[2:], strict=False))
    strange = any(word not in book.read for word in said)
    doubled = any(one == two for one, two in zip(said, said[1:], strict=False))
    return strange or doubled or bool(runs and 1 - len(set(runs)) / len(runs) >= STUCK)


def method(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """By the bars: quiet or loud after the dial; pushed everywhere or only where it fired."""
    bars = [bar for each in question.exhibits for bar in each.bars]
    own, lit, dark, pushed = (value for _, value in bars)
    if max(lit, dark) < QUIET:
        way = "project" if pushed > 99 else "ablate"
    else:
        way = "add" if lit - dark > own / 2 else "clamp"
    return next(n for n, option in enumerate(question.options) if option.startswith(way))


def moved(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The label of which the steered reply has more than the untouched one."""
    plain, steered = (each.reply for each in question.replies)
    dialled = set(words_of(question.cards[0].name))

    def worth(place: int) -> float:
        label = question.options[place]
        kin = len(dialled & {w for w in words_of(label) if len(w) >= STEM})
        quoted = LABEL.findall(label)
        if quoted:
            more = sum(
                words_of(steered).count(w) - words_of(plain).count(w)
                for q in quoted
                for w in words_of(q)
            )
            return more + kin
        return brought(steered, plain, label, book) + kin

    return max(range(len(question.options)), key=worth)


# -- features beside others ------------------------------------------------------------------------
def cleaner(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Of two rows of texts, those about the topic first: which is brighter in these than in the
    others? And it is the feature if it is dark on more tokens."""
    shown = [strip for each in question.exhibits for strip in each.strips]
    half = len(shown) // 2
    rows = {"A": shown[:half], "B": shown[half:]}

    def apart(name: str) -> float:
        peaks = [piece.shade for piece in brightest(rows[name])]
        return max(peaks[: half // 2]) - max(peaks[half // 2 :])

    def coloured(name: str) -> float:
        pieces = [piece for strip in rows[name] for piece in strip]
        return sum(piece.shade > DARK for piece in pieces) / len(pieces)

    best = max(rows, key=apart)
    sort = "feature" if best == min(rows, key=coloured) else "neuron"
    return question.options.index(f"{best} is cleaner, and {best} is the {sort}")


def keepers(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """A feature keeps up whose card is about the topic in most of its texts, and not on one word
    alone."""
    found = re.search(r"probe learned (.+?) from labelled", question.ask)
    assert found, question.ask
    topic = found.group(1)
    keep = [
        sum(book.share(text_of(strip), topic) > ABOUT_IT for strip in card.strips)
        >= MOST * len(card.strips)
        and len({piece.plain for piece in brightest(card.strips)}) > 1
        for card in question.cards
    ]
    said = {
        (True, True): "each of them", (True, False): "A does", (False, True): "B does",
        (False, False): "not even both",
    }[keep[0], keep[1]]  # fmt: skip
    return next(n for n, option in enumerate(question.options) if option.startswith(said))


def pusher(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Whose replies have clearly most of the topic; none where two are about as full of it."""
    found = re.search(r"pushed towards (.+?), each at", question.ask)
    assert found, question.ask
    worth = [book.share(each.reply, found.group(1)) for each in question.replies]
    second, first = sorted(worth)[-2:]
    if second >= MOST * first:
        return len(question.options) - 1
    return worth.index(first)


# -- features that share a topic -------------------------------------------------------------------
def catches(question: Question, topic: str, book: Notebook) -> dict[str, set[int]]:
    """By the name of each card: texts about the topic that hold a word which is bright on it."""
    found = dict[str, set[int]]()
    texts = [set(words_of(text)) for text in book.texts(topic)]
    for card in question.cards:
        bright = {word for piece in brightest(card.strips) for word in words_of(piece.text)}
        told = {word for word in bright if len(word) >= SHORTEST}
        name = card.caption.removeprefix("Feature ")
        found[name] = {n for n, words in enumerate(texts) if words & told}
    return found


def together(question: Question, book: Notebook) -> list[int]:
    """Card after card, the one that adds most texts to those that are found."""
    topic = re.search(r"find sentences about (.+) best\. A", question.ask)
    assert topic, question.ask
    caught, have, ticked = catches(question, topic.group(1), book), set[int](), list[str]()
    for _ in range(question.most):
        best = max(caught, key=lambda name: len(caught[name] - have))
        if ticked and not caught[best] - have:
            break
        ticked.append(best)
        have |= caught[best]
    return [question.options.index(name) for name in ticked]


def partner(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The card that finds most of what the named one does not."""
    found = re.search(r"Feature (\w) alone finds sentences about (.+) best, and", question.ask)
    assert found, question.ask
    caught = catches(question, found.group(2), book)
    alone = caught.pop(found.group(1))
    return question.options.index(max(caught, key=lambda name: len(caught[name] - alone)))


# -- inside the model ------------------------------------------------------------------------------
def settled(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """Up the last column of the map, as long as the word stays the same."""
    rows = next(each.grid for each in question.exhibits if each.grid)
    words = [row[-1][0] for row in rows]
    other = [place for place, word in enumerate(words) if word != words[-1]]
    return max(other, default=-1) + 1


def shortest(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The first blocks say short words."""
    return min(range(len(question.options)), key=lambda n: len(question.options[n]))


def strictest(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The text with most signs that are no letters."""
    texts = [each.reply for each in question.replies]
    return max(
        range(len(texts)),
        key=lambda n: sum(not (c.isalpha() or c == " ") for c in texts[n]) / len(texts[n]),
    )


def easiest(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """The token that costs least as it is."""
    costs = dict(next(each.pillars for each in question.exhibits if each.pillars))
    return min(range(len(question.options)), key=lambda n: costs[question.options[n].strip("“”")])


def loss(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    """From the loss with nothing there, so far down as the share says."""
    plain, wiped, share = map(float, re.findall(r"\d+\.?\d*", question.ask))
    found = wiped - share / 100 * (wiped - plain)
    nats = [float(re.findall(r"\d+\.\d+", option)[0]) for option in question.options]
    return min(range(len(nats)), key=lambda n: abs(nats[n] - found))


def highest_sum(question: Question, earlier: Sequence[Question], book: Notebook) -> int:
    sums = [sum(value for _, value in each.pillars) for each in question.exhibits if each.pillars]
    return sums.index(max(sums))


WAYS: Sequence[
    tuple[Callable[[Question], bool], Callable[[Question, Sequence[Question], Notebook], int]]
] = (
    (lambda q: "One single state of the second" in q.ask, in_time),
    (lambda q: "four attention heads" in q.ask, looking_back),
    (lambda q: "took the lead away" in q.ask, rung),
    (lambda q: "to the front for good" in q.ask, bringing),
    (lambda q: "never lose the lead again" in q.ask, settled),
    (lambda q: "Had it stopped after block" in q.ask, shortest),
    (lambda q: "words in brackets" in q.ask or "word in brackets" in q.ask, shortest),
    (lambda q: "suffers most, token for token" in q.ask, strictest),
    (lambda q: "four framed tokens" in q.ask, easiest),
    (lambda q: "How much does the model pay" in q.ask, loss),
    (lambda q: "lose most in all" in q.ask, highest_sum),
    (lambda q: "a neuron of the MLP" in q.ask, cleaner),
    (lambda q: "keep up with the probe" in q.ask, keepers),
    (lambda q: q.ask.startswith("Three directions"), pusher),
    (lambda q: "where is it brightest" in q.ask, on_or_before),
    (lambda q: "finds most of those" in q.ask, partner),
    (lambda q: "stays silent" in q.options, fires),
    (lambda q: q.ask.startswith("In which of the"), most),
    (lambda q: "by which method" in q.ask, method),
    (lambda q: q.ask.startswith("One feature was turned up."), moved),
    (lambda q: "At which does the text break" in q.ask, breaking),
    (lambda q: "Which push came from a feature" in q.ask, feature_or_chance),
    (lambda q: "At which site" in q.ask, place),
    (lambda q: "Which name fits" in q.ask, name),
)
