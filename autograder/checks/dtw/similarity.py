"""The exam's way to warp: similarities, their recursion, and which frames are matched."""

from __future__ import annotations

from autograder.checks.dtw import inputs, variants
from autograder.checks.dtw.compare import Cells
from autograder.checks.dtw.inputs import TIES
from autograder.exercise.declare import Alternative, Criterion, Exercise, Mistake
from autograder.exercise.draw import BAD, EDGE, REFUSES
from autograder.reference import dtw

LOCAL_SIMILARITIES = Exercise(
    function=dtw.local_similarities,
    read="The exam's recursion",
    cases=inputs.pairs_for_similarities,
    criteria=(
        Criterion("the similarities", 2),
        Criterion("one frame; very soft and very loud recordings", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        (X / lengths_X) @ (Y / lengths_Y).T => X @ Y.T
            You return the inner products as they are. They grow with the length of the vectors; a
            cosine does not.
        (X / lengths_X) @ => X @
            Only the frames of Y are scaled to length one; those of X should be as well.
        return (X => return 1 - (X
            You return one minus the cosine, which is a distance: it is small where the frames are
            alike.
        return (X / lengths_X) @ (Y / lengths_Y).T => return X @ Y.T / lengths_X**2
            You divide by the squared length of one frame instead of by the lengths of both.
        return (X / lengths_X) @ (Y / lengths_Y).T
        => return np.abs((X / lengths_X) @ (Y / lengths_Y).T)
            You drop the sign: opposite frames come out as alike.
        """,
        Mistake(
            variants.correlations,
            says="You subtract each frame's mean first. That gives the correlation coefficient; "
            "for the cosine the mean stays in.",
        ),
    ),
    alternatives=(
        Alternative(variants.similarities_in_loops, why="two loops and lists"),
        Alternative(variants.similarities_divided_at_the_end, why="einsum, divided at the end"),
        Alternative(
            "(Y / lengths_Y).T => (Y / lengths_Y).T.astype(np.float32)",
            why="partly single precision",
        ),
    ),
    forbidden=(
        "scipy.spatial.distance.cdist",
        "scipy.spatial.distance.cosine",
        "sklearn.metrics.pairwise.cosine_similarity",
    ),
)

ACCUMULATED_SIMILARITY = Exercise(
    function=dtw.accumulated_similarity,
    read="The exam's recursion",
    answers=("sheet dtw",),
    cases=inputs.similarity_cases,
    criteria=(
        Criterion("the table", 3),
        Criterion("one row, one column, nothing alike", 1, EDGE),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        max(above[k + 1], row[k], similarity + above[k])
        => similarity + max(above[k + 1], row[k], above[k])
            You add the local similarity at every step, so that one frame is matched, and counted,
            many times. Only the diagonal step matches two frames.
        max(above[k + 1], row[k], similarity + above[k]) => similarity + above[k]
            You only go along the diagonal; a frame may also be left out, on either side.
        max(above[k + 1], row[k], similarity + above[k]) => max(above[k + 1], row[k])
            Nothing is ever matched in your table: the diagonal step is missing.
        max(above[k + 1], row[k], similarity => max(above[k + 1], similarity
            Only frames of the first sequence can be left out in your table; those of the second may
            be left out as well.
        A.append(row[1:]) => A.append(row)
            Your table still has a border of zeros; return the cells of the frames only.
        similarity + above[k]) => similarity)
            A match earns only its own similarity in your table: what was earned before it, up to
            the cell on the diagonal, has to be kept.
        """,
        Mistake(
            variants.similarity_from_the_corner,
            says="You begin the table at (0, 0) and copy that value along its edges. The edges "
            "follow the same recursion as all other cells, with zeros outside the table.",
        ),
    ),
    alternatives=(
        Alternative(variants.similarity_in_a_table, why="a table with a border of zeros"),
        Alternative(variants.similarity_row_by_row, why="a running maximum along each row"),
        Alternative(variants.similarity_by_recursion, why="a cached recursion that returns lists"),
        Alternative(
            variants.similarity_never_negative,
            why="negative similarities replaced by zero, which matches nothing either",
        ),
    ),
    forbidden=("librosa.sequence.dtw",),
)

SIMILARITY_PATH = Exercise(
    function=dtw.similarity_path,
    read="The exam's recursion",
    cases=inputs.similarity_path_cases,
    criteria=(
        Criterion("the matches", 2, equal=Cells()),
        Criterion("the tie rule", 1, TIES, equal=Cells()),
        Criterion("one row, one column, nothing to match", 1, EDGE, equal=Cells()),
        Criterion(REFUSES, 1, BAD),
    ),
    mistakes=(
        """
        matches[::-1] => matches
            Your matches come in the order of the backtracking, the last one first.
        matches.append((i, k)) => matches.append((i + 1, k + 1))
            Your frames are counted from 1, as in formulas; code counts them from 0.
        while i > 0 and k > 0 => while i > 1 and k > 1
            You stop too early: the first frame of either sequence can be matched too.
        matches.append((i, k)) => matches.append((k, i))
            The columns are the wrong way round: first i, the frame of the first sequence.
        """,
        Mistake(
            variants.similarity_path_with_the_frames_left_out,
            says="You list every cell the backtracking passes. Asked for are only those cells "
            "where two frames are matched.",
        ),
        Mistake(
            (
                (
                    "if A[i, k] <= A[i - 1, k]:\n            i -= 1\n"
                    "        elif A[i, k] <= A[i, k - 1]:\n            k -= 1",
                    "if A[i, k] <= A[i, k - 1]:\n            k -= 1\n"
                    "        elif A[i, k] <= A[i - 1, k]:\n            i -= 1",
                ),
            ),
            says="The order of the tie rule is wrong: ask first whether frame i of the first "
            "sequence can be left out.",
        ),
        Mistake(
            (
                (
                    "if A[i, k] <= A[i - 1, k]:\n            i -= 1\n"
                    "        elif A[i, k] <= A[i, k - 1]:\n            k -= 1",
                    "if A[i, k] <= A[i - 1, k - 1]:\n            i, k = i - 1, k - 1",
                ),
            ),
            says="You compare with the diagonal cell only. A may have risen because of a frame "
            "beside it; two frames are matched where neither can be left out.",
        ),
    ),
    alternatives=(
        Alternative(variants.similarity_path_recursively, why="a recursion that returns a list"),
        Alternative(variants.similarity_path_as_array, why="32-bit integers"),
    ),
    forbidden=("librosa.sequence.dtw_backtracking",),
)
