"""How long do the nets take for a second of sound? NumPy, as on the page, against PyTorch.

    python bench/systems.py                  all of them
    python bench/systems.py wavenet          some
    OMP_NUM_THREADS=1 python bench/systems.py          on one thread

Both sides have the same weights and make the same word; PyTorch runs on the processor, in float32,
with plain loops. A factor of 0.1 is ten times faster than real time; the time is the best of three.
PyTorch is needed: `python -m pip install -e '.[train]'`.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from speechlab import corpora  # noqa: E402
from speechlab.corpora import Clip  # noqa: E402
from speechlab.systems import (  # noqa: E402
    byol_a,
    clap,
    cpc,
    hifigan,
    multi_format,
    part,
    resynthesis,
    tacotron,
    tacotron_sentences,
    wav2vec2,
    waveglow,
    wavenet,
    weights,
)
from speechlab.systems._shared import everyday  # noqa: E402
from speechlab.systems._shared.bands import at_power_one  # noqa: E402
from speechlab.systems._shared.mel import HOP, log_mel, waveform  # noqa: E402
from speechlab.systems._shared.vocoding import SILENCE, conditions  # noqa: E402
from training import clap as clap_training  # noqa: E402
from training import cpc as cpc_training  # noqa: E402
from training import wav2vec2 as wav2vec2_training  # noqa: E402
from training._everyday import Net  # noqa: E402
from training._generator import Generator  # noqa: E402
from training.resynthesis import Resynthesis  # noqa: E402
from training.waveglow import WaveGlow  # noqa: E402
from training.wavenet import WaveNet  # noqa: E402

ROUNDS = 3


@dataclass(frozen=True)
class Pair:
    """Two ways to so many seconds of sound; there may be no PyTorch for one."""

    system: str
    seconds: float
    ours: Callable[[], object]
    theirs: Callable[[], object] | None = None


def loaded(model: torch.nn.Module, name: str) -> torch.nn.Module:
    """A PyTorch model with the shipped weights, for inference."""
    model.load_state_dict({key: torch.tensor(array) for key, array in weights(name).items()})
    return model.eval().requires_grad_(False)


def frames_around(mel: np.ndarray) -> torch.Tensor:
    """Log-mel frames with silence around, as the trainings cut them: (1, T + 3, 40)."""
    padded = np.pad(conditions(mel), ((1, 2), (0, 0)), constant_values=SILENCE)
    return torch.tensor(padded[None], dtype=torch.float32)


def torch_wavenet(
    model: WaveNet, frames: torch.Tensor, speaker: torch.Tensor, length: int
) -> list[int]:
    """Fast WaveNet as a plain loop in PyTorch."""
    told = model.conditions(frames, speaker)[0, :, 0].unflatten(1, (len(wavenet.DILATIONS), -1))
    queues = [deque([torch.zeros(wavenet.WIDTH)] * d, maxlen=d) for d in wavenet.DILATIONS]
    made, latest = [], wavenet.ZERO
    for t in range(length):
        x, heard = model.embedding[latest], []
        for n, queue in enumerate(queues):
            both = model._affine(torch.cat([x, queue[0]]), f"in_{n}") + told[t // HOP, n]
            queue.append(x)
            wanted, gate = both.chunk(2)
            heard.append(torch.tanh(wanted) * torch.sigmoid(gate))
            x = x + model._affine(heard[-1], f"out_{n}")
        hidden = torch.relu(model._affine(torch.cat(heard), "skip"))
        scores = model._affine(torch.relu(model._affine(hidden, "head")), "logits")
        latest = int(torch.multinomial(torch.softmax(scores, 0), 1))
        made.append(latest)
    return made


def wavenet_pair(clip: Clip) -> Pair:
    """A fifth of a second, sample by sample, by queues on both sides."""
    mel, length = log_mel(clip.samples, clip.rate), wavenet.RATE // 5
    model = loaded(WaveNet(), "wavenet")
    speaker = torch.tensor([wavenet.number_of(clip.speaker)])
    return Pair(
        "WaveNet with queues",
        length / wavenet.RATE,
        lambda: wavenet.generate(mel, clip.speaker, length),
        lambda: torch_wavenet(model, frames_around(mel), speaker, length),
    )


def waveglow_pair(clip: Clip) -> Pair:
    """The whole word, from noise."""
    mel = log_mel(clip.samples, clip.rate)
    model, blocks = loaded(WaveGlow(), "waveglow"), len(mel) - 1
    noise = torch.randn(1, blocks * HOP // waveglow.GROUP, waveglow.GROUP)
    return Pair(
        "WaveGlow",
        blocks * HOP / waveglow.RATE,
        lambda: waveglow.generate(mel),
        lambda: model.undo(noise, frames_around(mel)[:, : blocks + 3]),
    )


def griffin_lim_pair(clip: Clip) -> Pair:
    """The baseline, 60 iterations, by librosa."""
    mel = log_mel(clip.samples, clip.rate)
    return Pair("Griffin-Lim", clip.seconds, lambda: waveform(mel, len(clip.samples)))


def kernels(model: torch.nn.Module, arrays: dict[str, np.ndarray]) -> torch.nn.Module:
    """A PyTorch model whose kernels are pictures, with arrays of the shipped ones."""
    shapes = {key: value.shape for key, value in model.state_dict().items()}
    model.load_state_dict({k: torch.tensor(arrays[k]).reshape(s) for k, s in shapes.items()})
    return model.eval().requires_grad_(False)


def hifigan_pair(clip: Clip) -> Pair:
    """The whole word, all samples at once."""
    mel, start = log_mel(clip.samples, clip.rate), "gan."
    shipped = weights("hifigan").items()
    own = {k.removeprefix(start): a for k, a in shipped if k.startswith(start)}
    model = kernels(Generator(mel.shape[1], hifigan.FACTORS, hifigan.DILATIONS), own)
    frames = torch.tensor(conditions(mel).T[None], dtype=torch.float32)
    return Pair(
        "HiFi-GAN",
        len(mel) * HOP / hifigan.RATE,
        lambda: hifigan.vocode(mel),
        lambda: model(frames),
    )


def resynthesis_pair(clip: Clip) -> Pair:
    """From units, F0 and the speaker."""
    sent = resynthesis.encode(clip.samples, clip.rate)
    hertz = resynthesis.heard(sent.pitch, len(sent.units))
    model = kernels(Resynthesis(), weights("resynthesis"))
    rows = (
        torch.tensor(sent.units[None]),
        torch.tensor(resynthesis.bands_of(hertz)[None]),
        torch.tensor([resynthesis.SPEAKERS.index(clip.speaker)]),
    )
    return Pair(
        "resynthesis",
        len(sent.units) * resynthesis.FRAME / resynthesis.RATE,
        lambda: resynthesis.generated(sent.units, hertz, clip.speaker),
        lambda: model(*rows),
    )


def sentence() -> tuple[np.ndarray, torch.Tensor]:
    """A sentence at 16 kHz, also as a crop of power 1."""
    samples = corpora.collection("kathleen")[0].samples
    return samples, torch.tensor(at_power_one(samples, cpc.RATE)[None])


def cpc_pair(clip: Clip) -> Pair:
    """Vectors and contexts of a sentence."""
    samples, crop = sentence()
    model = cpc_training.loaded(cpc.encoder().w)
    return Pair(
        "CPC, 16 kHz",
        len(samples) / cpc.RATE,
        lambda: cpc.encode(samples, cpc.RATE),
        lambda: model(crop),
    )


def wav2vec2_pair(clip: Clip) -> Pair:
    """What is expected in each frame of a sentence whose frames are all heard."""
    samples, crop = sentence()
    net = wav2vec2.net()
    model = wav2vec2_training.loaded(net.w)

    def theirs() -> torch.Tensor:
        x = model.encode(crop)
        return model.expected(x, torch.zeros(x.shape[:2], dtype=torch.bool))

    return Pair(
        "wav2vec 2.0, 16 kHz",
        len(samples) / wav2vec2.RATE,
        lambda: net.context(samples, wav2vec2.RATE),
        theirs,
    )


def everyday_pair(
    system: str,
    ours: Callable[[everyday.Pieces], np.ndarray],
    theirs: Callable[[everyday.Pieces], torch.Tensor],
) -> Pair:
    """An everyday sound; cutting it and log-mel are NumPy on both sides, and count on both."""
    one = corpora.collection("esc10")[-1]

    def seen() -> everyday.Pieces:
        return everyday.pieces(one.samples, one.rate)

    seconds = seen().wave.size / one.rate
    return Pair(f"{system}, 16 kHz", seconds, lambda: ours(seen()), lambda: theirs(seen()))


def levels(seen: everyday.Pieces, w: dict[str, np.ndarray]) -> torch.Tensor:
    """Log-mel as the nets want it."""
    return torch.tensor((seen.mel - w["mean"]) / w["spread"])


def byol_a_pair(clip: Clip) -> Pair:
    """The features of pieces of 0.96 s."""
    w, net = weights("byol_a"), byol_a.encoder()
    model = Net("mel").load(w).requires_grad_(False)
    return everyday_pair(
        "BYOL-A", lambda seen: net.of_pieces(seen.mel), lambda seen: model(levels(seen, w))
    )


def multi_format_pair(clip: Clip) -> Pair:
    """The features of pieces of 0.96 s in both formats."""
    w, net = weights("multi_format"), multi_format.net()
    models = {f: Net(f).load(part(w, f)).requires_grad_(False) for f in multi_format.FORMATS}

    def ours(seen: everyday.Pieces) -> np.ndarray:
        return np.hstack([net.of_pieces(seen, form) for form in ("mel", "wave")])

    def theirs(seen: everyday.Pieces) -> torch.Tensor:
        made = models["mel"](levels(seen, w)), models["wave"](torch.tensor(seen.wave))
        return torch.hstack(made)

    return everyday_pair("multi-format", ours, theirs)


def clap_pair(clip: Clip) -> Pair:
    """The vector that is compared with those of captions."""
    w = weights("clap")
    model = clap_training.loaded(w)

    def theirs(seen: everyday.Pieces) -> torch.Tensor:
        return torch.nn.functional.normalize(model.sounds(levels(seen, w)).mean(0), dim=0)

    return everyday_pair("CLAP, sounds", lambda seen: clap.embed_pieces(seen.mel), theirs)


def tacotron_pair(clip: Clip) -> Pair:
    """The frames of three digits, step by step; in PyTorch only the training's net is there."""
    text = "three one four"
    seconds = len(tacotron.say(text, clip.speaker).mel) * HOP / hifigan.RATE
    return Pair("Tacotron 2", seconds, lambda: tacotron.say(text, clip.speaker).mel)


def sentences_pair(clip: Clip) -> Pair:
    """The frames of a sentence, step by step."""
    text = "He had a big chimpanzee that was a winner."
    seconds = len(tacotron_sentences.say(text).mel) * HOP / hifigan.RATE
    return Pair("Tacotron 2, sentences", seconds, lambda: tacotron_sentences.say(text).mel)


PAIRS: dict[str, Callable[[Clip], Pair]] = {
    "byol_a": byol_a_pair,
    "clap": clap_pair,
    "cpc": cpc_pair,
    "griffin_lim": griffin_lim_pair,
    "hifigan": hifigan_pair,
    "multi_format": multi_format_pair,
    "resynthesis": resynthesis_pair,
    "tacotron": tacotron_pair,
    "tacotron_sentences": sentences_pair,
    "wav2vec2": wav2vec2_pair,
    "waveglow": waveglow_pair,
    "wavenet": wavenet_pair,
}


def best(function: Callable[[], object]) -> float:
    """Seconds of the fastest of several calls, after one that warms up."""
    function()
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        function()
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> None:
    """Print the factors of the systems that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("system", nargs="*", help=f"one of {', '.join(PAIRS)} (default: all)")
    names = parser.parse_args().system or list(PAIRS)
    unknown = sorted(set(names) - set(PAIRS))
    if unknown:
        parser.error(f"no system {', '.join(unknown)}; there are: {', '.join(PAIRS)}")
    speaker = next(who for who in corpora.speakers() if who in wavenet.SPEAKERS)
    clip = corpora.digits("test", speaker, digits=7)[0]
    print(f"{'system':24}{'NumPy':>10}{'PyTorch':>10}   (times real time, at {clip.rate} Hz)")
    for name in names:
        pair = PAIRS[name](clip)
        theirs = f"{best(pair.theirs) / pair.seconds:10.3f}" if pair.theirs else f"{'-':>10}"
        print(f"{pair.system:24}{best(pair.ours) / pair.seconds:10.3f}{theirs}", flush=True)


if __name__ == "__main__":
    main()
