"""RNN-CTC: two bidirectional layers of gated recurrent units on log-mel frames, trained by CTC."""

from __future__ import annotations

import torch
from torch import nn

from speechlab.systems.connected_digits import BANDS, EVERY
from training import _connected

UNITS = 64


class Net(nn.Module):
    """From features (R, F, B) to logits (R, F // 3, 11)."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(
            EVERY * BANDS, UNITS, num_layers=2, bidirectional=True, batch_first=True, dropout=0.2
        )
        self.out = nn.Linear(2 * UNITS, 11)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        kept = features.shape[1] // EVERY * EVERY
        x = features[:, :kept].reshape(len(features), -1, EVERY * BANDS)
        return self.out(self.rnn(x)[0])


def main(fresh: bool) -> bool:
    """Train, ship, measure."""
    return _connected.train("rnn_ctc", "RNN-CTC on connected digits", Net, fresh, rate=4e-3)
