"""The references on attention against PyTorch, finite differences, autograd and plain counting.

Nothing here needs PyTorch: where it is installed, its own attention is asked as well.
"""

import itertools
import re

import numpy as np
import pytest
from scipy.special import logsumexp

from autograder.course.catalogue import ROOT
from autograder.reference import attention as reference

SIZES = [(1, 1, 1, 1), (5, 7, 4, 3), (50, 80, 16, 16)]


@pytest.fixture
def rng():
    return np.random.default_rng(8)


@pytest.fixture
def torch():
    return pytest.importorskip("torch")


def triple(rng, T, S, d, e):
    return rng.normal(size=(T, d)), rng.normal(size=(S, d)), rng.normal(size=(S, e))


def one_by_one(Q, K, V, factor, allowed=None):
    """Y and A by the definition, one number at a time; logarithms, so that nothing overflows."""
    A, Y = np.zeros((len(Q), len(K))), np.zeros((len(Q), V.shape[1]))
    for i, query in enumerate(Q):
        scores = [factor * sum(a * b for a, b in zip(query, key)) for key in K]
        seen = [j for j in range(len(K)) if allowed is None or allowed[i][j]]
        for j in seen:
            A[i, j] = np.exp(scores[j] - logsumexp([scores[n] for n in seen]))
            Y[i] += A[i, j] * V[j]
    return Y, A


# ---- attention ----


@pytest.mark.oracle("attention", against="the definition, one number at a time")
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("sizes", SIZES[:2])
def test_attention_by_its_definition(rng, sizes, scaled, agree):
    Q, K, V = triple(rng, *sizes)
    for scale in (1, 300):
        factor = 1 / np.sqrt(sizes[2]) if scaled else 1
        ours = reference.attention(scale * Q, K, V, scaled)
        for part, definition in zip(ours, one_by_one(scale * Q, K, V, factor)):
            agree(part, definition, 1e-12)


@pytest.mark.oracle("attention", against="torch scaled_dot_product_attention")
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_attention_by_torch(rng, torch, sizes, scaled, agree):
    Q, K, V = triple(rng, *sizes)
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (Q, K, V)), scale=None if scaled else 1.0
    )
    agree(reference.attention(Q, K, V, scaled)[0], theirs.numpy(), 1e-12)


# ---- its slope with respect to a key ----


def nudged(Q, K, V, scaled, step=1e-6):
    """Central differences of the outputs by each number of each key."""
    slopes = np.zeros((len(Q), V.shape[1], *K.shape))
    for where in np.ndindex(K.shape):
        up, down = K.copy(), K.copy()
        up[where] += step
        down[where] -= step
        above, below = (reference.attention(Q, k, V, scaled)[0] for k in (up, down))
        slopes[(..., *where)] = (above - below) / (2 * step)
    return slopes


@pytest.mark.oracle("attention_by_key", against="finite differences: each key nudged")
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (5, 7, 4, 3), (12, 20, 8, 5)])
def test_slopes_by_nudging(rng, sizes, scaled, agree):
    Q, K, V = triple(rng, *sizes)
    agree(reference.attention_by_key(Q, K, V, scaled), nudged(Q, K, V, scaled), 1e-7)


@pytest.mark.oracle("attention_by_key", against="PyTorch's autograd")
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (5, 7, 4, 3), (30, 40, 16, 8)])
def test_slopes_by_autograd(rng, torch, sizes, scaled, agree):
    Q, K, V = map(torch.tensor, triple(rng, *sizes))

    def outputs(keys):
        return torch.nn.functional.scaled_dot_product_attention(
            Q, keys, V, scale=None if scaled else 1.0
        )

    theirs = torch.autograd.functional.jacobian(outputs, K)
    ours = reference.attention_by_key(Q.numpy(), K.numpy(), V.numpy(), scaled)
    agree(ours, theirs.numpy(), 1e-12)


@pytest.mark.oracle("attention_by_key", against="each printed line of the exam's solution, nudged")
def test_every_line_of_the_printed_solution(rng, agree):
    """dA[i, p] / dK[k, l] in its two cases, and the sum over p: all three are right as printed."""
    Q, K, V = triple(rng, 4, 5, 3, 2)
    A, Y = reference.attention(Q, K, V)[1], reference.attention(Q, K, V)[0]
    by_weights = nudged(Q, K, np.eye(5), False)  # values that are the weights themselves
    cases = np.zeros_like(by_weights)
    for i, p, k, place in np.ndindex(by_weights.shape):
        own = A[i, k] * (1 - A[i, k]) * Q[i, place]
        cases[i, p, k, place] = own if p == k else -A[i, p] * A[i, k] * Q[i, place]
    agree(cases, by_weights, 1e-8)
    summed = np.einsum("ipkl,pj->ijkl", cases, V)
    last = np.zeros_like(summed)
    for i, j, k, place in np.ndindex(last.shape):
        last[i, j, k, place] = A[i, k] * Q[i, place] * (V[k, j] - sum(A[i] * V[:, j]))
    agree(last, summed, 1e-12)
    agree(last, nudged(Q, K, V, False), 1e-8)
    agree(A @ V, Y, 1e-12)
    agree(reference.attention_by_key(Q, K, V), last, 1e-12)


# ---- masks ----


@pytest.mark.oracle("causal_mask", against="counting frames, for all small sizes")
def test_mask_by_counting(agree):
    for queries, keys in itertools.product(range(1, 7), range(1, 9)):
        if keys < queries:
            continue
        for window in (None, 1, 2, 3, 20):
            counted = np.zeros((queries, keys))
            for i in range(queries):
                seen = list(range(keys - queries + i + 1))
                counted[i, seen if window is None else seen[-window:]] = 1
            agree(1.0 * reference.causal_mask(queries, keys, window), counted, 0.0)


@pytest.mark.oracle("causal_mask", against="which inputs an output of torch's decoder depends on")
def test_mask_by_what_an_output_depends_on(rng, torch, agree):
    Q, K, V = map(torch.tensor, triple(rng, 6, 6, 4, 1))
    V.requires_grad_()
    Y = torch.nn.functional.scaled_dot_product_attention(Q, K, V, is_causal=True)
    depends = [torch.autograd.grad(y.sum(), V, retain_graph=True)[0][:, 0] != 0 for y in Y]
    agree(1.0 * reference.causal_mask(6, 6), 1.0 * torch.stack(depends).numpy(), 0.0)


@pytest.mark.oracle("masked_attention", against="the definition, over the allowed keys alone")
@pytest.mark.parametrize("scaled", [False, True])
def test_masked_attention_by_its_definition(rng, scaled, agree):
    Q, K, V = triple(rng, 6, 9, 4, 3)
    allowed = rng.random((6, 9)) < 0.5
    allowed[2] = False
    factor = 0.5 if scaled else 1
    for scale in (1, 400):
        ours = reference.masked_attention(scale * Q, K, V, allowed, scaled)
        for part, definition in zip(ours, one_by_one(scale * Q, K, V, factor, allowed)):
            agree(part, definition, 1e-12)


@pytest.mark.oracle("masked_attention", against="torch scaled_dot_product_attention, attn_mask")
@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_masked_attention_by_torch(rng, torch, sizes, scaled, agree):
    Q, K, V = triple(rng, *sizes)
    allowed = rng.random((len(Q), len(K))) < 0.6
    allowed[:, 0] = True
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *map(torch.tensor, (Q, K, V, allowed)), scale=None if scaled else 1.0
    )
    agree(reference.masked_attention(Q, K, V, allowed, scaled)[0], theirs.numpy(), 1e-12)


@pytest.mark.oracle("masked_attention", against="writing token by token, with torch's causal form")
def test_one_token_at_a_time_gives_what_all_at_once_gives(rng, torch, agree):
    x = rng.normal(size=(7, 4))
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *[torch.tensor(x)] * 3, is_causal=True
    )
    steps = [
        reference.masked_attention(x[n - 1 : n], x[:n], x[:n], reference.causal_mask(1, n), True)
        for n in range(1, 8)
    ]
    agree(np.concatenate([Y for Y, _ in steps]), theirs.numpy(), 1e-12)


# ---- heads ----


def projections(rng, D, h, d, e):
    return (
        *(rng.normal(size=(h, D, width)) / np.sqrt(D) for width in (d, d, e)),
        rng.normal(size=(h * e, D)),
    )


@pytest.mark.oracle("multi_head", against="torch.nn.MultiheadAttention")
@pytest.mark.parametrize(("T", "S", "D", "h"), [(1, 1, 1, 1), (5, 7, 6, 2), (50, 80, 64, 4)])
def test_heads_by_torch(rng, torch, T, S, D, h, agree):
    Q, K, V = (rng.normal(size=(rows, D)) for rows in (T, S, S))
    W_Q, W_K, W_V, W_O = projections(rng, D, h, D // h, D // h)
    theirs = torch.nn.MultiheadAttention(D, h, bias=False, dtype=torch.float64)
    rows = [np.moveaxis(W, 1, 2).reshape(D, D) for W in (W_Q, W_K, W_V)]
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.tensor(np.concatenate(rows)))
        theirs.out_proj.weight.copy_(torch.tensor(W_O.T))
        Y, A = theirs(*map(torch.tensor, (Q, K, V)), average_attn_weights=False)
    scaled = reference.multi_head(Q, K, V, W_Q, W_K, W_V, W_O, scaled=True)
    agree(scaled[0], Y.numpy(), 1e-11)
    agree(scaled[1], A.numpy(), 1e-11)
    unscaled = reference.multi_head(Q, K, V, W_Q / np.sqrt(D // h), W_K, W_V, W_O)
    agree(unscaled[0], Y.numpy(), 1e-11)


@pytest.mark.oracle("multi_head", against="the definition, one number at a time")
@pytest.mark.parametrize("scaled", [False, True])
def test_heads_of_other_widths_by_the_definition(rng, scaled, agree):
    Q, K, V = triple(rng, 4, 5, 6, 6)
    W_Q, W_K, W_V, W_O = projections(rng, 6, 3, 4, 2)
    heads = [one_by_one(Q @ W_Q[i], K @ W_K[i], V @ W_V[i], 0.5 if scaled else 1) for i in range(3)]
    side_by_side = np.hstack([Y for Y, _ in heads])
    ours = reference.multi_head(Q, K, V, W_Q, W_K, W_V, W_O, scaled)
    agree(ours[0], side_by_side @ W_O, 1e-12)
    agree(ours[1], np.stack([A for _, A in heads]), 1e-12)


@pytest.mark.oracle("multi_head", against="the numbers that the chapter says are PyTorch's")
def test_the_numbers_in_the_chapter_are_those_of_torch(torch, agree):
    chapter = (ROOT / "book" / "attention.md").read_text()
    printed = [
        np.array(re.search(rf"{name} = \[([^]]+)\]", chapter)[1].split(","), dtype=float)
        for name in ("torch_output", "torch_weights")
    ]

    def sines(*shape):
        return np.sin(1.0 + np.arange(np.prod(shape))).reshape(shape)

    x, stacked = sines(3, 4), sines(3, 4, 4)
    theirs = torch.nn.MultiheadAttention(4, 2, bias=False, dtype=torch.float64)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.tensor(stacked.reshape(12, 4)))
        theirs.out_proj.weight.copy_(torch.tensor(sines(4, 4)))
        Y, A = theirs(*[torch.tensor(x)] * 3, average_attn_weights=False)
    agree(printed[0], Y.numpy()[0], 1e-6)
    agree(printed[1], A.numpy()[1, 2], 1e-6)
    heads = [W.reshape(2, 2, 4).transpose(0, 2, 1) for W in stacked]
    agree(reference.multi_head(x, x, x, *heads, sines(4, 4).T, True)[0][0], printed[0], 1e-6)


# ---- tokens ----

SEQUENCES = [
    (
        ([(0.0, 1.4, [3, 1, 4])], "de", "transcribe", False),
        "<|start|> <|de|> <|transcribe|> <|notimes|> drei eins vier <|end|>",
    ),
    (
        ([(0.0, 1.4, [3, 1]), (1.4, 2.0, [4])], "fr", "translate", False),
        "<|start|> <|fr|> <|translate|> <|notimes|> three one four <|end|>",
    ),
    (
        ([(0.009, 1.411, [0]), (29.0, 30.0, [6, 6])], "en", "transcribe", True),
        "<|start|> <|en|> <|transcribe|> <|0.00|> zero <|1.42|> <|29.00|> six six <|30.00|> "
        "<|end|>",
    ),
    (
        ([(2.5, 2.52, [9])], "es", "translate", True),
        "<|start|> <|es|> <|translate|> <|2.50|> nine <|2.52|> <|end|>",
    ),
    (([], "it", "translate", True), "<|start|> <|nospeech|> <|end|>"),
]


@pytest.mark.oracle("task_tokens", against="sequences written by hand, after the paper's figure 1")
@pytest.mark.parametrize(("arguments", "written"), SEQUENCES)
def test_sequences_written_by_hand(arguments, written, agree):
    size = len(reference.VOCABULARY)
    numbers = [
        reference.VOCABULARY.index(word)
        if word in reference.VOCABULARY
        else size + int(float(word.strip("<|>")) * 100 + 0.5) // 2
        for word in written.split()
    ]
    agree(reference.task_tokens(*arguments), numbers, 0.0)


@pytest.mark.oracle("task_tokens", against="reading a drawn sequence back")
def test_what_was_said_can_be_read_back(rng, agree):
    for language, words in reference.WORDS.items():
        times = np.sort(rng.choice(1500, 8, replace=False)) * 0.02
        said = [(a, b, rng.integers(0, 10, 4)) for a, b in times.reshape(4, 2)]
        tokens = np.array(reference.task_tokens(said, language, timestamps=True))
        size = len(reference.VOCABULARY)
        spoken = [reference.VOCABULARY[t] for t in tokens[tokens < size]][3:-1]
        agree([words.index(word) for word in spoken], np.ravel([d for _, _, d in said]), 0.0)
        agree(0.02 * (tokens[tokens >= size] - size), times, 1e-9)


def test_no_token_stands_twice():
    assert len(set(reference.VOCABULARY)) == len(reference.VOCABULARY)


# ---- bad input ----

Q, K, V = np.ones((2, 3)), np.ones((4, 3)), np.ones((4, 2))
SQUARE = np.ones((1, 3, 3))
ONE = [(0.1, 0.9, [1])]


@pytest.mark.parametrize(
    "call",
    [
        lambda: reference.attention(Q[:0], K, V),
        lambda: reference.attention(Q[0], K, V),
        lambda: reference.attention(Q[:, :2], K, V),
        lambda: reference.attention(Q, K, V[:3]),
        lambda: reference.attention(Q, K * np.nan, V),
        lambda: reference.attention(Q, K, V * np.inf),
        lambda: reference.attention_by_key(Q, K, V[:3]),
        lambda: reference.attention_by_key(Q * np.nan, K, V),
        lambda: reference.masked_attention(Q, K, V, np.ones((4, 2))),
        lambda: reference.masked_attention(Q, K[:0], V[:0], np.ones((2, 0))),
        lambda: reference.causal_mask(0, 3),
        lambda: reference.causal_mask(4, 3),
        lambda: reference.causal_mask(2, 3, 0),
        lambda: reference.multi_head(K, K * np.nan, K, SQUARE, SQUARE, SQUARE, SQUARE[0]),
        lambda: reference.task_tokens(ONE, "en", "translate"),
        lambda: reference.task_tokens([(0.9, 0.1, [1])], "de"),
        lambda: reference.task_tokens([(-0.1, 0.1, [1])], "de"),
        lambda: reference.task_tokens([(29, 31, [1])], "de"),
        lambda: reference.task_tokens([(0.1, float("nan"), [1])], "de"),
        lambda: reference.task_tokens([*ONE, (0.8, 1.0, [1])], "de"),
    ],
)
def test_what_has_no_answer_is_refused_in_one_sentence(call):
    with pytest.raises(ValueError, match=r"^[\w, ]+ must [^.]+$"):
        call()
