"""Whisper in small, in PyTorch: the same Transformer as `speechlab.systems.whisper.Model`.

Shapes: `B` recordings, `T` frames, `S` of them after the stem, `U` tokens, `D` the width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from speechlab.systems.whisper import BANDS, HEADS, LONGEST, TOKENS, sinusoids


class Attention(nn.Module):
    """Rows ask, rows answer, in several heads."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor, y: Tensor, allowed: Tensor) -> Tensor:
        """From (B, U, D) and (B, S, D); `allowed` (B or 1, 1, U or 1, S) is where to look."""
        asked, key, value = (
            part(z).unflatten(-1, (HEADS, -1)).transpose(1, 2)
            for part, z in ((self.query, x), (self.key, y), (self.value, y))
        )
        answer = F.scaled_dot_product_attention(asked, key, value, attn_mask=allowed)
        return self.out(answer.transpose(1, 2).flatten(2))


class Layer(nn.Module):
    """Attention to its own rows, perhaps to another sequence, then two layers a row."""

    def __init__(self, width: int, crossed: bool, dropout: float) -> None:
        super().__init__()
        self.self_norm, self.self = nn.LayerNorm(width), Attention(width)
        if crossed:
            self.cross_norm, self.cross = nn.LayerNorm(width), Attention(width)
        self.think_norm = nn.LayerNorm(width)
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, allowed: Tensor, heard: Tensor | None = None, there: Tensor | None = None
    ) -> Tensor:
        y = self.self_norm(x)
        x = x + self.drop(self.self(y, y, allowed))
        if heard is not None:
            x = x + self.drop(self.cross(self.cross_norm(x), heard, there))
        return x + self.drop(self.narrow(F.gelu(self.wide(self.think_norm(x)))))


class Net(nn.Module):
    """The whole: stem, encoder, decoder, tied embedding."""

    def __init__(self, width: int = 96, layers: int = 2, dropout: float = 0.05) -> None:
        super().__init__()
        self.stem = nn.ModuleList(
            [nn.Conv1d(BANDS, width, 3, padding=1), nn.Conv1d(width, width, 3, 2, padding=1)]
        )
        self.encoder = nn.ModuleList(Layer(width, False, dropout) for _ in range(layers))
        self.decoder = nn.ModuleList(Layer(width, True, dropout) for _ in range(layers))
        self.heard, self.said = nn.LayerNorm(width), nn.LayerNorm(width)
        self.embedding = nn.Parameter(torch.randn(len(TOKENS), width) * width**-0.5)
        self.positions = nn.Parameter(torch.randn(LONGEST, width) * 0.02)
        self.drop = nn.Dropout(dropout)

    def encode(self, mel: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor]:
        """From (B, T, BANDS), of which `lengths` (B,) frames are there: (B, S, D), (B, 1, 1, S)."""
        x = F.gelu(self.stem[0](mel.transpose(1, 2)))
        x = x * (torch.arange(mel.shape[1]) < lengths[:, None])[:, None]
        x = F.gelu(self.stem[1](x)).transpose(1, 2)
        where = torch.tensor(sinusoids(*x.shape[1:]), dtype=x.dtype)
        there = (torch.arange(x.shape[1]) < (lengths[:, None] + 1) // 2)[:, None, None]
        x = self.drop(x + where)
        for layer in self.encoder:
            x = layer(x, there)
        return self.heard(x), there

    def decode(self, tokens: Tensor, heard: Tensor, there: Tensor) -> Tensor:
        """Logits (B, U, V) of the token after each of `tokens` (B, U)."""
        count = tokens.shape[1]
        before = torch.ones(count, count, dtype=torch.bool).tril()[None, None]
        x = self.drop(self.embedding[tokens] + self.positions[:count])
        for layer in self.decoder:
            x = layer(x, before, heard, there)
        return self.said(x) @ self.embedding.T

    def forward(self, mel: Tensor, lengths: Tensor, tokens: Tensor) -> Tensor:
        return self.decode(tokens, *self.encode(mel, lengths))
