"""What all training scripts share: the speech, the seed, a loop that can be stopped, the card.

Checkpoints lie in `_training/` at the project's root (not committed); weights and cards are
written to `book/speechlab/data/models`.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm.auto import tqdm

from speechlab import corpora
from speechlab.corpora import Clip
from speechlab.figures import Figure
from speechlab.systems import MODELS

ROOT = Path(__file__).resolve().parent.parent
CHECKPOINTS = ROOT / "_training"
LARGEST = 2 * 2**20  # bytes of one model's file
OF_EMBEDDED = 2  # times that a clip of the small corpus counts
LICENCE = "CC BY-SA 4.0 (the real speech)"


@dataclass(frozen=True)
class Card:
    """What is said about a model.

    `tolerance` is how far a training from nothing may differ; `other_seeds` are values of trainings
    that drew otherwise, of which none is further off.
    """

    system: str
    data: str
    licence: str
    command: str
    metric: str
    value: float
    interval: tuple[float, float]
    tolerance: float
    baseline: str
    baseline_value: float
    better: str = "lower"
    seed: int = 0
    parameters: int = 0
    minutes: float = 0.0
    other_seeds: tuple[float, ...] = ()

    @classmethod
    def of(cls, figure: Figure, **more: Any) -> Card:
        """The card of a figure; `more` is what the figure does not know, or says otherwise."""
        known = {
            "system": figure.system,
            "licence": LICENCE,
            "metric": f"{figure.metric}, {figure.corpus}",
            "value": figure.value,
            "interval": (figure.low, figure.high),
            "baseline": figure.baseline,
            "baseline_value": figure.baseline_value,
            "better": figure.better,
        }
        return cls(**known | more)


def seeded(seed: int) -> np.random.Generator:
    """Seed everything that draws; returns a NumPy generator of the same seed."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002  (for libraries that draw from the global generator)
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True)
    return np.random.default_rng(seed)


def both_corpora(split: str) -> dict[str, list[Clip]]:
    """The clips of the real corpus and of the embedded one, by the name of the corpus.

    Raises `SystemExit` with what to do if the real corpus is not in the cache.
    """
    before = os.environ.get("SPEECHLAB_CORPUS")
    found = {}
    try:
        for corpus in ("fsdd", "embedded"):
            os.environ["SPEECHLAB_CORPUS"] = corpus
            found[corpus] = corpora.digits(split=split)
    except corpora.CorpusError as error:
        raise SystemExit(f"training needs both corpora: {error}") from None
    finally:
        if before is None:
            os.environ.pop("SPEECHLAB_CORPUS", None)
        else:
            os.environ["SPEECHLAB_CORPUS"] = before
    return found


def pace(steps: int, warm: int, calm: float) -> Callable[[int], float]:
    """How long each of `steps` steps is, as a part of the longest.

    They grow in the first `warm` of them, and shrink to nothing in the last part, `calm`.
    """
    return lambda step: min((step + 1) / warm, (1 - step / steps) / calm, 1.0)


def needs(*keys: str) -> None:
    """Raise `SystemExit` with what to do if one of these collections is not in the cache."""
    missing = [key for key in keys if not corpora.held_collection(key)]
    if missing:
        raise SystemExit(
            f"training needs recordings that the cache lacks: {', '.join(missing)}. To take them "
            "from disk: python -m speechlab.corpora fill FOLDER_OR_ARCHIVE"
        )


def weighed(sets: dict[str, list[Clip]]) -> tuple[list[Clip], NDArray[np.int_]]:
    """The clips of all corpora one after the other, and how often each of them counts."""
    counts = [np.full(len(p), OF_EMBEDDED if k == "embedded" else 1) for k, p in sets.items()]
    return [clip for part in sets.values() for clip in part], np.concatenate(counts)


def epochs(
    name: str,
    count: int,
    fresh: bool,
    parts: dict[str, Any],
    rng: np.random.Generator,
) -> Iterator[int]:
    """Numbers of the epochs that are still to do, with a progress bar.

    `parts` (model, optimiser, schedule: whatever has `state_dict`) and the state of all random
    generators are written after each epoch, so that a stopped run goes on as if it had not
    stopped.
    """
    CHECKPOINTS.mkdir(exist_ok=True)
    path = CHECKPOINTS / f"{name}.pt"
    start = 0
    if path.is_file() and not fresh:
        saved = torch.load(path, weights_only=False)
        start = saved["epoch"]
        for key, part in parts.items():
            part.load_state_dict(saved["parts"][key])
        torch.set_rng_state(saved["torch"])
        rng.bit_generator.state = saved["numpy"]
    for epoch in tqdm(range(start, count), desc=name, initial=start, total=count, disable=None):
        yield epoch
        saved = {
            "epoch": epoch + 1,
            "parts": {key: part.state_dict() for key, part in parts.items()},
            "torch": torch.get_rng_state(),
            "numpy": rng.bit_generator.state,
        }
        torch.save(saved, path.with_suffix(".part"))
        path.with_suffix(".part").replace(path)


def arrays_of(model: torch.nn.Module) -> dict[str, NDArray[np.float32]]:
    """The parameters and buffers of a model, by their PyTorch names."""
    return {
        key: value.detach().cpu().numpy().astype(np.float32)
        for key, value in model.state_dict().items()
    }


def publish(
    name: str, arrays: dict[str, NDArray], measure: Callable[[], Card], half: bool = True
) -> bool:
    """Write the weights, measure them as a reader's page will, and write the card.

    `half` stores float16, which halves the file and which `speechlab.systems.weights` undoes;
    the figure on the card is measured after that. Returns whether the figure is within the
    tolerance of the card that was there before (true if there was none).
    """
    from speechlab import systems

    MODELS.mkdir(exist_ok=True)
    kind = np.float16 if half else np.float32
    stored = {k: v.astype(kind) if v.dtype.kind == "f" else v for k, v in arrays.items()}
    path = MODELS / f"{name}.npz"
    np.savez_compressed(path, **stored)
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size} bytes; at most {LARGEST} may ship")
    systems.weights.cache_clear()
    card = measure()
    page = MODELS / f"{name}.json"
    old = json.loads(page.read_text()) if page.is_file() else None
    page.write_text(json.dumps(asdict(card), indent=2, ensure_ascii=False) + "\n")
    print(f"{name}: {card.metric} {card.value:.4g}, {card.baseline} {card.baseline_value:.4g}")
    if old and abs(card.value - old["value"]) > old["tolerance"]:
        print(f"{name}: the card before had {old['value']:.4g}, tolerance {old['tolerance']:.4g}")
        return False
    return True
