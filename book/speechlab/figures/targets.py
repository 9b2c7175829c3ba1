"""What was aimed at before the vocoders were trained, what they reached, and what falls short.

The aims come from short trial runs. `python -m speechlab.figures.targets` prints the table that the
page of models shows; it reads cards and the table of vocoders, and measures nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from speechlab.figures import Figure, resynthesis, vocoders
from speechlab.systems import card

AIMS = {  # system, measure and voice of the table of vocoders
    ("HiFi-GAN", "PESQ", "known"): 3.1,
    ("HiFi-GAN", "PESQ", "new"): 2.6,
    ("HiFi-GAN", "STOI", "known"): 0.94,
    ("HiFi-GAN", "fine structure", "known"): 0.65,
    ("WaveNet", "digit error", "known"): 0.05,
    ("WaveGlow", "digit error", "known"): 0.05,
    ("units and pitch", "PESQ", "known"): 2.0,
    ("units and pitch", "STOI", "known"): 0.8,
    ("units and pitch", "digit error", "known"): 0.03,
}
OF_CARDS = {"wavenet": 4.6, "waveglow": -3.1}
OF_PITCH = 0.6
TRIED = {  # what was done about those that fall short
    ("WaveGlow", "nats a sample"): (
        "Six times as many steps took it from -2.92 to -3.05. Of training clips it reaches -3.2, "
        "so that more clips would help it, and hardly more steps."
    ),
    ("units and pitch", "digit error, known voice"): (
        "Longer training by Muon raised PESQ by 0.1. Twice as many epochs again made spectra "
        "nearer by 0.06 dB and misheard 6 %. Of training clips 8 % are misheard, too, so that it "
        "is not that test clips are new."
    ),
}


@dataclass(frozen=True)
class Aim:
    """A measure of a system, what was aimed at, and what was reached with its 95 % interval."""

    system: str
    measure: str
    aimed: float
    value: float
    low: float
    high: float
    better: str = "higher"
    percent: bool = False

    @property
    def met(self) -> bool:
        off = self.value - self.aimed
        return off <= 0 if self.better == "lower" else off >= 0

    def cells(self) -> tuple[str, str]:
        """What was aimed at and what was reached, as a table says it."""
        aimed, value, low, high = (
            f"{100 * x:.0f} %" if self.percent else f"{x:.2f}"
            for x in (self.aimed, self.value, self.low, self.high)
        )
        sign = "≤" if self.better == "lower" else "≥"
        return f"{sign} {aimed}", f"{value} [{low}, {high}]"


def _of(figure: Figure, aimed: float, voice: str = "") -> Aim:
    named = figure.metric + (f", {voice} voice" if voice else "")
    bounds = figure.value, figure.low, figure.high
    name = "units and pitch" if figure.system == resynthesis.NAME else figure.system
    return Aim(name, named, aimed, *bounds, figure.better, figure.unit == "%")


def aims() -> list[Aim]:
    """All of them, system by system."""
    found = []
    for voice, rows in vocoders.stored().items():
        asked = [(one, AIMS.get((one.system, one.metric, voice))) for one in rows]
        found += [_of(one, aim, voice) for one, aim in asked if aim is not None]
    for name, aimed in OF_CARDS.items():
        about = card(name)
        reached = about["value"], *about["interval"]
        measure = about["metric"].split(",")[0]
        found.append(Aim(about["system"].split(",")[0], measure, aimed, *reached, about["better"]))
    pitch = next(f for f in vocoders.stored_units() if f.metric == resynthesis.SAME_PITCH)
    found.append(_of(pitch, OF_PITCH))
    return sorted(found, key=lambda aim: aim.system)


def main() -> None:
    """Print them, a line each."""
    for aim in aims():
        aimed, reached = aim.cells()
        said = "met" if aim.met else f"missed. {TRIED[aim.system, aim.measure]}"
        print(f"{aim.system}: {aim.measure} {reached}, aimed at {aimed}: {said}")


if __name__ == "__main__":
    main()
