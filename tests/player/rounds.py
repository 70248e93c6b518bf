"""How a player goes through a round of questions: chooses, writes, probes, hands in."""

import re
from collections.abc import Sequence

from playwright.sync_api import Page, expect

from tests.player import answers
from tests.player.notebook import Notebook
from tests.player.screen import Question, Verdict, count_questions, question, verdict
from tests.player.writing import write
from tests.standstill import PATIENCE

# Where a verdict names the topic of a question: what a player remembers for the next round.
NAMED = re.compile(r"(?:came from the feature for|It was|it brought) (.+?)(?:,|:| into )")
BEGINNINGS = ("One morning", "On Monday", "Last summer", "In the evening")  # they lead nowhere


def play(page: Page, book: Notebook) -> Verdict:
    """One round, question by question, handed in."""
    asked, count = list[Question](), count_questions(page)
    for number in range(count):
        now = question(page, number)
        answer(page, now, asked, book)
        asked.append(now)
        if number + 1 < count:
            page.click("#bar [data-on]")
    page.click("#bar [data-act=hand_in]")
    result = verdict(page)
    for topic in [] if result.won else dict.fromkeys(NAMED.findall(result.text)):
        book.about(topic)
    return result


def answer(page: Page, now: Question, earlier: Sequence[Question], book: Notebook) -> None:
    if now.words:
        write(page, now, book)
    elif now.most:
        for place in answers.together(now, book):
            choose(page, now, place)
    elif now.probes:
        choose(page, now, probed(page, now, book))
    else:
        choose(page, now, answers.chosen(now, earlier, book))


def choose(page: Page, question: Question, place: int) -> None:
    kind = "pickable" if question.tokens else "option"
    page.locator(f"#question .{kind}").nth(place).click()


# -- hidden dials ----------------------------------------------------------------------------------
def probed(page: Page, question: Question, book: Notebook) -> int:
    """The option whose words the dial brings in, over what is shown and a few beginnings."""
    slot = "#question"
    seen = (
        [(one.reply, two.reply) for one, two in [question.replies] if question.replies]
        if len(question.replies) == 2
        else []
    )
    for count, beginning in enumerate(BEGINNINGS, 1):
        page.fill(f"{slot} .probe textarea", beginning)
        page.click(f"{slot} [data-act=probe]")
        latest = page.locator(f"{slot} .streams").first.locator(".said")
        expect(latest.first).to_contain_text(beginning, timeout=PATIENCE)
        page.wait_for_function(
            "([slot, count]) => document.querySelectorAll(slot + ' .streams').length === count",
            arg=[slot, count],
        )
        plain, pushed = latest.all_inner_texts()
        seen.append((plain, pushed))
    for option in question.options:
        book.about(option)

    def worth(place: int) -> float:
        topic = question.options[place]
        return sum(answers.brought(pushed, plain, topic, book) for plain, pushed in seen)

    return max(range(len(question.options)), key=worth)
