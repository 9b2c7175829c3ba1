"""Whole other versions of the references on time warping, right ones and wrong ones.

Those that an edit of the reference's source cannot express. Written as students write them.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from autograder.reference import dtw
from autograder.reference.dtw import finite_array

# --- local costs and similarities -----------------------------------------------------------


def costs_in_loops(X, Y):
    X, Y = finite_array(X, "X", 2), finite_array(Y, "Y", 2)
    if X.shape[1] != Y.shape[1]:
        raise ValueError("dimensions")
    return [[float(np.linalg.norm(x - y)) for y in Y] for x in X]


def costs_feature_by_feature(X, Y):
    X, Y = finite_array(X, "X", 2), finite_array(Y, "Y", 2)
    if X.shape[1] != Y.shape[1]:
        raise ValueError("dimensions")
    squares = np.zeros((len(X), len(Y)))
    for x, y in zip(X.T, Y.T, strict=True):
        squares += np.subtract.outer(x, y) ** 2
    return squares**0.5


def costs_multiplied_out(X, Y):
    dtw.local_costs(X, Y)  # refuses bad input
    squares = np.sum(X**2, axis=1)[:, None] + np.sum(Y**2, axis=1) - 2 * X @ Y.T
    return np.sqrt(np.maximum(squares, 0))


def similarities_in_loops(X, Y):
    X, Y = finite_array(X, "X", 2), finite_array(Y, "Y", 2)
    if X.shape[1] != Y.shape[1]:
        raise ValueError("dimensions")
    if not (X.any(axis=1).all() and Y.any(axis=1).all()):
        raise ValueError("silence")
    return [[x @ y / (np.sqrt(x @ x) * np.sqrt(y @ y)) for y in Y] for x in X]


def similarities_divided_at_the_end(X, Y):
    X, Y = finite_array(X, "X", 2), finite_array(Y, "Y", 2)
    if X.shape[1] != Y.shape[1]:
        raise ValueError("dimensions")
    powers = np.outer((X**2).sum(axis=1), (Y**2).sum(axis=1))
    if not powers.all():
        raise ValueError("silence")
    return np.einsum("if,kf->ik", X, Y) / np.sqrt(powers)


def correlations(X, Y):
    dtw.local_similarities(X, Y)  # refuses bad input
    X, Y = (Z - np.mean(Z, axis=1, keepdims=True) for Z in (X, Y))
    return dtw.local_similarities(X, Y)


# --- accumulated tables ---------------------------------------------------------------------


def cost_in_a_table(C):
    C = finite_array(C, "C", 2)
    D = np.zeros_like(C)
    for i in range(len(C)):
        for k in range(C.shape[1]):
            if i == 0 and k == 0:
                before = 0
            elif i == 0:
                before = D[0, k - 1]
            elif k == 0:
                before = D[i - 1, 0]
            else:
                before = min(D[i - 1, k], D[i, k - 1], D[i - 1, k - 1])
            D[i, k] = before + C[i, k]
    return D


def cost_row_by_row(C):
    C = finite_array(C, "C", 2)
    D = [np.cumsum(C[0])]
    for costs in C[1:]:
        arriving = np.minimum(D[-1], np.append(np.inf, D[-1][:-1]))
        total = np.cumsum(costs)
        D.append(total + np.minimum.accumulate(arriving - (total - costs)))
    return np.array(D)


def cost_by_diagonals(C):
    C = finite_array(C, "C", 2)
    padded = np.full(np.add(C.shape, 1), np.inf)
    padded[0, 0] = 0
    for s in range(sum(C.shape) - 1):
        i = np.arange(max(0, s - C.shape[1] + 1), min(s + 1, len(C)))
        k = s - i
        before = [padded[i, k + 1], padded[i + 1, k], padded[i, k]]
        padded[i + 1, k + 1] = C[i, k] + np.min(before, axis=0)
    return padded[1:, 1:]


def cost_from_a_border_of_zeros(C):
    C = finite_array(C, "C", 2)
    D = np.zeros(np.add(C.shape, 1))
    for i, k in np.ndindex(C.shape):
        D[i + 1, k + 1] = C[i, k] + min(D[i, k + 1], D[i + 1, k], D[i, k])
    return D[1:, 1:]


def similarity_in_a_table(a):
    a = finite_array(a, "a", 2)
    A = np.zeros(np.add(a.shape, 1))
    for i, k in np.ndindex(a.shape):
        A[i + 1, k + 1] = max(A[i, k + 1], A[i + 1, k], a[i, k] + A[i, k])
    return A[1:, 1:]


def similarity_row_by_row(a):
    a = finite_array(a, "a", 2)
    A = np.zeros(np.add(a.shape, 1))
    for i, similarities in enumerate(a):
        A[i + 1, 1:] = np.maximum.accumulate(np.maximum(A[i, 1:], similarities + A[i, :-1]))
    return A[1:, 1:]


def similarity_by_recursion(a):
    a = finite_array(a, "a", 2).tolist()

    @cache
    def best(i, k):
        if min(i, k) < 0:
            return 0.0
        return max(best(i - 1, k), best(i, k - 1), a[i][k] + best(i - 1, k - 1))

    return [[best(i, k) for k in range(len(a[0]))] for i in range(len(a))]


def similarity_from_the_corner(a):
    a = finite_array(a, "a", 2)
    A = np.zeros_like(a)
    A[0], A[:, 0] = a[0, 0], a[0, 0]
    for i in range(1, len(a)):
        for k in range(1, a.shape[1]):
            A[i, k] = max(A[i - 1, k], A[i, k - 1], a[i, k] + A[i - 1, k - 1])
    return A


def similarity_never_negative(a):
    return dtw.accumulated_similarity(np.maximum(finite_array(a, "a", 2), 0))


# --- paths ----------------------------------------------------------------------------------


def cost_path_by_cases(D):
    D = finite_array(D, "D", 2)
    i, k = len(D) - 1, len(D[0]) - 1
    path = [[i, k]]
    while (i, k) != (0, 0):
        if i == 0:
            k -= 1
        elif k == 0:
            i -= 1
        elif D[i - 1, k - 1] <= min(D[i - 1, k], D[i, k - 1]):
            i, k = i - 1, k - 1
        elif D[i - 1, k] <= D[i, k - 1]:
            i -= 1
        else:
            k -= 1
        path.insert(0, [i, k])
    return path


def cost_path_by_argmin(D):
    padded = np.pad(finite_array(D, "D", 2), ((1, 0), (1, 0)), constant_values=np.inf)
    steps = np.array([[1, 1], [1, 0], [0, 1]])
    path = [np.array(padded.shape) - 2]
    while path[-1].any():
        before = padded[tuple((path[-1] + 1 - steps).T)]
        path.append(path[-1] - steps[np.argmin(before)])
    return np.array(path[::-1])


def similarity_path_recursively(A):
    dtw.similarity_path(A)  # refuses bad input
    A = np.asarray(A)

    def matches(rows, columns):
        if rows == 0 or columns == 0:
            return []
        here = A[rows - 1, columns - 1]
        if here == (A[rows - 2, columns - 1] if rows > 1 else 0):
            return matches(rows - 1, columns)
        if here == (A[rows - 1, columns - 2] if columns > 1 else 0):
            return matches(rows, columns - 1)
        return [*matches(rows - 1, columns - 1), (rows - 1, columns - 1)]

    return matches(*A.shape)


def similarity_path_as_array(A):
    return np.array(similarity_path_recursively(A), dtype=np.int32).reshape(-1, 2)


def similarity_path_with_the_frames_left_out(A):
    dtw.similarity_path(A)  # refuses bad input
    i, k = np.subtract(A.shape, 1)
    path = [(i, k)]
    while i > 0 and k > 0:
        if A[i, k] <= A[i - 1, k]:
            i = i - 1
        elif A[i, k] <= A[i, k - 1]:
            k = k - 1
        else:
            i, k = i - 1, k - 1
        path.append((i, k))
    return np.array(path[::-1])


# --- distance and recogniser ----------------------------------------------------------------


def distance_in_a_table(C):
    C = finite_array(C, "C", 2)
    D = np.full(np.add(C.shape, 1), np.inf)
    D[0, 0] = 0
    for i, k in np.ndindex(C.shape):
        D[i + 1, k + 1] = min(D[i, k + 1] + C[i, k], D[i + 1, k] + C[i, k], D[i, k] + 2 * C[i, k])
    return D[-1, -1] / (len(C) + len(C[0]))


def distance_single(C):
    return np.float32(dtw.normalised_distance(C))


def distance_over_path_length(C):
    D = dtw.accumulated_cost(C)
    return D[-1, -1] / len(dtw.cost_path(D))


def template_in_a_loop(tables, words, similar=False):
    if not tables or len(tables) != len(words):
        raise ValueError("a word for each template")
    found, best = None, -np.inf
    for table, word in zip(tables, words, strict=True):
        table = finite_array(table, "table", 2)
        if len(table) != len(tables[0]):
            raise ValueError("I")
        score = table[-1][-1] / (len(table) + len(table[0])) * (1 if similar else -1)
        if score > best:
            found, best = word, score
    return found


def template_by_sorting(tables, words, similar=False):
    dtw.nearest_template(tables, words, similar)  # refuses bad input
    scores = [np.asarray(t)[-1, -1] / np.sum(np.shape(t)) for t in tables]
    return words[sorted(range(len(words)), key=lambda m: -scores[m] if similar else scores[m])[0]]
