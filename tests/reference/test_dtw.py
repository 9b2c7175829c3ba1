"""The references of time warping against librosa, SciPy and the enumeration of all paths."""

from itertools import combinations

import librosa
import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial.distance import cdist

from autograder.reference import dtw

STEPS = ((1, 1), (1, 0), (0, 1))


def whole_numbers(seed, rows, columns, least=0):
    """Costs or similarities of which many are equal, and so are many of their sums."""
    return np.random.default_rng(seed).integers(least, 4, (rows, columns)).astype(float)


@pytest.fixture
def speech():
    """Two utterances of the same 13 drifting features, 43 and 61 frames, as of a spoken digit."""
    rng = np.random.default_rng(4)
    course = np.cumsum(rng.normal(size=(50, 13)), axis=0)
    first, second = (np.sort(rng.choice(50, frames)) for frames in (43, 61))
    return course[first] + rng.normal(size=(43, 13)), course[second] + rng.normal(size=(61, 13))


def walks(start, end, steps=STEPS):
    """Every way from start to end, as a list of steps."""
    if start == end:
        yield []
        return
    for step in steps:
        after = (start[0] + step[0], start[1] + step[1])
        if after[0] <= end[0] and after[1] <= end[1]:
            for rest in walks(after, end, steps):
                yield [step, *rest]


def cells(walk, start=(0, 0)):
    return np.cumsum([start, *walk], axis=0)


def corner(matrix):
    return matrix.shape[0] - 1, matrix.shape[1] - 1


# --- local measures -------------------------------------------------------------------------


@pytest.mark.oracle("local_costs", against="scipy.spatial.distance.cdist")
def test_costs_are_scipys(speech, agree):
    agree(dtw.local_costs(*speech), cdist(*speech), 1e-9)


@pytest.mark.oracle("local_similarities", against="scipy.spatial.distance.cdist, cosine")
@pytest.mark.parametrize("gain", [1e-6, 1.0, 1e4])
def test_similarities_are_scipys(speech, gain, agree):
    X, Y = speech
    agree(dtw.local_similarities(gain * X, Y), 1 - cdist(X, Y, "cosine"), 1e-9)


def test_similarity_has_a_sign_and_no_scale():
    a = dtw.local_similarities([[3, 4], [0, 2]], [[30, 40], [-3, -4], [4, -3]])
    assert a == pytest.approx(np.array([[1, -1, 0], [0.8, -0.8, -0.6]]))


# --- the cost recursion ---------------------------------------------------------------------


@pytest.mark.oracle("accumulated_cost", against="librosa.sequence.dtw")
def test_accumulated_cost_is_librosas(speech, agree):
    C = cdist(*speech)
    agree(dtw.accumulated_cost(C), librosa.sequence.dtw(C=C, backtrack=False), 1e-9)


@pytest.mark.oracle("accumulated_cost", against="all warping paths, enumerated")
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (5, 5), (4, 6)])
def test_accumulated_cost_is_the_least_of_all_paths(shape, agree):
    C = np.random.default_rng(6).normal(size=shape)
    least = np.empty(shape)
    for end in np.ndindex(shape):
        least[end] = min(C[tuple(cells(walk).T)].sum() for walk in walks((0, 0), end))
    agree(dtw.accumulated_cost(C), least, 1e-12)


@pytest.mark.oracle("cost_path", against="librosa.sequence.dtw")
def test_path_is_librosas(speech, agree):
    C = cdist(*speech)
    D, path = librosa.sequence.dtw(C=C)
    agree(dtw.cost_path(D), path[::-1], 0)


@pytest.mark.oracle("cost_path", against="all warping paths, sorted by cost and by the tie rule")
@pytest.mark.parametrize("seed", range(6))
def test_path_is_the_first_of_the_cheapest(seed, agree):
    C = whole_numbers(seed, 5, 6)
    every = list(walks((0, 0), corner(C)))
    price = [C[tuple(cells(walk).T)].sum() for walk in every]
    cheapest = [walk for walk, cost in zip(every, price, strict=True) if cost == min(price)]
    first = min(cheapest, key=lambda walk: [STEPS.index(step) for step in reversed(walk)])
    agree(dtw.cost_path(dtw.accumulated_cost(C)), cells(first), 0)


@pytest.mark.oracle("normalised_distance", against="librosa.sequence.dtw with weights 2, 1, 1")
def test_normalised_distance_by_librosas_weights(speech, agree):
    C = cdist(*speech)
    weighted = librosa.sequence.dtw(
        C=C,
        step_sizes_sigma=np.array(STEPS),
        weights_mul=np.array([2.0, 1.0, 1.0]),
        backtrack=False,
    )
    # librosa counts the first cell once
    agree(dtw.normalised_distance(C), (weighted[-1, -1] + C[0, 0]) / sum(C.shape), 1e-9)


@pytest.mark.oracle("normalised_distance", against="weighted means over all paths, enumerated")
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (5, 5), (6, 3)])
def test_normalised_distance_is_the_least_weighted_mean(shape, agree):
    C = np.random.default_rng(7).random(shape)
    means = []
    for walk in walks((0, 0), corner(C)):
        weights = [2, *(sum(step) for step in walk)]
        means.append(np.average(C[tuple(cells(walk).T)], weights=weights))
    agree(dtw.normalised_distance(C), min(means), 1e-12)


# --- the exam's recursion -------------------------------------------------------------------


def best_matching(a):
    """The best total of any set of pairs that rise in both sequences, all sets tried."""
    rows, columns = a.shape
    return max(
        a[list(some), list(others)].sum()
        for count in range(min(rows, columns) + 1)
        for some in combinations(range(rows), count)
        for others in combinations(range(columns), count)
    )


@pytest.mark.oracle("accumulated_similarity", against="all sets of matches, enumerated")
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 1), (4, 5), (5, 5)])
def test_accumulated_similarity_is_the_best_matching(shape, agree):
    a = np.random.default_rng(9).normal(size=shape)
    best = [
        [best_matching(a[:i, :k]) for k in range(1, shape[1] + 1)] for i in range(1, len(a) + 1)
    ]
    agree(dtw.accumulated_similarity(a), best, 1e-12)


@pytest.mark.oracle("accumulated_similarity", against="scipy.sparse.csgraph.dijkstra")
def test_accumulated_similarity_is_a_shortest_way(speech, agree):
    """Leaving out a frame costs 1 and a match 2 - a, so a way costs I + K less what it earns."""
    a = 1 - cdist(*speech, "cosine")
    number = np.arange((len(a) + 1) * (a.shape[1] + 1)).reshape(len(a) + 1, -1)
    origin = number[:-1], number[:, :-1], number[:-1, :-1]
    target = number[1:], number[:, 1:], number[1:, 1:]
    price = np.ones(origin[0].shape), np.ones(origin[1].shape), 2 - a
    one, two, way = (np.concatenate([part.ravel() for part in x]) for x in (origin, target, price))
    graph = csr_array((way, (one, two)), shape=(number.size, number.size))
    shortest = dijkstra(graph, indices=0).reshape(number.shape)
    agree(
        dtw.accumulated_similarity(a),
        np.add.outer(*map(np.arange, number.shape))[1:, 1:] - shortest[1:, 1:],
        1e-9,
    )


@pytest.mark.oracle("accumulated_similarity", against="librosa.sequence.dtw, charged by addends")
def test_accumulated_similarity_by_librosas_addends(speech, agree):
    """The chapter's identity: I + K - 2A is the least cost if leaving out a frame costs 1."""
    a = 1 - cdist(*speech, "cosine")
    charged = librosa.sequence.dtw(
        C=np.pad(1 - a, ((1, 0), (1, 0))),
        step_sizes_sigma=np.array(STEPS),
        weights_mul=np.array([2.0, 0.0, 0.0]),
        weights_add=np.array([0.0, 1.0, 1.0]),
        backtrack=False,
    )
    frames = np.add.outer(*(np.arange(n) + 1 for n in a.shape))
    agree(dtw.accumulated_similarity(a), (frames - charged[1:, 1:]) / 2, 1e-9)


@pytest.mark.oracle("similarity_path", against="all matchings, sorted by total and by the tie rule")
@pytest.mark.parametrize("seed", range(6))
def test_matches_are_the_first_of_the_best(seed, agree):
    a = whole_numbers(seed, 4, 5, least=-2)
    order = ((1, 0), (0, 1), (1, 1))
    every = list(walks((0, 0), a.shape, order))

    def matched(walk):
        after = cells(walk)[1:]
        return after[[step == (1, 1) for step in walk]] - 1

    total = [a[tuple(matched(walk).T)].sum() for walk in every]
    best = [walk for walk, earned in zip(every, total, strict=True) if earned == max(total)]
    first = min(best, key=lambda walk: [order.index(step) for step in reversed(walk)])
    agree(dtw.similarity_path(dtw.accumulated_similarity(a)), matched(first), 0)


@pytest.mark.oracle("similarity_path", against="the total that the matches earn")
def test_matches_earn_what_the_table_says(speech, agree):
    a = 1 - cdist(*speech, "cosine")
    A = dtw.accumulated_similarity(a)
    matches = dtw.similarity_path(A)
    assert np.all(np.diff(matches, axis=0) > 0)
    agree(a[tuple(matches.T)].sum(), A[-1, -1], 1e-9)


def test_nothing_alike_matches_nothing():
    a = -np.ones((3, 4))
    assert not dtw.accumulated_similarity(a).any()
    assert dtw.similarity_path(dtw.accumulated_similarity(a)).shape == (0, 2)


def test_letters_in_common():
    """With similarities 0 and 1 the recursion counts the longest common subsequence."""
    a = np.array([[x == y for y in "meaning"] for x in "hearing"], dtype=float)
    A = dtw.accumulated_similarity(a)
    assert A[-1, -1] == 5
    assert "".join("hearing"[i] for i, _ in dtw.similarity_path(A)) == "eaing"


# --- the recogniser -------------------------------------------------------------------------


@pytest.mark.oracle("nearest_template", against="librosa.sequence.dtw on every template")
def test_nearest_template_by_librosa(speech, agree):
    X, Y = speech
    rng = np.random.default_rng(11)
    templates = [Y[:40], X[::2], rng.permutation(X), X[5:] + rng.normal(size=(38, 13))]
    words = ["one", "two", "three", "four"]
    tables = [librosa.sequence.dtw(C=cdist(X, Z), backtrack=False) for Z in templates]
    distances = [table[-1, -1] / (len(X) + len(Z)) for table, Z in zip(tables, templates)]
    agree(words.index(dtw.nearest_template(tables, words)), np.argmin(distances), 0)
    most = max(range(4), key=lambda m: tables[m][-1, -1] / (len(X) + len(templates[m])))
    agree(words.index(dtw.nearest_template(tables, words, similar=True)), most, 0)


def test_of_equal_templates_the_first_wins():
    assert dtw.nearest_template([[[2.0]], [[1.0]], [[1.0]]], ["a", "b", "c"]) == "b"
    assert dtw.nearest_template([[[2.0]], [[2.0]], [[1.0]]], ["a", "b", "c"], True) == "a"


# --- bad input ------------------------------------------------------------------------------

BROKEN = [[], np.zeros((0, 3)), [1.0, 2.0], [[1.0, np.nan]], [[np.inf, 1.0]]]
CALLS = {
    "local_costs, X": lambda v: dtw.local_costs(v, [[1.0, 2.0]]),
    "local_costs, Y": lambda v: dtw.local_costs([[1.0, 2.0]], v),
    "local_similarities, X": lambda v: dtw.local_similarities(v, [[1.0, 2.0]]),
    "local_similarities, Y": lambda v: dtw.local_similarities([[1.0, 2.0]], v),
    "accumulated_cost": dtw.accumulated_cost,
    "cost_path": dtw.cost_path,
    "accumulated_similarity": dtw.accumulated_similarity,
    "similarity_path": dtw.similarity_path,
    "normalised_distance": dtw.normalised_distance,
    "nearest_template": lambda v: dtw.nearest_template([v], ["one"]),
}


@pytest.mark.parametrize("values", BROKEN, ids=["empty", "no rows", "vector", "NaN", "infinite"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_broken_matrices_are_refused_in_one_sentence(call, values):
    with pytest.raises(ValueError, match=r"^[\w ]+ must [^.]+$"):
        call(values)


@pytest.mark.parametrize(
    "call",
    [
        lambda: dtw.local_similarities([[1.0, 2.0]], [[0.0, 0.0]]),
        lambda: dtw.local_similarities([[0.0, 0.0]], [[1.0, 2.0]]),
        lambda: dtw.similarity_path([[1.0, 0.5]]),
        lambda: dtw.similarity_path([[-1.0, 0.5]]),
        lambda: dtw.nearest_template([], []),
    ],
)
def test_what_has_no_answer_is_refused(call):
    with pytest.raises(ValueError, match=r"^[\w ,]+ must [^.]+$"):
        call()
