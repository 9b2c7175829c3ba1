"""The shipped weights of Tacotron 2 in the model of PyTorch that they come from."""

from __future__ import annotations

import torch


def back(model, arrays) -> None:
    """Shipped arrays into the model; of the two biases of an LSTM one takes all."""
    found = {}
    for key, value in model.state_dict().items():
        if not key.startswith(("encoder.", "decoder.")):
            found[key] = torch.tensor(arrays[key])
            continue
        net, kind = key.split(".")
        way = "_back" if kind.endswith("_reverse") else ""
        kind = kind.removesuffix("_reverse").removesuffix("_l0")
        if kind.startswith("weight"):
            found[key] = torch.tensor(arrays[f"{net}{way}_{kind[-2:]}"]).T
        else:
            bias = torch.tensor(arrays[f"{net}{way}_bias"])
            found[key] = bias if kind.endswith("ih") else torch.zeros_like(bias)
        assert found[key].shape == value.shape
    model.load_state_dict(found)
    model.eval()
