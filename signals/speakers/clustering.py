"""Spectral clustering of voice embeddings, after 3D-Speaker's recipe for meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_SPEAKERS = 8
_KEEP = 0.012
"""Share of each row's affinities that survive pruning, at least `_KEEP_LEAST` of them."""
_KEEP_LEAST = 8
_SAMPLE = 1600
"""At most this many windows are clustered; the others join the nearest centre. Bounds time and memory."""
_ATTEMPTS = 5
_SAME_VOICE = 0.8
"""Cosine of two centres from which they are one voice, when the number of speakers is not known."""
_HARDLY_TWO = 0.95
"""The same where the neighbourhoods of the two are apart."""
_ENOUGH, _ENOUGH_SHARE = 10, 0.04
"""Windows, and share of all of them, from which a cluster's neighbourhood tells anything: fewer have not neighbours enough of
their own, or are the odd ones among a voice's."""
_LOOSE = 0.11
"""Conductance under which two clusters are two voices. Measured on synthesised meetings, clean and degraded: two voices that
are much alike, up to 0.10; one voice cut in two, from 0.12, mostly from 0.16."""
_SMALLEST = 0.02
"""Share of windows under which a cluster is noise rather than a speaker, when the number is not known."""


def cluster(embeddings: NDArray[np.float32], speakers: int | None) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Labels of shape (windows,) and unit centres of shape (speakers, dimensions).

    `embeddings` are unit vectors. With `speakers` None their number is estimated: at least what the largest gap between
    eigenvalues says, more while the clusters hang together in themselves and hardly with each other; then centres of
    the same voice are merged. The same input gives the same answer.
    """
    import numpy as np

    count = len(embeddings)
    if speakers == 1 or count < 4:
        return np.zeros(count, np.int64), _centres(embeddings, np.zeros(count, np.int64), 1)
    sample = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).round().astype(int))
    vectors = embeddings[sample]
    graph = _graph(vectors)
    labels = _spectral(graph, speakers)
    centres = _centres(vectors, labels, int(labels.max()) + 1)
    estimated = _merged(vectors, labels if speakers is None else _spectral(graph, None), graph)
    if speakers in (None, len(estimated)):  # finer clusters joined by voice are the better ones where the number agrees
        centres = estimated
    return np.asarray((embeddings @ centres.T).argmax(axis=1), dtype=np.int64), centres


def _graph(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Affinities of each window to those that are most like it, shape (windows, windows)."""
    import numpy as np

    affinity = np.clip(vectors @ vectors.T, 0, None).astype(np.float64)
    np.fill_diagonal(affinity, 0.0)
    keep = min(len(vectors) - 1, max(_KEEP_LEAST, round(_KEEP * len(vectors))))
    weakest = np.partition(affinity, -keep, axis=1)[:, -keep][:, None]
    pruned = np.where(affinity >= weakest, affinity, 0.0)
    return np.asarray((pruned + pruned.T) / 2)


def _spectral(graph: NDArray[np.float64], speakers: int | None) -> NDArray[np.int64]:
    import numpy as np
    from scipy.linalg import eigh

    laplacian = np.diag(graph.sum(axis=1)) - graph
    most = min(MOST_SPEAKERS, len(graph) - 1)
    values, eigenvectors = eigh(laplacian, subset_by_index=(0, most))
    number = min(speakers or int(np.argmax(np.diff(values[: most + 1]))) + 1, len(graph))
    labels = _kmeans(eigenvectors[:, :number], number)
    for more in range(number + 1, most + 1) if speakers is None else ():
        finer = _kmeans(eigenvectors[:, :more], more)
        if int(finer.max()) + 1 == more and all(_apart(graph, finer, a, b) for a in range(more) for b in range(a)):
            labels = finer
    return labels


def _apart(graph: NDArray[np.float64], labels: NDArray[np.int64], a: int, b: int) -> bool:
    """Whether two clusters are large enough to tell and hang together with each other hardly at all.

    The measure is the conductance of the cut between them: the affinities across over those of the looser side.
    """
    import numpy as np

    first, second = labels == a, labels == b
    if min(first.sum(), second.sum()) < max(_ENOUGH, _ENOUGH_SHARE * len(labels)):
        return False
    across = graph[np.ix_(first, second)].sum()
    inside = min(graph[np.ix_(first, first)].sum(), graph[np.ix_(second, second)].sum())
    return bool(across < _LOOSE * (inside + across))


def _kmeans(points: NDArray[np.float64], number: int) -> NDArray[np.int64]:
    """The tightest of a few attempts that filled every cluster; fewer clusters when there are too few different points."""
    import numpy as np
    from scipy.cluster.vq import ClusterError, kmeans2

    tightest, best = np.inf, np.zeros(len(points), np.int64)
    for seed in range(_ATTEMPTS if number > 1 else 0):
        try:
            centres, labels = kmeans2(
                points, number, minit="++", rng=np.random.default_rng(seed), iter=50, missing="raise"
            )
        except ClusterError:
            continue
        spread = float(((points - centres[labels]) ** 2).sum())
        if spread < tightest - 1e-12:
            tightest, best = spread, np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)
    return best if number == 1 or np.isfinite(tightest) else _kmeans(points, number - 1)


def _centres(vectors: NDArray[np.float32], labels: NDArray[np.int64], number: int) -> NDArray[np.float32]:
    import numpy as np

    sums = np.stack([vectors[labels == k].sum(axis=0) for k in range(number)])
    return np.asarray(sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _merged(vectors: NDArray[np.float32], labels: NDArray[np.int64], graph: NDArray[np.float64]) -> NDArray[np.float32]:
    """Joins the closest pair of centres until none are one voice, then drops clusters too small to be a speaker."""
    import numpy as np

    while True:
        number = int(labels.max()) + 1
        centres = _centres(vectors, labels, number)
        closeness = centres @ centres.T
        pairs = [(closeness[a, b], a, b) for a in range(number) for b in range(a)]
        same = [p for p in pairs if p[0] >= (_HARDLY_TWO if _apart(graph, labels, p[1], p[2]) else _SAME_VOICE)]
        if not same:
            break
        _, a, b = max(same)
        labels = np.where(labels == a, b, labels)
        labels = np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)
    sizes = np.bincount(labels, minlength=len(centres))
    large = sizes >= max(2, _SMALLEST * len(labels))
    return centres[large] if large.any() else centres[:1]
