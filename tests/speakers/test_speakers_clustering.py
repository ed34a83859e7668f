"""Clustering on synthetic voices: unit vectors around a centre for each speaker."""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from signals.speakers.clustering import MOST_SPEAKERS, cluster

DIMENSIONS = 192


def voices(sizes: list[int], *, noise: float = 0.9, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Windows of each speaker in turns of ten, and who speaks in each. `noise` 0.9 gives cosines of 0.55 within a voice."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(len(sizes), DIMENSIONS))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    truth = np.concatenate([np.full(size, speaker) for speaker, size in enumerate(sizes)])
    truth = truth[np.argsort(np.concatenate([np.linspace(0, 1, size) for size in sizes]), kind="stable")]
    noisy = centres[truth] + rng.normal(size=(len(truth), DIMENSIONS)) * noise / np.sqrt(DIMENSIONS)
    return (noisy / np.linalg.norm(noisy, axis=1, keepdims=True)).astype(np.float32), truth


def purity(labels: NDArray[np.int64], truth: NDArray[np.int64]) -> float:
    """Share of windows whose cluster's commonest speaker is theirs, 0..1."""
    return float(sum(np.bincount(truth[labels == k]).max() for k in np.unique(labels)) / len(truth))


@pytest.mark.parametrize("known", [True, False], ids=["number known", "number unknown"])
@pytest.mark.parametrize("sizes", [[150, 150], [100, 100, 100], [80, 80, 80, 80], [300, 60], [200, 40, 40]])
def test_each_voice_becomes_one_cluster(sizes: list[int], known: bool) -> None:
    embeddings, truth = voices(sizes)
    labels, centres = cluster(embeddings, len(sizes) if known else None)
    assert len(np.unique(labels)) == len(centres) == len(sizes)
    assert purity(labels, truth) > 0.99


@pytest.mark.parametrize("third", [40, 100])
def test_two_voices_that_are_much_alike_are_told_apart_beside_a_third(third: int) -> None:
    noise = 0.5
    embeddings, truth = voices([120, third], noise=noise)
    rng = np.random.default_rng(3)
    second = embeddings[truth == 1].mean(axis=0)
    like = 0.87 * second / np.linalg.norm(second) + 0.49 * rng.normal(size=DIMENSIONS) / np.sqrt(DIMENSIONS)
    near = like + rng.normal(size=(90, DIMENSIONS)) * noise / np.sqrt(DIMENSIONS)
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    everybody = np.concatenate([embeddings, near]).astype(np.float32)
    labels, _ = cluster(everybody, None)
    assert len(np.unique(labels)) == 3
    assert purity(labels, np.concatenate([truth, np.full(90, 2)])) > 0.97


@pytest.mark.parametrize("seed", range(5))
def test_one_voice_stays_one(seed: int) -> None:
    labels, centres = cluster(voices([200], seed=seed)[0], None)
    assert len(centres) == 1
    assert not labels.any()


def test_one_speaker_when_the_user_says_so() -> None:
    labels, centres = cluster(voices([50, 50])[0], 1)
    assert len(centres) == 1
    assert not labels.any()


def test_centres_are_of_unit_length() -> None:
    _, centres = cluster(voices([50, 50, 50])[0], 3)
    assert np.allclose(np.linalg.norm(centres, axis=1), 1, atol=1e-5)


def test_the_same_input_gives_the_same_answer() -> None:
    embeddings, _ = voices([90, 60, 30], noise=1.3)
    first, again = cluster(embeddings, None), cluster(embeddings, None)
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])


def test_a_few_odd_windows_are_no_speaker() -> None:
    embeddings, _ = voices([200, 150])
    coughs = np.random.default_rng(9).normal(size=(3, DIMENSIONS))
    embeddings[[20, 90, 222]] = coughs / np.linalg.norm(coughs, axis=1, keepdims=True)
    assert len(cluster(embeddings, None)[1]) == 2


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("speakers", [None, 1, 2, 5, MOST_SPEAKERS])
def test_very_few_windows_are_no_fault(count: int, speakers: int | None) -> None:
    labels, centres = cluster(voices([count])[0], speakers)
    assert labels.shape == (count,)
    assert 1 <= len(centres) <= max(1, min(count, speakers or MOST_SPEAKERS))


@settings(max_examples=40, deadline=None)
@given(
    different=st.integers(1, 4),
    copies=st.integers(1, 30),
    speakers=st.none() | st.integers(1, MOST_SPEAKERS),
    seed=st.integers(0, 99),
)
def test_windows_that_are_exactly_alike_are_no_fault(
    different: int, copies: int, speakers: int | None, seed: int
) -> None:
    embeddings = np.repeat(voices([different], seed=seed)[0], copies, axis=0)
    labels, centres = cluster(embeddings, speakers)
    assert labels.shape == (different * copies,)
    assert set(labels) <= set(range(len(centres)))


def test_a_day_of_windows_takes_bounded_time_and_memory() -> None:
    embeddings, truth = voices([12_000, 8_000])
    cluster(embeddings[:200], 2)  # libraries loaded
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    labels, _ = cluster(embeddings, None)
    assert purity(labels, truth) > 0.99
    assert time.process_time() - began < 30
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 400, "all pairs would take 3 GB"
