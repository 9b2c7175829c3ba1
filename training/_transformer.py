"""`speechlab.systems._shared.layers` in PyTorch, for batches (B, T, D)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch.nn import functional as F

Weights = Mapping[str, torch.Tensor]


def affine(x: torch.Tensor, w: Weights, name: str) -> torch.Tensor:
    """x @ w + bias."""
    return x @ w[name] + w[f"{name}_bias"]


def norm(x: torch.Tensor, w: Weights, name: str) -> torch.Tensor:
    """Layer normalisation."""
    return F.layer_norm(x, x.shape[-1:], w[name], w[f"{name}_bias"])


def strided(x: torch.Tensor, w: Weights, name: str, kernel: int, stride: int) -> torch.Tensor:
    """A convolution over time: an affine map of each frame with its neighbours."""
    half = kernel // 2
    windows = F.pad(x, (0, 0, half, half)).unfold(1, kernel, stride)
    return affine(windows.transpose(2, 3).flatten(2), w, name)


def placed(x: torch.Tensor, w: Weights) -> torch.Tensor:
    """x plus what a convolution `place` (K, D) makes of each feature by itself."""
    around = F.conv1d(
        x.transpose(1, 2),
        w["place"].T[:, None],
        w["place_bias"],
        padding=len(w["place"]) // 2,
        groups=x.shape[-1],
    )
    return x + F.gelu(around.transpose(1, 2))


def encoder_layer(
    x: torch.Tensor, w: Weights, n: int, heads: int, there: torch.Tensor | None = None
) -> torch.Tensor:
    """Layer n of an encoder; `there` (B, T) says which frames may be attended to."""
    q, k, v = (
        affine(norm(x, w, f"norm_{n}"), w, f"qkv_{n}")
        .unflatten(-1, (3, heads, -1))
        .permute(2, 0, 3, 1, 4)
    )
    mask = None if there is None else there[:, None, None]
    got = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    x = x + affine(got.transpose(1, 2).flatten(2), w, f"out_{n}")
    inner = F.gelu(affine(norm(x, w, f"norm2_{n}"), w, f"up_{n}"))
    return x + affine(inner, w, f"down_{n}")
