"""At which temperature WaveNet and WaveGlow draw: chosen on training clips, never on test clips.

`python -m speechlab.figures.temperatures` prints, for each temperature, how many digits of training
clips of the known voices are misheard, and how far the log spectra are from the recordings'. The
fewest misheard digits decide, and the distance where these are equal. Minutes on one core.
"""

from __future__ import annotations

import sys

import numpy as np

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import waveglow, wavenet
from speechlab.figures.listening import log_spectral_distance, misheard, strings
from speechlab.systems._shared.vocoding import at_peak, voices

TRIED = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LONGEST = 0.6  # s; a net that draws sample by sample takes as long as the longest clip


def lessons(repetitions: int = 2) -> list[Clip]:
    """The first training clips of each digit and known voice, without the long ones."""
    clips = corpora.digits("train", voices())
    first = min(clip.index for clip in clips)
    kept = [c for c in clips if c.index < first + repetitions and c.seconds <= LONGEST]
    return sorted(kept, key=lambda clip: (clip.speaker, clip.index, clip.digit))


def made_by(net: str, clips: list[Clip], temperature: float) -> list[np.ndarray]:
    """What "WaveNet" or "WaveGlow" makes of clips at a temperature."""
    if net == "WaveNet":
        vocode = wavenet.vocoder(clips, temperature=temperature)
        return [vocode(clip) for clip in clips]
    return [waveglow.vocoder(clip, temperature) for clip in clips]


def course(net: str, clips: list[Clip]) -> list[tuple[float, float, float]]:
    """For each temperature it, the share of digits misheard, and the distance in dB."""
    spoken = strings([at_peak(clip.samples, clip.rate) for clip in clips])
    rows = []
    for temperature in TRIED:
        sounds = made_by(net, clips, temperature)
        far = [log_spectral_distance(*pair) for pair in zip(spoken, strings(sounds))]
        rows.append((temperature, float(misheard(clips, sounds).mean()), float(np.mean(far))))
    return rows


def main() -> None:
    """Print the rows of both nets, and what they choose."""
    clips = lessons()
    for net in sys.argv[1:] or ("WaveNet", "WaveGlow"):
        rows = course(net, clips)
        for temperature, wrong, far in rows:
            print(
                f"{net} at {temperature}: {wrong:.1%} of digits misheard, {far:.2f} dB", flush=True
            )
        best = min(rows, key=lambda row: row[1:])
        print(f"{net}: {best[0]} of {len(clips)} training clips, {corpora.name()}", flush=True)


if __name__ == "__main__":
    main()
