"""Whisper in small: NumPy equals PyTorch, bad input is told apart, and it beats its baselines."""

import numpy as np
import pytest

from speechlab import corpora
from speechlab.corpora import multilingual
from speechlab.figures import whisper as whisper_figures
from speechlab.speech.utterances import Speakers
from speechlab.systems import card, weights, whisper

RATE = whisper.RATE


@pytest.fixture(scope="module")
def system():
    return whisper.recogniser()


@pytest.fixture(scope="module")
def utterances():
    voices = Speakers(multilingual.clips(), seed=3)
    return [voices.say(n, snr=25) for n in (1, 2, 3)]


# --- the model ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def net():
    torch = pytest.importorskip("torch")
    from training._whisper_net import Net

    net = Net()
    net.load_state_dict({k: torch.as_tensor(a) for k, a in weights("whisper").items()})
    return net.eval()


def test_numpy_equals_pytorch(system, net, utterances):
    torch = pytest.importorskip("torch")
    mels = [whisper.features(u.samples) for u in utterances]
    lengths = [len(mel) for mel in mels]
    padded = np.zeros((len(mels), max(lengths), whisper.BANDS), np.float32)
    for row, mel in zip(padded, mels):
        row[: len(mel)] = mel
    tokens = [whisper.START, whisper.LANGUAGES[1], 3, 15, 20]
    with torch.no_grad():
        heard, _ = net.encode(torch.as_tensor(padded), torch.as_tensor(lengths))
        logits = net(
            torch.as_tensor(padded), torch.as_tensor(lengths), torch.as_tensor([tokens] * len(mels))
        )
    for mel, its_heard, its_logits in zip(mels, heard.numpy(), logits.numpy()):
        ours = system.model.encode(mel)
        assert np.abs(ours - its_heard[: len(ours)]).max() < 1e-4
        assert np.abs(system.model.decode(tokens, ours)[0] - its_logits).max() < 1e-4


def test_attention_is_shares_of_what_was_heard(system, utterances):
    heard = system.run(utterances[2].samples, RATE)
    frames = 1 + len(utterances[2].samples) // whisper.HOP
    layers, heads = 2, whisper.HEADS
    assert heard.attention.shape == (layers, heads, len(heard.tokens) - 1, (frames + 1) // 2)
    assert np.allclose(heard.attention.sum(axis=-1), 1)
    assert sum(heard.languages.values()) == pytest.approx(1)


def test_no_token_sees_those_that_follow(system, utterances):
    heard = system.model.encode(whisper.features(utterances[0].samples))
    tokens = [whisper.START, whisper.LANGUAGES[0], 3, 15, 20]
    whole, _ = system.model.decode(tokens, heard)
    part, _ = system.model.decode(tokens[:3], heard)
    assert np.allclose(whole[:3], part)


# --- what it does -------------------------------------------------------------------------


def test_the_task_token_decides(system):
    clip = next(c for c in multilingual.clips("de", digit=3) if c.speaker == "de m5")
    heard = system.run(clip.samples, RATE)
    assert heard.tokens == ("<|start|>", "<|de|>", "<|transcribe|>", "drei", "<|end|>")
    assert system.run(clip.samples, RATE, task="translate").text == "three"


def test_a_language_can_be_given(system, utterances):
    for language in multilingual.NAMES:
        heard = system.run(utterances[0].samples, RATE, language=language)
        assert heard.language == language and f"<|{language}|>" == heard.tokens[1]


@pytest.mark.parametrize("samples", [np.zeros(8000), np.zeros(1), 1e-3 * np.ones(4000)])
def test_silence_is_no_speech(system, samples):
    heard = system.run(samples, RATE)
    assert heard.no_speech and heard.text == "" and heard.language is None
    assert heard.tokens == ("<|start|>", "<|nospeech|>", "<|end|>")


def test_loudness_does_not_matter(system, utterances):
    samples = utterances[1].samples
    assert system.run(0.01 * samples, RATE).tokens == system.run(samples, RATE).tokens


@pytest.mark.parametrize(
    ("samples", "rate", "options", "says"),
    [
        (np.zeros(0), RATE, {}, "one channel"),
        (np.zeros((2, 800)), RATE, {}, "one channel"),
        (np.array([0.1, np.nan]), RATE, {}, "finite"),
        (np.zeros(800), 16000, {}, "resample"),
        (np.zeros(9 * RATE), RATE, {}, "at most"),
        (np.zeros(800), RATE, {"task": "summarise"}, "no task"),
        (np.zeros(800), RATE, {"language": "la"}, "no language"),
    ],
)
def test_bad_input_is_told_apart_in_one_sentence(system, samples, rate, options, says):
    with pytest.raises(ValueError, match=says) as caught:
        system.run(samples, rate, **options)
    assert str(caught.value).count(". ") == 0


# --- the speech ---------------------------------------------------------------------------


def test_shipped_clips_are_every_digit_by_every_voice_and_held_out():
    pytest.importorskip("tqdm")
    from speechlab.data.make_multilingual import TEST, TRAIN

    clips = multilingual.clips()
    assert len(clips) == len(multilingual.NAMES) * len(TEST) * 10
    assert len({(c.speaker, c.digit) for c in clips}) == len(clips)
    assert not set(TEST) & set(TRAIN)
    for clip in clips:
        assert clip.rate == RATE and 0.1 < clip.seconds < 2 and 0.3 < np.abs(clip.samples).max() < 1
        assert clip.text == multilingual.WORDS[multilingual.language_of(clip.speaker)][clip.digit]
    assert sum(f.stat().st_size for f in multilingual.FOLDER.iterdir()) < 400 * 1024


def test_clips_are_the_callers_own():
    multilingual.clips("fr")[0].samples[:] = 0
    assert np.abs(multilingual.clips("fr")[0].samples).max() > 0.3


@pytest.mark.parametrize("wrong", [{"language": "la"}, {"digit": 10}])
def test_clips_that_there_are_not(wrong):
    with pytest.raises(ValueError, match="There is no"):
        multilingual.clips(**wrong)


# --- the figures --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def figures():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPEECHLAB_CORPUS", "embedded")
        return whisper_figures.figures()


def test_it_beats_its_baselines_in_five_languages_and_in_silence(figures):
    others = [f for f in figures if "English" not in f.system]
    assert len(others) == 4
    for figure in others:
        assert figure.low <= figure.value <= figure.high
        assert figure.beats_baseline, str(figure)


def test_in_english_it_is_level_with_warping_to_the_same_speakers(figures):
    english = [f for f in figures if "English" in f.system]
    assert len(english) == 2
    for figure in english:
        assert figure.low <= figure.baseline_value and figure.value < 0.08, str(figure)


def test_its_card_says_what_is_measured(figures):
    kept = card("whisper")
    translated = next(f for f in figures if "translate" in f.system)
    assert abs(translated.value - kept["value"]) < 0.01
    assert kept["value"] < kept["baseline_value"] - kept["tolerance"]


def test_corpora_name_english(monkeypatch):
    monkeypatch.setenv("SPEECHLAB_CORPUS", "embedded")
    assert multilingual.language_of(Speakers(corpora.digits("test"), 0).say(1).speaker) == "en"
    assert multilingual.language_of(corpora.digits("test")[0].speaker) == "en"
