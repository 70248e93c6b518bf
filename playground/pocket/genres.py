"""One function a genre: (writer, topic) -> parts. `WRITERS` names them all."""

from collections.abc import Callable

from playground.pocket.grammar import Topic
from playground.pocket.writer import Fragment, Writer, carrying

LINE = "\n"


def dialogue(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["dialogue"]
    told = [w.pick(recipe["openers"])]
    for question, answer in w.drawn(topic.talk, w.rng.randint(3, 4)):
        told.append(w.say(f"{w.scene.hero}: {question}", topic.name, glue=LINE))
        told.append(w.say(f"{w.scene.friend}: {answer}", topic.name, glue=LINE))
    return [*told, w.pick(recipe["closers"], glue=LINE)]


def first_person(w: Writer, topic: Topic) -> list[Fragment]:
    """What letters and diaries tell: a plot lived by the writer."""
    w.scene = w.scene.told_by(first_person=True)
    return w.tale(topic, w.plot(topic))


def letter(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["letter"]
    told = [w.pick(recipe["greetings"])]
    if w.chance(0.6):
        told.append(w.pick(recipe["openers"], glue=LINE))
    writer = w.scene.hero
    body = first_person(w, topic)
    body[0] = Fragment(body[0].text, body[0].concepts, LINE if len(told) == 1 else " ")
    told += body
    if w.chance(0.6):
        told.append(w.pick(recipe["closers"]))
    w.scene = w.scene.told_by(first_person=False)
    farewell = w.rng.choice(recipe["farewells"])
    return [*told, w.say(farewell, glue=LINE, hero=writer)]


def diary(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["diary"]
    told = [w.pick(recipe["openers"]), *first_person(w, topic)]
    return [*told, w.pick(recipe["closers"])] if w.chance(0.7) else told


def news(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["news"]
    told = [w.pick(recipe["openers"])] if w.chance(0.8) else []
    for headline, *sentences in w.drawn(topic.news, w.rng.choice((1, 1, 2))):
        told.append(w.say(headline + ".", topic.name, glue=LINE))
        told += [w.say(sentence, topic.name, glue=LINE if n == 0 else " ")
                 for n, sentence in enumerate(sentences)]  # fmt: skip
        if w.chance(0.3):
            told.append(w.pick(recipe["quotes"]))
    return [*told, w.pick(recipe["closers"])] if w.chance(0.6) else told


def weather(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["weather"]
    told = [w.pick(recipe["openers"]), *w.some(recipe["lines"], w.rng.randint(4, 6))]
    return [*told, w.pick(recipe["closers"])]


def recipe(w: Writer, topic: Topic) -> list[Fragment]:
    dish = w.rng.choice(w.grammar.genres["recipe"]["dish"])
    told = [w.say(f"[Recipe|A recipe|Our recipe|A good recipe] for {dish['name']}.")]
    needed = ", ".join(dish["ingredients"])
    told.append(w.say(f"[You need|You will need|Take]: {needed}.", glue=LINE))
    told += [w.say(step, glue=LINE if n == 0 else " ") for n, step in enumerate(dish["steps"])]
    return [*told, w.say(dish["serving"])]


def poem(w: Writer, topic: Topic) -> list[Fragment]:
    title = w.say(
        f"[A poem about|A little poem about|A rhyme about|A song about] {topic.noun}.", topic.name
    )
    verses = w.drawn(topic.poems, w.rng.choice((1, 2)))
    return [title, *(w.say(verse.strip(), topic.name, glue=LINE) for verse in verses)]


def howto(w: Writer, topic: Topic) -> list[Fragment]:
    told: list[Fragment] = []
    title, *steps = w.rng.choice(topic.howto)
    told.append(w.say(title.rstrip(".") + ".", topic.name, glue=LINE))
    told += [w.say(f"{n}. {step[:1].upper()}{step[1:]}", topic.name, glue=LINE)
             for n, step in enumerate(steps, 1)]  # fmt: skip
    return [*told, w.pick(w.grammar.genres["howto"]["closers"], glue=LINE)]


def quiz(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["quiz"]
    told = [w.pick(recipe["openers"])]
    for question, answer in w.drawn(topic.quiz, w.rng.randint(3, 4)):
        told.append(w.say(f"Question: {question}", topic.name, glue=LINE))
        told.append(w.say(f"Answer: {answer}", topic.name, glue=LINE))
    return [*told, w.pick(recipe["closers"], glue=LINE)]


def shopping(w: Writer, topic: Topic) -> list[Fragment]:
    recipe = w.grammar.genres["shopping"]
    own = [
        Fragment("- " + thing, frozenset((topic.name,)), LINE) for thing in w.drawn(topic.finds, 3)
    ]
    items = [w.say(item, glue=LINE) for item in w.drawn(recipe["items"], w.rng.randint(3, 5))]
    listed = [Fragment("- " + item.text.lower(), glue=LINE) for item in items]
    for place, part in zip(sorted(w.rng.choices(range(len(items) + 1), k=3)), own, strict=True):
        listed.insert(place + own.index(part), part)
    return [w.pick(recipe["openers"]), *listed, w.pick(recipe["closers"], glue=LINE)]


def code(w: Writer, topic: Topic) -> list[Fragment]:
    """A few lines in the manner of Python, about the things of a topic; they would run."""
    many = w.rng.choice(topic.plural).replace(" ", "_").replace("-", "_")
    names = [word.replace(" ", "_") for word in w.rng.sample(sorted(topic.plural), 3)]
    count = w.rng.randint(2, 9)
    forms = (
        f"{many} = {count}\nfor i in range({many}):\n    print(i)\nprint({many} + 1)",
        f"things = {names!r}\nfor thing in things:\n    print(thing)\nprint(len(things))",
        f"def count_{many}(n):\n    if n == 0:\n        return 0\n"
        f"    return n + count_{many}(n - 1)\n\nprint(count_{many}({count}))",
        f"{many} = {{}}\n{many}['{names[0]}'] = {count}\nif '{names[0]}' in {many}:\n"
        f"    print({many}['{names[0]}'])\nelse:\n    print('no {names[0]}')",
        f"class Box:\n    def __init__(self):\n        self.{many} = []\n\n    def add(self, x):\n"
        f"        self.{many}.append(x)\n\nbox = Box()\nbox.add('{names[1]}')\nprint(box.{many})",
        f"total = 0\nwhile total < {count}:\n    total += 1\n    print('{names[2]}', total)",
    )
    first = Fragment(f"# a {w.rng.choice(('small', 'short', 'little'))} program about {topic.noun}")
    bodies = w.rng.sample(forms, w.rng.choice((1, 2)))
    return carrying([first, *(Fragment(body, glue=LINE) for body in bodies)], topic.name)


def arithmetic(w: Writer, topic: Topic) -> list[Fragment]:
    """Small sums that are right, told with the things of a topic."""
    told: list[Fragment] = []
    for _ in range(w.rng.randint(2, 3)):
        thing = w.rng.choice(topic.plural)
        a, b = w.rng.randint(2, 9), w.rng.randint(1, 9)
        hero, friend = w.scene.hero, w.scene.friend
        if w.chance(0.5):
            text = (f"{hero} has {a} {thing}. {friend} brings {b} more {thing}. "
                    f"Now {hero} has {a + b} {thing}. {a} + {b} = {a + b}.")  # fmt: skip
        else:
            text = (f"{hero} has {a + b} {thing}. {hero} gives {b} {thing} to {friend}. "
                    f"Now {hero} has {a} {thing}. {a + b} - {b} = {a}.")  # fmt: skip
        told.append(Fragment(text, frozenset((topic.name,)), LINE))
    return told


def facts(w: Writer, topic: Topic) -> list[Fragment]:
    title = w.say(f"[All about|About|Facts about|What we know about] {topic.noun}.", topic.name)
    return [title, *w.some(topic.facts, w.rng.randint(4, 6), topic.name)]


def _story(w: Writer, topic: Topic) -> list[Fragment]:
    if w.chance(0.25):
        w.scene = w.scene.told_by(first_person=True)
    return w.story(topic)


GenreWriter = Callable[[Writer, Topic], list[Fragment]]
WRITERS: dict[str, GenreWriter] = {
    "story": _story, "dialogue": dialogue, "letter": letter, "diary": diary, "news": news,
    "weather": weather, "recipe": recipe, "poem": poem, "howto": howto, "quiz": quiz,
    "shopping": shopping, "code": code, "arithmetic": arithmetic, "facts": facts,
}  # fmt: skip


def write(w: Writer, genre: str, topic: Topic) -> list[Fragment]:
    """The parts of one text of a genre, each labelled with the genre."""
    return carrying(WRITERS[genre](w, topic), genre)
