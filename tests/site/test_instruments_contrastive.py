"""The instruments of contrastive learning: their numbers are the chapter's and the exercises'."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, special

from autograder.reference import contrastive
from speechlab.systems import clap
from tests.site.test_instruments import open_page
from tests.support.instrument_pages import close
from tests.support.settled import steady_box

pytestmark = pytest.mark.browser
ANGLES = np.random.default_rng(0).uniform(-np.pi, np.pi, 24)  # of twelve pairs
EVERY = 22  # negatives of 24 views: all but the anchor and its partner


@pytest.fixture
def chapter(chapters):
    """What the cells of the chapter left behind; its page is there."""
    return chapters["contrastive"]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def on_circle(angles):
    return np.column_stack([np.cos(angles), np.sin(angles)])


# A crowd on a circle.


@pytest.mark.parametrize("temperature", [0.05, 0.3, 2.0])
def test_the_loss_of_the_crowd_is_that_of_the_exercise(scripts, temperature):
    others = scripts.crowd.rivals(24, EVERY, 1)
    first, second = np.split(on_circle(ANGLES), 2)
    found = scripts.crowd.surprise(ANGLES, others, temperature)
    assert found["loss"] == pytest.approx(contrastive.nt_xent(first, second, temperature))


@pytest.mark.parametrize("negatives", [1, 7, EVERY])
def test_arrows_are_slopes(scripts, negatives):
    others = scripts.crowd.rivals(24, negatives, 3)

    def loss(angles):
        scores = np.cos(angles[:, None] - angles) / 0.3
        own = scores[np.arange(24), (np.arange(24) + 12) % 24]
        wrong = np.take_along_axis(scores, np.array(others), axis=1)
        return np.mean(np.logaddexp(own, special.logsumexp(wrong, axis=1)) - own)

    found = scripts.crowd.surprise(ANGLES, others, 0.3)
    assert found["loss"] == pytest.approx(loss(ANGLES))
    close(found["slopes"], optimize.approx_fprime(ANGLES, loss, 1e-7), 1e-5)


def test_negatives_are_others(scripts):
    for i, row in enumerate(scripts.crowd.rivals(24, 9, 2)):
        assert len(set(row)) == 9 and not {i, (i + 12) % 24} & set(row)


def test_shares_are_those_of_the_chapter(scripts, chapter):
    """By the softmax, as the chapter has them; here of the first two numbers of its views."""
    flat = np.vstack([chapter["views"][0], chapter["views"][5]])[:, :2]
    angles = np.arctan2(flat[:, 1], flat[:, 0])
    others = scripts.crowd.rivals(48, 46, 1)
    found = scripts.crowd.shares(angles, 5, others, 0.5)
    cosines = np.cos(angles[5] - angles)
    cosines[5] = -np.inf
    wanted = special.softmax(cosines / 0.5)
    close([found["partner"], *found["rivals"]], [wanted[29], *wanted[others[5]]])


DESCENT = """async ([file, first, second, words, temperature]) => {
  const C = await import(file);
  const clips = [...first, ...second];
  const others = C.rivals(clips.length, clips.length - 2, 1);
  const net = C.fresh(first[0].length, 1);
  const velocity = net.map((row) => new Float64Array(row.length));
  const told = () => {
    const { angles } = C.embedded(net, clips);
    return { loss: C.surprise(angles, others, temperature).loss, angles,
      alignment: C.alignment(angles), uniformity: C.uniformity(angles),
      same: C.sameNearest(angles, words) };
  };
  const before = told();
  for (let k = 0; k < 600; k += 1) C.step(net, velocity, clips, others, temperature);
  return [before, told()];
}"""


def descended(scripts, first, second, labels):
    file = f"{scripts.address}_static/speechlab/instruments/crowd.js"
    return scripts.page.evaluate(
        DESCENT, [file, first.tolist(), second.tolist(), list(labels), 0.3]
    )


def test_descent_aligns_and_spreads_and_finds_what_pairs_share(scripts, chapter):
    views, words = chapter["views"], [clip.text for clip in chapter["crowd"]]
    clip = descended(scripts, views[0], views[3], words)
    word = descended(scripts, views[0], views[0][chapter["partners"]["word"]], words)
    for before, after in (clip, word):
        assert after["loss"] < before["loss"] and after["alignment"] < 0.5 * before["alignment"]
    # What pairs have in common is what gathers: the word, if two voices say it.
    assert word[1]["same"] >= 16 > clip[1]["same"]
    angles = np.array(clip[1]["angles"])
    distances = np.sum((on_circle(angles)[:24, None] - on_circle(angles)[None, :24]) ** 2, axis=2)
    pairs = distances[np.triu_indices(24, 1)]
    assert clip[1]["uniformity"] == pytest.approx(np.log(np.mean(np.exp(-2 * pairs))))
    away = np.sum((on_circle(angles)[:24] - on_circle(angles)[24:]) ** 2, axis=1)
    assert clip[1]["alignment"] == pytest.approx(away.mean())


def test_a_clip_that_is_clicked_is_the_anchor(browser, place, chapter):
    page = open_page(browser, place, "contrastive")
    figure = page.locator('[data-instrument="crowd"]')
    words = figure.locator(".instrument-words")
    figure.get_by_role("button", name="Descend").click()
    words.get_by_text("Step 900").wait_for()
    before = words.inner_text().split("Anchor")[1]
    box = steady_box(figure.locator(".pad"))
    for part in (0.9, 0.1):  # to the right, to the left: one of them is another clip
        page.mouse.click(box["x"] + part * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_function(
        "([e, before]) => !e.textContent.endsWith(before)", arg=[words.element_handle(), before]
    )
    assert page.complaints == []
    page.close()


def test_the_circle_fits_beside_its_curves(browser, place, chapter):
    page = open_page(browser, place, "contrastive")
    figure = page.locator('[data-instrument="crowd"]')
    figure.evaluate("figure => { figure.style.width = '660px'; }")
    circle = figure.locator(".instrument-plot").first
    steady_box(circle)
    over, width = circle.evaluate("plot => [plot.scrollWidth - plot.clientWidth, plot.clientWidth]")
    assert width < 340 and over <= 0  # in pixels; else the names at the right are cut off
    page.close()


# Books.


def test_perplexity_is_that_of_the_chapter(scripts, rng, chapter):
    shares = rng.dirichlet(np.ones(8), 3)
    shares[0, 2:] = 0
    shares /= shares.sum(axis=1, keepdims=True)
    found = [scripts.codebooks.perplexity(row) for row in shares]
    close(found, chapter["perplexity_of"](shares))


@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_the_race_is_gumbels_choice(scripts, rng, temperature):
    logits, waits = rng.normal(size=8), rng.exponential(size=8)
    found = scripts.codebooks.raced(logits, waits, temperature)
    given = logits[None, None], np.eye(8)[None], -np.log(waits)[None, None], temperature
    soft, _ = contrastive.product_quantise(*given, False)
    hard, _ = contrastive.product_quantise(*given, True)
    close(found["weights"], soft[0, 0])
    assert found["chosen"] == hard[0, 0].argmax()


def books_of(rows):
    """Logits' weights and biases, and codewords, from what the page keeps of the two books."""
    return np.array(rows).reshape(2, 4, 8)


def test_both_losses_are_those_of_the_exercises(scripts, rng):
    books, vowels = np.array(scripts.codebooks.fresh(3)), rng.normal(size=(6, 2, 2))
    waits = rng.exponential(size=(6, 2, 8))
    found = scripts.codebooks.slopes(
        list(books), vowels.tolist(), waits.tolist(), {"temperature": 0.5, "weight": 1.0}
    )
    a, b, bias, words = books_of(books).transpose(1, 0, 2)
    x, again = vowels[:, 0], vowels[:, 1]
    logits = x[:, :1, None] * a + x[:, 1:, None] * b + bias
    _, q = contrastive.product_quantise(logits, words[:, :, None], -np.log(waits), 0.5, True)
    soft = special.softmax(logits, axis=2)
    assert found["diversity"] == pytest.approx(contrastive.diversity_loss(soft))
    scores = -np.sum((again[:, None] - q[None]) ** 2, axis=2) / (2 * 0.5)
    wanted = np.mean(special.logsumexp(scores, axis=1) - np.diag(scores))
    assert found["contrast"] == pytest.approx(wanted)


def test_slopes_of_the_books_are_those_of_pytorch(scripts, rng):
    """The choice is hard, and on the way back its soft weights stand for it."""
    torch = pytest.importorskip("torch")
    books, vowels = np.array(scripts.codebooks.fresh(5)), rng.normal(size=(6, 2, 2))
    waits = rng.exponential(size=(6, 2, 8))
    found = scripts.codebooks.slopes(
        list(books), vowels.tolist(), waits.tolist(), {"temperature": 0.5, "weight": 2.0}
    )
    theta = torch.tensor(books_of(books), requires_grad=True)
    a, b, bias, words = theta.unbind(1)
    x, again = torch.tensor(vowels).unbind(1)
    logits = x[:, :1, None] * a + x[:, 1:, None] * b + bias
    soft = torch.softmax((logits - torch.tensor(np.log(waits))) / 0.5, dim=2)
    hard = torch.nn.functional.one_hot(soft.argmax(2), 8) + soft - soft.detach()
    q = (hard * words).sum(2)
    scores = -((again[:, None] - q[None]) ** 2).sum(2) / (2 * 0.5)
    use = torch.softmax(logits, dim=2).mean(0)
    loss = torch.nn.functional.cross_entropy(scores, torch.arange(6))
    (loss + 2.0 * (use * use.log()).mean()).backward()
    close(found["change"], theta.grad.numpy().reshape(2, 32), 1e-6)


TRAINED = """async ([file, vowels, settings, seed]) => {
  const { Training, usage, perplexity } = await import(file);
  const training = new Training(vowels, seed);
  for (let k = 0; k < 800; k += 1) training.step(settings);
  return usage(training.books, vowels).map(perplexity);
}"""


@pytest.mark.parametrize("seed", [1, 2])
def test_books_collapse_without_the_diversity_loss_and_fill_with_it(scripts, chapter, seed):
    file = f"{scripts.address}_static/speechlab/instruments/codebooks.js"
    vowels = chapter["again"].tolist()
    alone, diverse = (
        scripts.page.evaluate(TRAINED, [file, vowels, {"temperature": 0.1, "weight": w}, seed])
        for w in (0, 8)
    )
    assert max(alone) < 4.5 and min(diverse) > 5.5


def test_a_book_trains_in_the_page(browser, place, chapter):
    page = open_page(browser, place, "contrastive")
    figure = page.locator('[data-instrument="codebooks"]')
    words = figure.locator(".instrument-words")
    figure.get_by_label("Weight of the diversity loss").press("End")
    figure.get_by_role("button", name="Train").click()
    words.get_by_text("Step 800").wait_for()
    assert "weight 8.00" in words.inner_text()
    figure.get_by_role("button", name="Begin anew").click()
    words.get_by_text("Step 0,").wait_for()
    assert page.complaints == []
    page.close()


# The true future.


@pytest.mark.parametrize("size", [1.0, 300.0])
def test_shares_of_candidates_are_the_softmax(scripts, rng, size):
    scores = size * rng.normal(size=8)
    found = scripts.true_future.weighed(scores.tolist())
    close(found["shares"], special.softmax(scores))
    wanted = special.logsumexp(scores) - scores[0]
    assert found["surprise"] == pytest.approx(wanted, abs=1e-9)
    assert found["place"] == 1 + np.sum(scores > scores[0])


def test_the_page_weighs_as_the_chapter(scripts, chapter):
    data = chapter.instruments["true_future"].data
    shares = chapter["true_share"]
    close(scripts.true_future.meanShares(data["scores"]), shares.mean(axis=1), 0.01)
    losses = [scripts.true_future.weighed(row)["surprise"] for row in data["scores"][2]]
    k, count = 2, len(data["moments"])  # each moment has candidates of its own
    by_exercise = [
        contrastive.cpc_loss([[1.0]], [[1.0]], np.reshape(data["scores"][k][t], (-1, 1)), [0])
        for t in range(count)
    ]
    close(losses, by_exercise)


def test_an_excerpt_fades_at_both_ends(scripts):
    cut = np.array(scripts.true_future.excerpt(np.ones(1000), 100, 500, 8000))
    assert len(cut) == 400 and cut[0] == cut[-1] == 0 and np.all(cut[40:-40] == 1)
    assert np.abs(np.diff(cut)).max() < 0.03
    assert len(scripts.true_future.excerpt(np.ones(1000), -50, 200, 8000)) == 200


def test_a_moment_that_is_clicked_is_heard_in_eight_ways(browser, place, chapter):
    page = open_page(browser, place, "contrastive")
    figure = page.locator('[data-instrument="true_future"]')
    words = figure.locator(".instrument-words")
    before = words.inner_text()
    box = steady_box(figure.locator(".pad"))
    page.mouse.click(box["x"] + 0.7 * box["width"], box["y"] + 0.4 * box["height"])
    page.wait_for_function(
        "([e, before]) => e.textContent !== before", arg=[words.element_handle(), before]
    )
    figure.get_by_label("voice 2").check()
    words.get_by_text("You hear voice 2").wait_for()
    figure.get_by_label("Steps ahead, k").press("End")
    words.get_by_text("12 steps ahead").wait_for()
    assert page.complaints == []
    page.close()


# Captions.

TYPED = [
    "A dog barks!",
    "music",
    "the OCEAN, waves; on a beach",
    "Straße ½ naïve söunds 12 x_y",
    "puppies playing, wailing, ticking",
    "",
    "no dog no dog",
]


def test_typed_captions_are_read_as_by_the_net(scripts):
    for typed, found in zip(TYPED, scripts.captions.understood(TYPED, clap.for_the_page())):
        assert [word for word, _ in found["read"]] == clap.words(typed)
        assert dict(map(tuple, found["read"])) == pytest.approx(clap.read(typed))
        if any(clap.read(typed).values()):
            close(found["vector"], clap.embed_captions([typed])[0], 1e-4)
        else:
            assert found["vector"] is None


def test_cosines_of_the_page_are_those_of_the_chapter(scripts, chapter):
    data = chapter.instruments["captions"].data
    captions = [*data["start"]["own"].split("\n"), *data["sets"]["as in training"]]
    vectors = [one["vector"] for one in scripts.captions.understood(captions, data["net"])]
    cosines = scripts.captions.cosines(vectors, data["vectors"]["dog"])
    close(cosines, chapter["near"], 1e-4)
    shares = scripts.captions.shares(cosines, data["start"]["temperature"])
    one_each = np.arange(len(captions))
    given = [data["vectors"]["dog"]], vectors, one_each, data["start"]["temperature"]
    close(shares, contrastive.zero_shot(*given)[0], 1e-4)


def test_words_that_the_net_has_not_read_are_named(scripts):
    said = scripts.captions.strange([["dog", 1], ["music", 0], ["barks", 0.46], ["music", 0]])
    assert "training: “music”." in said and "barks (46 %)" in said and "dog" not in said
    assert scripts.captions.strange([["dog", 1]]) == ""


def test_captions_are_typed_in_the_page(browser, place, chapter):
    page = open_page(browser, place, "contrastive")
    figure = page.locator('[data-instrument="captions"]')
    words, rows = figure.locator(".instrument-words"), figure.locator(".instrument-bar")
    assert rows.count() == 12 and "the sound of a dog" in figure.locator(".best").inner_text()
    figure.get_by_label("Your own captions").fill("a barking dog\nmusic\n\na violin\n" + "x\n" * 4)
    words.get_by_text("Without a cosine: “music”").wait_for()
    assert rows.count() == 16 and "no cosine" in rows.nth(1).inner_text()
    assert "“music”" in words.inner_text() and "violin (13 %)" in words.inner_text()
    assert "Only the first 6 lines are read." in words.inner_text()
    figure.get_by_label("rain", exact=True).check()
    words.get_by_text("“the sound of rain”").wait_for()
    figure.get_by_label("other words").check()
    figure.get_by_text("lumberjacks felling trees").wait_for()
    figure.get_by_label("Your own captions").fill("")
    page.wait_for_function(
        """() => document.querySelectorAll(
          '[data-instrument="captions"] .instrument-bar').length === 10"""
    )
    assert page.complaints == []
    page.close()
