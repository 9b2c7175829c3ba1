"""The instruments of the chapter on applications: turns and takes, as the chapter finds them."""

from __future__ import annotations

import itertools
import re
from collections import Counter

import librosa
import numpy as np
import pytest
import soundfile
from scipy import signal

from speechlab.speech import synthesis
from tests.conftest import launched
from tests.support.instrument_pages import close
from tests.support.settled import steady_box

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def chapter(chapters):
    return chapters["applications"]


def numbers_of(scripts, samples):
    """The frames of a recording, as the page has them."""
    file = f"{scripts.address}_static/speechlab/instruments/take_turns.js"
    return scripts.page.evaluate(
        """async ([file, samples]) => {
          const { cepstra } = await import(file);
          const steps = cepstra(Float64Array.from(samples));
          let step = steps.next();
          while (!step.done) step = steps.next();
          return step.value;
        }""",
        [file, np.asarray(samples).tolist()],
    )


def test_the_frames_of_a_conversation(scripts, chapter):
    talk = chapter["talk"]
    found = numbers_of(scripts, talk.samples)
    c, level = chapter["frames_of"](talk.samples)
    close(found["numbers"], c[:, :12])
    assert np.array_equal(found["loud"], level > level.max() - 25)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_who_is_found_in_a_conversation(scripts, chapter, count):
    talk = chapter["talk"]
    ours = np.array(scripts.take_turns.talking(talk.samples, count, 150))
    theirs = chapter["same_voices"](talk.samples, count)
    assert np.array_equal(ours >= 0, theirs.any(axis=1))
    assert np.array_equal(ours[ours >= 0], theirs[ours >= 0].argmax(axis=1))


def test_the_best_naming(scripts):
    rng = np.random.default_rng(3)
    speaker, truth = rng.integers(-1, 4, 80), rng.integers(0, 2, (3, 80))
    best = scripts.take_turns.naming(speaker.tolist(), truth.tolist(), 4)
    shared = (speaker == np.arange(4)[:, None]).astype(int) @ truth.T
    most = max(
        sum(shared[k, i] for i, k in enumerate(p)) for p in itertools.permutations(range(4), 3)
    )
    assert best["right"] == most
    assert sum(shared[k, i] for i, k in enumerate(best["names"])) == most


def test_silence_has_no_speaker(scripts):
    found = scripts.take_turns.talking(np.zeros(8000), 2, 150)
    assert set(found) <= {0, 1}  # all frames are as loud as the loudest; no error


def test_the_peaks_and_pairs_of_two_takes(scripts, chapter):
    takes = chapter["first_take"], chapter["second_take"]
    found = scripts.two_takes.compared(*takes, 200)
    votes = Counter()
    each = [chapter["pairs_of"](chapter["peaks_of"](take)) for take in takes]
    for take, peaks, pairs, (keys, _) in zip(takes, found["peaks"], found["pairs"], each):
        assert np.array_equal(peaks, chapter["peaks_of"](take))
        assert pairs == len(keys)
    (one, when), (other, then) = each
    i, j = np.nonzero(one[:, None] == other)
    votes = Counter((when[i] - then[j]).tolist())
    assert found["votes"] == [votes[d] for d in range(-200, 201)]
    # The second take begins 1.6 s, which are 50 frames, after the first.
    assert np.argmax(found["votes"]) == 200 + 50


def test_what_a_painted_mask_lets_through(scripts, chapter):
    speech, noise = chapter["low"]
    mixture = speech + noise
    S, N, X = (librosa.stft(x, n_fft=512, hop_length=128).T for x in (speech, noise, mixture))
    painted = np.random.default_rng(4).uniform(0, 1, X.shape)
    heard = np.array(scripts.paint_mask.masked(mixture, painted.ravel()))
    wanted = librosa.istft((painted * X).T, n_fft=512, hop_length=128, length=len(mixture))
    close(heard[256:-512], wanted[256:-512])
    ours = chapter["ratio"](wanted, speech)
    assert scripts.paint_mask.likeness(wanted, speech) == pytest.approx(ours, abs=1e-6)
    every = np.ones(X.size)
    close(np.array(scripts.paint_mask.masked(mixture, every))[256:-512], mixture[256:-512])
    best = np.abs(S) > np.abs(N)
    file = f"{scripts.address}_static/speechlab/instruments/paint_mask.js"
    found = scripts.page.evaluate(
        """async ([file, speech, noise]) => {
          const { stronger, spectraOf } = await import(file);
          return Array.from(stronger(spectraOf(speech), spectraOf(noise)));
        }""",
        [file, speech.tolist(), noise.tolist()],
    )
    loud = np.abs(X).ravel() > 1e-6 * np.abs(X).max()
    assert np.array_equal(np.array(found)[loud], best.ravel()[loud])


def test_paint_takes_bins_away_and_is_heard(browser, place, chapter):
    page, figure = opened(browser, place, "paint_mask")
    words = figure.locator(".instrument-words")
    figure.get_by_text("100 % of the bins").first.wait_for()
    before = words.inner_text()
    box = steady_box(figure.locator(".pad"))
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + 60, steps=8)
    page.mouse.up()
    page.wait_for_function("([w, b]) => w.textContent !== b", arg=[words.element_handle(), before])
    assert "100 % of the bins" not in words.inner_text()
    figure.get_by_role("button", name="Where the voice is stronger").click()
    page.wait_for_function(
        r"""words => {
          const [, yours, best] = /mask: (.*) dB; .*: (.*) dB/.exec(words.textContent) ?? [];
          return yours !== undefined && yours === best;
        }""",
        arg=words.element_handle(),
    )
    figure.get_by_role("button", name="Nothing").click()
    figure.get_by_text("0 % of the bins are let through").first.wait_for()
    assert page.complaints == []
    page.close()


def opened(browser, place, name):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(f"{place}book/applications.html")
    figure = page.locator(f'[data-instrument="{name}"]')
    figure.scroll_into_view_if_needed()
    figure.locator(".instrument-still").wait_for(state="hidden")
    return page, figure


def hearing(browser, file, samples):
    """A Chromium whose microphone hears these samples again and again."""
    soundfile.write(file, samples, 48_000)
    flags = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    return launched(browser.browser_type, *flags, f"--use-file-for-fake-audio-capture={file}")


@pytest.fixture(scope="module")
def humming(browser, tmp_path_factory):
    """A Chromium whose microphone hears a tune."""
    rng = np.random.default_rng(2)
    tones = [synthesis.tone(f, seconds=0.2, rate=48_000) for f in rng.uniform(300, 2000, 40)]
    file = tmp_path_factory.mktemp("microphone") / "tones.wav"
    with_tune = hearing(browser, file, np.concatenate(tones))
    yield with_tune
    with_tune.close()


def test_two_takes_of_ones_own_meet(humming, place, chapter):
    page, figure = opened(humming, place, "two_takes")
    for name in ("first", "second"):
        figure.get_by_role("button", name=f"Record the {name} take").click()
        figure.get_by_role("button", name=f"Back to the page's {name} take").wait_for()
        page.wait_for_timeout(500)
    words = figure.locator(".instrument-words").inner_text()
    most, elsewhere = (
        int(words.split(key)[1].split(end)[0])
        for key, end in (("anywhere is ", ","), ("from there ", "."))
    )
    assert most > 3 * elsewhere
    assert page.complaints == []
    page.close()


def test_the_shift_goes_where_most_pairs_agree(browser, place, chapter):
    page, figure = opened(browser, place, "two_takes")
    figure.get_by_text("At a shift of 1.60 s").first.wait_for()
    slider = figure.get_by_role("slider", name="Shift of the second take")
    slider.press("ArrowRight")
    figure.get_by_text("At a shift of 1.63 s").first.wait_for()
    figure.get_by_role("button", name="Let them meet").click()
    figure.get_by_text("At a shift of 1.60 s").first.wait_for()
    assert page.complaints == []
    page.close()


def test_those_who_talk_in_turns_are_told_apart(browser, place, chapter, tmp_path):
    talk = chapter["talk"]
    samples = signal.resample_poly(talk.samples, 6, 1)
    talking = hearing(browser, tmp_path / "talk.wav", 0.5 * samples / np.abs(samples).max())
    page, figure = opened(talking, place, "take_turns")
    page.evaluate("""() => {
      const later = setTimeout;  // a third of the time is enough for three turns
      window.setTimeout = (act, ms, ...rest) => later(act, ms === 15000 ? 5000 : ms, ...rest);
    }""")
    figure.get_by_role("button", name="Use your own voice").click()
    figure.get_by_text("Your recording: ").first.wait_for()
    words = figure.locator(".instrument-words").inner_text()
    seconds = [float(part) for part in re.findall(r"[ab] ([\d.]+) s", words)]
    assert len(seconds) == 2 and min(seconds) > 0.6
    assert page.complaints == []
    talking.close()
