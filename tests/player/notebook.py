"""What a player has learned about topics: looked up on the page of features, remembered.

A person brings the words of a topic along; this player reads them off the cards of the features
that carry the topic's name.
"""

from collections import Counter

from playwright.sync_api import BrowserContext

from tests.player.screen import Piece, Shaded, examples, text_of, words_of

CARDS = 3  # that are read for a topic
SHORT = 4  # letters; shorter words join any two texts
STRONG = 0.4  # shade from which on a piece counts double
RARE = 2  # a word that was hardly ever read says little about its topic


class Notebook:
    """Words by topic. They are looked up in a tab that is closed again: a level goes on in front,
    and its page is not slowed down as one in the background would be."""

    def __init__(self, player: BrowserContext, address: str) -> None:
        self._player = player
        self._address = address
        self._words: dict[str, Counter[str]] = {}
        self._texts: dict[str, list[str]] = {}
        self.read: set[str] = set()  # every word met in a whole text

    @property
    def topics(self) -> list[str]:
        return list(self._words)

    def texts(self, topic: str) -> list[str]:
        """Texts about a topic."""
        self.about(topic)
        return self._texts[topic.strip().lower()]

    def _look_up(self, topic: str) -> tuple[Shaded, ...]:
        """The texts on the cards of the features that a search finds first."""
        page = self._player.new_page()
        page.goto(f"{self._address}feature")
        page.fill("#search textarea, #search input", topic)
        page.locator("#results .pick, #results .empty").first.wait_for()
        rows = page.locator("#results a.open")
        names = [name.strip().lower() for name in rows.locator(".name").all_inner_texts()]
        links = [row.get_attribute("href") or "" for row in rows.all()]
        same = [n for n, name in enumerate(names) if name == topic]
        texts = list[Shaded]()
        for n in (same or list(range(len(names))))[:CARDS]:
            page.goto(self._address + links[n])
            page.wait_for_selector("#card article")
            texts += examples(page, "#card")
        page.close()
        return tuple(texts)

    def about(self, topic: str) -> Counter[str]:
        """Words of a topic with how often they stood in its texts."""
        known = topic.strip().lower()
        if known not in self._words:
            told = Counter[str](words_of(known))
            found = self._look_up(known)
            self._texts[known] = [text_of(strip).strip() for strip in found]
            for strip in found:
                self.notice(text_of(strip))
                told.update({w for w in words_of(text_of(strip)) if len(w) >= SHORT})
                told.update(word for piece in strip for word in lit(piece))
            self._words[known] = told
        return self._words[known]

    def collect(self, site: str, number: int) -> None:
        """Keeps a feature for the level that is played, from its own page."""
        page = self._player.new_page()
        page.goto(f"{self._address}feature")
        page.fill("#search textarea, #search input", str(number))
        place = page.get_by_text(f"{site} · no. {number}", exact=True)
        page.locator("#results a.open").filter(has=place).first.click()
        page.click("#steps [data-act=collect][aria-pressed=false]")
        page.locator("#steps [data-act=collect][aria-pressed=true]").wait_for()
        page.close()

    def notice(self, text: str) -> None:
        self.read.update(words_of(text))

    def share(self, text: str, topic: str) -> float:
        """How much a text is about a topic: its different words, each by how much more often the
        topic's texts have it than those of the other topics in the book."""
        own = self.about(topic)
        return sum(self._telling(word, own) for word in set(words_of(text)) if own[word])

    def _telling(self, word: str, own: Counter[str]) -> float:
        every = sum(book[word] for book in self._words.values())
        return own[word] / (every + RARE)


def lit(piece: Piece) -> list[str]:
    return [w for w in words_of(piece.text) if len(w) >= SHORT] if piece.shade >= STRONG else []
