"""Dynamic time warping: two sequences, frame against frame, and the best way through.

Notation of the course: the first sequence has `I` frames and the second `K`. `C` (I, K) are local
costs and `D` (I, K) accumulated ones; `a` (I, K) are local similarities and `A` (I, K) accumulated
ones. Frames are counted from 0 in code and from 1 in formulas.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from autograder.reference.inputs import finite_array


def local_costs(X: ArrayLike, Y: ArrayLike) -> np.ndarray:
    """How far apart every frame of one sequence is from every frame of the other.

    C[i, k] is the Euclidean distance between the feature vectors X[i] and Y[k].

    Parameters
    ----------
    X : array_like, shape (I, F)
        First sequence, one frame a row, F numbers a frame.
    Y : array_like, shape (K, F)
        Second sequence.

    Returns
    -------
    C : ndarray, shape (I, K)
        In the units of the features.

    Raises
    ------
    ValueError
        If X or Y is empty, not a matrix or not finite.

    References
    ----------
    Mueller (2021), "Fundamentals of Music Processing", section 3.2.1.
    """
    X, Y = finite_array(X, "X", 2), finite_array(Y, "Y", 2)
    difference = X[:, None, :] - Y[None, :, :]
    return np.sqrt(np.sum(difference**2, axis=2))


def local_similarities(X: ArrayLike, Y: ArrayLike) -> np.ndarray:
    """How alike every frame of one sequence is to every frame of the other.

    a[i, k] is the cosine of the angle between the feature vectors X[i] and Y[k]: 1 if they point
    the same way, however long they are, 0 if they are at right angles, -1 if they are opposite.
    No mean is subtracted.

    Parameters
    ----------
    X : array_like, shape (I, F)
        First sequence, one frame a row, F numbers a frame.
    Y : array_like, shape (K, F)
        Second sequence.

    Returns
    -------
    a : ndarray, shape (I, K)
        Between -1 and 1.

    Raises
    ------
    ValueError
        If X or Y is empty, not a matrix or not finite, or if a frame is all zeros (digital
        silence), which points nowhere.

    References
    ----------
    Mueller (2021), "Fundamentals of Music Processing", section 3.1.
    """
    X, Y = finite_array(X, "X", 2), finite_array(Y, "Y", 2)
    lengths_X = np.linalg.norm(X, axis=1, keepdims=True)
    lengths_Y = np.linalg.norm(Y, axis=1, keepdims=True)
    if np.min(lengths_X) == 0 or np.min(lengths_Y) == 0:
        raise ValueError("X and Y must not have frames that are all zeros")
    return (X / lengths_X) @ (Y / lengths_Y).T


def accumulated_cost(C: ArrayLike) -> np.ndarray:
    """The least total cost of a warping path from the beginning to every cell.

    A warping path starts at the first frames of both sequences, (0, 0), and goes on by steps
    (1, 0), (0, 1) or (1, 1): at each step one sequence moves on by a frame, or both do. It costs
    the sum of C over all its cells, the first and the last included. D[i, k] is the cost of the
    cheapest path from (0, 0) to (i, k).

    Parameters
    ----------
    C : array_like, shape (I, K)
        Local costs. Any finite numbers are to be handled, negative ones too.

    Returns
    -------
    D : ndarray, shape (I, K)

    Raises
    ------
    ValueError
        If C is empty, not a matrix or not finite.

    References
    ----------
    Mueller (2021), "Fundamentals of Music Processing", section 3.2.1.3.
    """
    C, D = finite_array(C, "C", 2), []
    above = [0.0] + [np.inf] * C.shape[1]
    for costs in C.tolist():
        row = [np.inf]
        for k, cost in enumerate(costs):
            row.append(cost + min(above[k + 1], row[k], above[k]))
        D.append(row[1:])
        above = row
    return np.array(D)


def cost_path(D: ArrayLike) -> np.ndarray:
    """The cheapest warping path, found backwards from its accumulated costs.

    Start at the last frames of both sequences. From a cell (i, k) the path came from that one of
    (i-1, k-1), (i-1, k) and (i, k-1) whose D is least; cells outside D do not count. Tie rule: of
    equal ones take the first in this order. Stop at (0, 0).

    Parameters
    ----------
    D : array_like, shape (I, K)
        Accumulated costs, as `accumulated_cost` gives them.

    Returns
    -------
    path : ndarray of int, shape (L, 2)
        The cells (i, k) of the path from (0, 0) to (I-1, K-1), in order of time.

    Raises
    ------
    ValueError
        If D is empty, not a matrix or not finite.

    References
    ----------
    Sakoe and Chiba (1978), "Dynamic programming algorithm optimization for spoken word
    recognition".
    """
    D = finite_array(D, "D", 2)
    i, k = len(D) - 1, D.shape[1] - 1
    path = [(i, k)]
    while i > 0 or k > 0:
        before = [(i - 1, k - 1), (i - 1, k), (i, k - 1)]
        inside = [cell for cell in before if min(cell) >= 0]
        i, k = min(inside, key=lambda cell: D[cell])
        path.append((i, k))
    return np.array(path[::-1])


def accumulated_similarity(a: ArrayLike) -> np.ndarray:
    """The exam's recursion: the best total similarity of matched frames, up to every cell.

    In formulas, with frames counted from 1,

        A_{i,k} = max(A_{i-1,k}, A_{i,k-1}, a_{i,k} + A_{i-1,k-1}),

    and zero where there is nothing to match yet: A_{0,k} = A_{i,0} = 0. Either frame may be left
    out, which earns nothing and costs nothing, or the two are matched, which earns a_{i,k}.

    Parameters
    ----------
    a : array_like, shape (I, K)
        Local similarities. Any finite numbers are to be handled: negative ones, and such as are no
        cosines because they lie outside -1 to 1.

    Returns
    -------
    A : ndarray, shape (I, K)
        Without the border of zeros: A[0, 0] belongs to the first frames of both.

    Raises
    ------
    ValueError
        If a is empty, not a matrix or not finite.

    References
    ----------
    The recursion of the exam's formula sheet, derived in the chapter.
    """
    a, A = finite_array(a, "a", 2), []
    above = [0.0] * (a.shape[1] + 1)
    for similarities in a.tolist():
        row = [0.0]
        for k, similarity in enumerate(similarities):
            row.append(max(above[k + 1], row[k], similarity + above[k]))
        A.append(row[1:])
        above = row
    return np.array(A)


def similarity_path(A: ArrayLike) -> np.ndarray:
    """Which frames are matched, found backwards from accumulated similarities.

    Start at the last frames of both sequences, and outside the table let A be zero. At a cell
    (i, k): if A is no larger there than at (i-1, k), leave out frame i and go there; else, if it
    is no larger than at (i, k-1), leave out frame k and go there; else i and k are matched, and
    it goes on at (i-1, k-1). Stop where one sequence has no frames left. This order is the tie
    rule: frames are matched only where that is needed for the total.

    Parameters
    ----------
    A : array_like, shape (I, K)
        Accumulated similarities, as `accumulated_similarity` gives them.

    Returns
    -------
    matches : ndarray of int, shape (M, 2)
        The matched cells (i, k), in order of time; M may be 0. In both columns the numbers rise.

    Raises
    ------
    ValueError
        If A is empty, not a matrix or not finite, or if it is negative somewhere or falls along a
        row or a column, which no accumulated similarity does.

    References
    ----------
    The recursion of the exam's formula sheet, derived in the chapter.
    """
    A = np.pad(finite_array(A, "A", 2), ((1, 0), (1, 0)))
    if np.any(np.diff(A, axis=0) < 0) or np.any(np.diff(A, axis=1) < 0):
        raise ValueError("A must not be negative and must not fall along a row or a column")
    i, k = len(A) - 1, A.shape[1] - 1
    matches = []
    while i > 0 and k > 0:
        if A[i, k] <= A[i - 1, k]:
            i -= 1
        elif A[i, k] <= A[i, k - 1]:
            k -= 1
        else:
            i, k = i - 1, k - 1
            matches.append((i, k))
    return np.array(matches[::-1], dtype=int).reshape(-1, 2)


def normalised_distance(C: ArrayLike) -> float:
    """Distance of two sequences that does not grow with their length.

    Sakoe and Chiba's symmetric form. The steps (1, 0) and (0, 1) of a warping path count the
    local cost of the cell they arrive at once, the step (1, 1) counts it twice, and so does the
    beginning at (0, 0), into which both sequences step. Every path then has the total weight
    I + K. Asked for is the least weighted sum of costs of all paths from (0, 0) to
    (I-1, K-1), divided by that total weight: a weighted mean of local costs.

    Parameters
    ----------
    C : array_like, shape (I, K)
        Local costs.

    Returns
    -------
    distance : float
        In the units of C.

    Raises
    ------
    ValueError
        If C is empty, not a matrix or not finite.

    References
    ----------
    Sakoe and Chiba (1978), "Dynamic programming algorithm optimization for spoken word
    recognition", section II.
    """
    C = finite_array(C, "C", 2)
    above = [0.0] + [np.inf] * C.shape[1]
    for costs in C.tolist():
        row = [np.inf]
        for k, cost in enumerate(costs):
            row.append(min(above[k + 1] + cost, row[k] + cost, above[k] + 2 * cost))
        above = row
    return float(above[-1] / sum(C.shape))


def nearest_template(tables: list[ArrayLike], words: list[str], similar: bool = False) -> str:
    """The word of the template that fits a recording best.

    The recording has I frames and template m has K_m. Its last cell tells the total; what is
    compared is the total divided by I + K_m, because templates differ in length. The least one
    wins for costs, the largest one for similarities, and of equal ones the first.

    Parameters
    ----------
    tables : list of M array_like, shapes (I, K_m)
        Table m holds the accumulated costs of the recording against template m, or with
        `similar` the accumulated similarities.
    words : list of M str
        What each template says. Several templates may say the same word.
    similar : bool
        Whether the tables hold similarities.

    Returns
    -------
    word : str

    Raises
    ------
    ValueError
        If there is no template, or if a table is empty, not a matrix or not finite.

    References
    ----------
    Rabiner and Juang (1993), "Fundamentals of Speech Recognition", chapter 4.
    """
    tables = [finite_array(table, "each table", 2) for table in tables]
    if not tables:
        raise ValueError("tables must hold one template or more")
    totals = [table[-1, -1] / sum(table.shape) for table in tables]
    best = np.argmax(totals) if similar else np.argmin(totals)
    return str(words[best])
