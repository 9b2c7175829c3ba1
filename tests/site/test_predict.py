"""Questions with answers that open their replies: how they are written, and how they are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.building import jupyter_book, new_course, served

GOOD = r"""# Questions

```{math}
:label: step
E_p = (1 - k_p^2) E_{p-1}
```

````{predict} You double the order $p$. What happens to the energy $E_p$?
Think of {eq}`step`.

- [ ] It *halves*.
  > Each order takes off a factor $1 - k^2$, see {eq}`step` and [here](other.md).
- [x] It falls a little, and never rises.
  > ```{math}
  > 1 - k^2 \le 1
  > ```
- [ ] $E_p$ rises.
  > No: `lpc` of order $p$ is contained in that of order $2p$.
  >
  > That is all.
````

```{predict} Is a second question of its own?
- [X] Yes.
  > It has another name.
- [ ] No.
  > It has another name.
```
"""
BAD = {
    "one right answer, [x], not 0": "- [ ] a\n  > b\n- [ ] c\n  > d",
    "one right answer, [x], not 2": "- [x] a\n  > b\n- [x] c\n  > d",
    "2 to 4 answers, not 1": "- [x] a\n  > b",
    "2 to 4 answers, not 5": "- [x] a\n  > b\n" + "- [ ] c\n  > d\n" * 4,
    'one reply to "unanswered"': "- [x] a\n  > b\n- [ ] unanswered",
    'one reply to "gossip"': "- [x] a\n  > b\n- [ ] gossip\n  > c\n\n  more",
    'an answer without a box, "bare"': "- [x] a\n  > b\n- bare\n  > c",
    "one list of answers": "Nothing to choose.",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """The site of a course with two questions."""
    course = new_course(tmp_path_factory.mktemp("asked"), asked=GOOD, other="# Other\n\nA page.\n")
    done = jupyter_book("build", course)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return course / "_build" / "html"


@pytest.fixture
def page(browser, built):
    """The page with the questions, in a browser."""
    with served(built) as address:
        page = browser.new_page()
        page.goto(f"{address}book/asked.html")
        page.evaluate("async () => window.MathJax && await window.MathJax.startup.promise")
        yield page
        page.close()


@pytest.mark.browser
def test_an_answer_opens_its_reply_by_keyboard_and_closes_the_others(page):
    question = page.get_by_role("group", name="You double the order")
    answers = question.locator("details")
    assert answers.count() == 3
    replies = answers.locator(".speech-reply")
    assert [reply.is_visible() for reply in replies.all()] == [False] * 3
    answers.nth(0).locator("summary").focus()
    page.keyboard.press("Enter")
    assert [reply.is_visible() for reply in replies.all()] == [True, False, False]
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.tagName") != "SUMMARY":  # links and formulas
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert [reply.is_visible() for reply in replies.all()] == [False, True, False]
    page.get_by_text("Yes.").click()  # another question leaves this one open
    assert answers.nth(1).locator(".speech-reply").is_visible()


@pytest.mark.browser
def test_replies_say_right_or_not_so_and_hold_formulas_and_links(page):
    question = page.get_by_role("group", name="You double the order")
    said = [reply.text_content() for reply in question.locator(".speech-reply").all()]
    assert [words.strip().split(" ")[0] for words in said] == ["Not", "Right.", "Not"]
    assert question.locator("[data-right=true]").count() == 1
    assert question.locator("mjx-container").count() >= 6
    assert question.locator("a[href$='other.html']").count() == 1
    assert question.locator("a[href='#equation-step']").count() == 2
    assert "[x]" not in question.text_content() and "[ ]" not in question.text_content()


@pytest.mark.browser
def test_all_replies_are_on_paper(page):
    page.emulate_media(media="print")
    heights = page.locator(".speech-reply").evaluate_all("all => all.map(r => r.offsetHeight)")
    assert len(heights) == 5 and min(heights) > 0
    page.emulate_media(media="screen")
    page.locator("summary").first.click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    opened = "all => all.map(answer => answer.open)"
    assert page.locator(".speech-answer").evaluate_all(opened) == [True] * 5
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator(".speech-answer").evaluate_all(opened) == [True] + [False] * 4


@pytest.mark.browser
def test_questions_work_without_javascript(browser, built):
    with served(built) as address:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(f"{address}book/asked.html")
        page.get_by_text("It halves").click()
        assert page.get_by_text("Each order takes off").is_visible()
        page.get_by_text("It falls a little").click()
        assert not page.get_by_text("Each order takes off").is_visible()
        context.close()


def test_questions_that_are_not_well_put_fail_the_build(tmp_path):
    asked = [f"```{{predict}} Question {n}?\n{text}\n```\n" for n, text in enumerate(BAD.values())]
    done = jupyter_book("build", new_course(tmp_path, asked="# Asked\n\n" + "\n".join(asked)))
    assert done.returncode != 0
    warnings = [line for line in (done.stdout + done.stderr).splitlines() if "The question" in line]
    for number, complaint in enumerate(BAD):
        ours = [line for line in warnings if f"'Question {number}?'" in line]
        assert len(ours) == 1 and complaint in ours[0]


@pytest.mark.browser
def test_paper_is_light(page):
    theme = "document.documentElement.dataset.theme"
    page.evaluate(f"{theme} = 'dark'")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(theme) == "light"
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(theme) == "dark"


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["none", "active"])
def test_the_chosen_answer_is_marked_also_in_forced_colours(page, colours):
    page.emulate_media(forced_colors=colours)
    page.locator("summary").first.click()
    grounds = page.locator("summary").evaluate_all(
        "all => all.map(summary => getComputedStyle(summary, '::before').backgroundColor)"
    )
    assert grounds[0] not in grounds[1:] and len(set(grounds[1:])) == 1
