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
_SMALLEST = 0.02
"""Share of windows under which a cluster is noise rather than a speaker, when the number is not known."""


def cluster(embeddings: NDArray[np.float32], speakers: int | None) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Labels of shape (windows,) and unit centres of shape (speakers, dimensions).

    `embeddings` are unit vectors. With `speakers` None their number is estimated by the largest gap between
    eigenvalues, then centres of the same voice are merged. The same input gives the same answer.
    """
    import numpy as np

    count = len(embeddings)
    if speakers == 1 or count < 4:
        return np.zeros(count, np.int64), _centres(embeddings, np.zeros(count, np.int64), 1)
    sample = np.unique(np.linspace(0, count - 1, min(count, _SAMPLE)).round().astype(int))
    labels = _spectral(embeddings[sample], speakers)
    centres = _centres(embeddings[sample], labels, int(labels.max()) + 1)
    if speakers is None:
        centres = _merged(embeddings[sample], labels, centres)
    return np.asarray((embeddings @ centres.T).argmax(axis=1), dtype=np.int64), centres


def _spectral(vectors: NDArray[np.float32], speakers: int | None) -> NDArray[np.int64]:
    import numpy as np
    from scipy.linalg import eigh

    affinity = np.clip(vectors @ vectors.T, 0, None).astype(np.float64)
    np.fill_diagonal(affinity, 0.0)
    keep = min(len(vectors) - 1, max(_KEEP_LEAST, round(_KEEP * len(vectors))))
    weakest = np.partition(affinity, -keep, axis=1)[:, -keep][:, None]
    pruned = np.where(affinity >= weakest, affinity, 0.0)
    pruned = (pruned + pruned.T) / 2
    laplacian = np.diag(pruned.sum(axis=1)) - pruned
    most = min(MOST_SPEAKERS, len(vectors) - 1)
    values, eigenvectors = eigh(laplacian, subset_by_index=(0, most))
    number = speakers or int(np.argmax(np.diff(values[: most + 1]))) + 1
    number = min(number, len(vectors))
    if number == 1:
        return np.zeros(len(vectors), np.int64)
    return _kmeans(eigenvectors[:, :number], number)


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


def _merged(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], centres: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Joins the closest pair of centres until none are one voice, then drops clusters too small to be a speaker."""
    import numpy as np

    labels = labels.copy()
    while len(centres) > 1:
        closeness = centres @ centres.T - 2 * np.eye(len(centres), dtype=np.float32)
        a, b = np.unravel_index(int(closeness.argmax()), closeness.shape)
        if closeness[a, b] < _SAME_VOICE:
            break
        labels[labels == max(a, b)] = min(a, b)
        labels = np.asarray(np.unique(labels, return_inverse=True)[1], dtype=np.int64)
        centres = _centres(vectors, labels, int(labels.max()) + 1)
    sizes = np.bincount(labels, minlength=len(centres))
    large = sizes >= max(2, _SMALLEST * len(labels))
    return centres[large] if large.any() else centres[:1]
