"""The template language of the corpus: `[a|b]`, `<x:a|b>`, `{hero}`. Knows no topics."""

import random
import re
from dataclasses import dataclass, field

# Few names on purpose: a small model must learn to keep the one it began with.
WOMEN = ("Mia", "Anna", "Lily", "Zoe", "Ruby", "Nora", "Ella", "Rosa")
MEN = ("Tom", "Ben", "Max", "Leo", "Sam", "Finn", "Hugo", "Otto")

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_REMEMBERED = re.compile(r"<(\w+)(?::([^<>]*))?>")
_SLOT = re.compile(r"\{(\w+)\}")
_SPEECH = re.compile(
    r"\b(said|asked|cried|whispered|shouted|laughed|called|answered|replied|thought|sighed|roared|"
    r"yelled|muttered|growled|begged|explained|announced) I\b"
)
_FIRST_PERSON = {"hero": "I", "he": "I", "him": "me", "his": "my", "himself": "myself"}
_HER = {"he": "she", "him": "her", "his": "her", "himself": "herself"}


@dataclass
class Scene:
    """Who a text is about, and what `<x>` stands for in it."""

    rng: random.Random
    hero: str
    friend: str
    first_person: bool = False
    memory: dict[str, str] = field(default_factory=dict)

    @classmethod
    def draw(cls, rng: random.Random, first_person: bool = False) -> "Scene":
        hero, friend = rng.sample(WOMEN + MEN, 2)
        return cls(rng, hero, friend, first_person)

    def told_by(self, first_person: bool) -> "Scene":
        """The same people and things, told by the hero (or no longer)."""
        return Scene(self.rng, self.hero, self.friend, first_person, self.memory)

    def slots(self) -> dict[str, str]:
        if self.first_person:
            return {**_FIRST_PERSON, "friend": self.friend}
        own = _HER if self.hero in WOMEN else {k: k for k in _HER}
        return {"hero": self.hero, "friend": self.friend, **own}


def expand(template: str, scene: Scene, /, **extra: str) -> str:
    """One line with every slot filled and its first letter a capital; see `filled`."""
    return capital(filled(template, scene, **extra))


def filled(template: str, scene: Scene, /, **extra: str) -> str:
    """A template with every slot filled.

    Raises KeyError with the slot's name for a slot that neither the scene nor `extra` fills.
    """
    slots = scene.slots() | extra

    def remember(match: re.Match[str]) -> str:
        name, options = match.groups()
        if options is not None and name not in scene.memory:
            scene.memory[name] = scene.rng.choice(options.split("|"))
        return scene.memory[name]

    def fill(match: re.Match[str]) -> str:
        word = slots[match.group(1).lower()]
        return capital(word) if match.group(1)[0].isupper() else word

    text = _CHOICE.sub(lambda m: scene.rng.choice(m.group(1).split("|")), template)
    text = _REMEMBERED.sub(remember, text)
    text = _SLOT.sub(fill, text)
    if scene.first_person:
        text = _SPEECH.sub(r"I \1", text)
    return re.sub(r"  +", " ", text).replace(" ,", ",").replace(" .", ".").strip()


def definite(phrase: str) -> str:
    """`a ball of yarn` spoken of again: `the ball of yarn`."""
    return re.sub(r"^(a|an) ", "the ", phrase)


def capital(text: str) -> str:
    """The text with its first letter a capital, behind an opening quotation mark too."""
    for position, letter in enumerate(text):
        if letter.isalpha():
            return text[:position] + letter.upper() + text[position + 1 :]
    return text
