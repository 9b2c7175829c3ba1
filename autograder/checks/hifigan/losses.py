"""What discriminators and generator are trained on: scores, features, and the totals."""

from __future__ import annotations

import numpy as np

from autograder.exercise.declare import Alternative, Case, Criterion, Exercise
from autograder.exercise.draw import DERIVED, DIFFERENTIATORS, EDGE, with_nan
from autograder.reference import hifigan

READY_MADE = ("sklearn.metrics.mean_squared_error", "torch.nn.functional.mse_loss")


def _scores(rng, N, M):
    """Scores of a discriminator that is neither sure nor blind."""
    return rng.normal(0.7, 0.4, N), rng.normal(0.3, 0.4, M)


def _adversarial_cases(rng):
    return [
        Case(_scores(rng, 12, 12), "12 scores of either side"),
        Case(_scores(rng, 20, 7), "20 natural scores and 7 made ones"),
        Case(_scores(rng, 5, 16), "5 natural scores and 16 made ones"),
        Case(_scores(rng, 1, 1), "one score of either side", EDGE),
        Case((np.ones(4), np.zeros(6)), "a discriminator that is always right", EDGE),
        Case((np.full(3, 0.5), np.full(3, 0.5)), "one that cannot tell", EDGE),
    ]


def _adversarial_by_moments(real, fake):
    """The mean square about a target is the variance and the squared distance of the mean."""
    spread = np.var(fake)
    natural = np.var(real) + (np.mean(real) - 1) ** 2
    return natural + spread + np.mean(fake) ** 2, spread + (np.mean(fake) - 1) ** 2


ADVERSARIAL_LOSSES = Exercise(
    function=hifigan.adversarial_losses,
    read="What either side wants",
    cases=_adversarial_cases,
    refuses={"no natural scores": {"real": []}, "NaN among the made": {"fake": with_nan}},
    criteria=(
        Criterion("the discriminator's loss", 2, select=0),
        Criterion("the generator's loss", 1, select=1),
        Criterion("one score, a perfect and a blind discriminator", 1, EDGE),
    ),
    mistakes="""
        return float(discriminator), float(np.mean((fake - 1) ** 2))
        => return float(discriminator), float(np.mean((fake - 1) ** 2) + np.mean(real**2))
            Your generator is also asked to lower the scores of natural sound; it has no part in
            them.
        float(np.mean((fake - 1) ** 2)) => float(np.mean(fake**2))
            Your generator is rewarded for being found out: it wants its sound to be scored as
            natural sound is.
        float(np.mean((fake - 1) ** 2)) => -float(np.mean(fake**2))
            Your generator's loss is the discriminator's with the sign turned, which rewards scores
            of any size; with least squares it has a target of its own.
        np.mean((real - 1) ** 2) + np.mean(fake**2) => np.mean(real**2) + np.mean((fake - 1) ** 2)
            Your discriminator is asked to score made sound high and natural sound low.
        np.mean((real - 1) ** 2) + np.mean(fake**2)
        => (np.mean((real - 1) ** 2) + np.mean(fake**2)) / 2
            You halve the discriminator's loss: the two means are added.
        np.mean((real - 1) ** 2) + np.mean(fake**2)
        => np.mean(np.append(real - 1, fake) ** 2)
            You take one mean over all scores; each side has a mean of its own.
        np.mean((real - 1) ** 2) + np.mean(fake**2) => np.sum((real - 1) ** 2) + np.sum(fake**2)
            You add up the discriminator's squares; it is their mean that does not depend on how
            many places are looked at.
        np.mean((real - 1) ** 2) + np.mean(fake**2) => (real.mean() - 1) ** 2 + fake.mean() ** 2
            You average the scores before you square. Each score is judged by itself.
        return float(discriminator), float(np.mean((fake - 1) ** 2))
        => return float(np.mean((fake - 1) ** 2)), float(discriminator)
            Your two losses are exchanged: the discriminator's comes first.
    """,
    alternatives=(Alternative(_adversarial_by_moments, why="from means and variances"),),
)


def _maps(rng, *shapes):
    """Feature maps of either side; those of made sound are of another size."""
    return [rng.normal(size=s) for s in shapes], [0.3 + 0.6 * rng.normal(size=s) for s in shapes]


def _matching_cases(rng):
    return [
        Case(_maps(rng, (12, 2), (6, 4), (3, 8)), "3 layers"),
        Case(_maps(rng, (9, 3, 2), (5, 3, 4)), "2 layers of a discriminator of periods"),
        Case(_maps(rng, (16,), (8, 2), (4, 3), (2, 5)), "4 layers, the first of one channel"),
        Case(_maps(rng, (7, 3)), "a single layer", EDGE),
        Case(_maps(rng, (1,), (4, 2)), "a layer with one feature", EDGE),
    ]


def _matching_by_norms(real, fake):
    total = 0.0
    for a, b in zip(real, fake):
        total += np.linalg.norm(np.ravel(a) - np.ravel(b), ord=1) / np.size(a)
    return total


FEATURE_MATCHING = Exercise(
    function=hifigan.feature_matching,
    read="Matching features",
    cases=_matching_cases,
    refuses={
        "a layer too few": {"fake": lambda fake: fake[:-1]},
        "maps of other shapes": {"fake": lambda fake: [f.T for f in fake]},
        "no layers": {"real": [], "fake": []},
    },
    criteria=(
        Criterion("the loss", 3),
        Criterion("one layer, one feature", 1, EDGE),
    ),
    mistakes="""
        float(sum(np.mean(np.abs(a - b)) for a, b in feature_pairs(real, fake)))
        => float(np.mean([np.mean(np.abs(a - b)) for a, b in feature_pairs(real, fake)]))
            You take the mean over the layers; the layers are added up.
        np.mean(np.abs(a - b)) => np.sum(np.abs(a - b))
            You do not divide by the number of features, so that the largest layer counts most.
        np.mean(np.abs(a - b)) => np.mean((a - b) ** 2)
            You square the differences; their magnitudes are asked for.
        np.mean(np.abs(a - b)) => abs(np.mean(a - b))
            You average before you take the magnitude, so that differences of opposite sign cancel.
        np.mean(np.abs(a - b)) => np.sum(np.abs(a - b)) / len(a)
            You divide by the number of rows. The number of features is that of all values of the
            layer.
        float(sum => 2 * float(sum
            Your loss is twice as large: the weight of feature matching belongs to the total, not
            here.
    """,
    alternatives=(Alternative(_matching_by_norms, why="norms of vectors"),),
    forbidden="torch.nn.functional.l1_loss sklearn.metrics.mean_absolute_error",
    because="it is a layer's part of the sum",
)


def _judged(rng, K, N):
    """Scores and features of K discriminators of three layers, which look at N places or more."""
    lengths = rng.permutation(N + 2 * np.arange(K))
    scores = [_scores(rng, n, n)[1] for n in lengths]
    maps = [_maps(rng, (n, 2), (n, 3), (n, 1)) for n in lengths]
    return scores, [real for real, _ in maps], [fake for _, fake in maps]


def _generator_cases(rng):
    def mel():
        return float(rng.uniform(0.2, 0.9))

    return [
        Case((*_judged(rng, 3, 4), mel(), 3.0, 5.0), "3 discriminators, weights 3 and 5"),
        Case((*_judged(rng, 2, 5), mel(), 0.5, 7.0), "2 discriminators, weights 0.5 and 7"),
        Case((*_judged(rng, 4, 3), mel(), 1.5, 2.5), "4 discriminators, weights 1.5 and 2.5"),
        Case((*_judged(rng, 3, 3), mel()), "the weights of the paper"),
        Case((*_judged(rng, 1, 6), mel(), 3.0, 4.0), "a single discriminator", EDGE),
        Case((*_judged(rng, 2, 3), mel(), 0.0, 3.0), "no feature matching", EDGE),
        Case((*_judged(rng, 2, 3), 0.0, 2.0, 3.0), "a perfect reconstruction", EDGE),
    ]


def _generator_by_loop(scores, real, fake, reconstruction, first=2.0, second=45.0):
    parts = [0.0, 0.0, second * reconstruction]
    for k in range(len(scores)):
        parts[0] += float(np.sum((1 - scores[k]) ** 2)) / len(scores[k])
        for a, b in zip(real[k], fake[k]):
            parts[1] += first * float(np.average(abs(a - b)))
    return sum(parts), parts


GENERATOR_LOSS = Exercise(
    function=hifigan.generator_loss,
    read="All losses added",
    answers=("sheet resynthesis",),
    cases=_generator_cases,
    refuses={
        "scores of a discriminator too few": {"scores": lambda scores: scores[:-1]},
        "no discriminators": {"scores": [], "real": [], "fake": []},
        "a weight below 0": {"matching_weight": -1.0},
        "a reconstruction loss that is NaN": {"reconstruction": float("nan")},
    },
    criteria=(
        Criterion("the loss", 2, select=0),
        Criterion("its three parts", 1, select=1),
        Criterion("one discriminator, a weight of 0, a loss of 0", 1, EDGE),
    ),
    mistakes="""
        [1.0, matching_weight, reconstruction_weight]
        => [1.0, matching_weight, len(scores) * reconstruction_weight]
            You add the reconstruction once for each discriminator; it stands outside the sum.
        adversarial = sum(np.mean((score - 1) ** 2) for score in scores)
        => adversarial = np.mean([np.mean((score - 1) ** 2) for score in scores])
        matching = sum(np.mean(np.abs(a - b)) for layers in pairs for a, b in layers)
        => matching = sum(np.mean(np.abs(a - b)) for ls in pairs for a, b in ls) / len(scores)
            You take the mean over the discriminators; their losses are added up.
        for layers in pairs for a, b in layers) => for layers in pairs for a, b in layers) / 3
            You take the mean over a discriminator's layers; they are added up.
        (score - 1) ** 2 => score**2
            Your generator is rewarded for sound that is scored as made: it wants to be scored as
            natural sound is.
        for score in scores) => for score in [np.concatenate(scores)])
            You put the scores of all discriminators together before you average; each has a mean
            of its own.
        * weights => * [1.0, reconstruction_weight, matching_weight]
            Your two weights are exchanged.
        return float(parts.sum()), parts
        => return float(parts.sum()), np.array([adversarial, matching, reconstruction])
            Your parts do not add up to the loss: the weights belong into them.
        [1.0, matching_weight, reconstruction_weight] => [1.0, 1.0, reconstruction_weight]
            Feature matching counts with its own weight.
    """,
    alternatives=(Alternative(_generator_by_loop, why="loops and lists"),),
    forbidden=READY_MADE,
    because="it is a part of the sum",
)


def _discriminator_cases(rng):
    def sides(*lengths):
        pairs = [_scores(rng, n, m) for n, m in lengths]
        return [real for real, _ in pairs], [fake for _, fake in pairs]

    return [
        Case(sides((6, 4), (9, 9), (3, 5)), "3 discriminators"),
        Case(sides((8, 8), (5, 3)), "2 discriminators"),
        Case(sides((4, 7), (6, 2), (3, 3), (5, 8), (9, 4)), "5 discriminators"),
        Case(sides((7, 5)), "a single discriminator", EDGE),
        Case(sides((1, 1), (4, 2)), "one score of either side", EDGE),
    ]


def _discriminator_by_loop(real, fake):
    loss, slopes = 0.0, []
    for sides, target in ((real, 1.0), (fake, 0.0)):
        errors = [np.asarray(scores) - target for scores in sides]
        loss += sum(float(error @ error) / len(error) for error in errors)
        slopes.append([(error + error) / len(error) for error in errors])
    return loss, *slopes


DISCRIMINATOR_LOSS = Exercise(
    function=hifigan.discriminator_loss,
    read="What either side wants",
    cases=_discriminator_cases,
    refuses={
        "scores of a discriminator too few": {"fake": lambda fake: fake[:-1]},
        "no discriminators": {"real": [], "fake": []},
        "no scores in one of them": {"real": lambda real: [real[0][:0], *real[1:]]},
    },
    criteria=(
        Criterion("the loss", 2, select=0),
        Criterion("its derivatives with respect to natural scores", 1, select=1),
        Criterion("its derivatives with respect to made scores", 1, select=2),
        Criterion("a single discriminator, a single score", 1, EDGE),
    ),
    mistakes="""
        return float(loss), by_real, by_fake => return float(loss / len(real)), by_real, by_fake
            Your loss is the mean over the discriminators; their losses are added up.
        np.mean((r - 1) ** 2) + np.mean(f**2) => np.mean(r**2) + np.mean((f - 1) ** 2)
            Your discriminators are asked to score made sound high and natural sound low.
        np.mean((r - 1) ** 2) + np.mean(f**2) => (np.mean((r - 1) ** 2) + np.mean(f**2)) / 2
            You halve each discriminator's loss: its two means are added.
        2 * (r - 1) / len(r) => 2 * (r - 1)
        2 * f / len(f) => 2 * f
            Your derivatives lack the share that one score has in a mean.
        2 * (r - 1) / len(r) => (r - 1) / len(r)
        2 * f / len(f) => f / len(f)
            Your derivatives are half as large as they should be: a square has a slope of twice its
            root.
        2 * (r - 1) / len(r) => 2 * r / len(r)
            Your slopes with respect to the natural scores vanish at 0; their target is 1.
        2 * (r - 1) / len(r) => 2 * (1 - r) / len(r)
            Your slopes with respect to the natural scores have the opposite sign: the loss falls
            when a score below 1 rises.
        2 * (r - 1) / len(r) => 2 * (r - 1) / sum(map(len, real))
        2 * f / len(f) => 2 * f / sum(map(len, fake))
            Your derivatives are divided by the scores of all discriminators; each has a mean of its
            own.
    """,
    alternatives=(Alternative(_discriminator_by_loop, why="both sides by one loop"),),
    forbidden=DIFFERENTIATORS,
    because=DERIVED,
)
