"""Compares ways to find buying signals on the same writers, and writes the tables of README.md beside it.

    python benchmarks/tagging/compare.py                about half an hour on two cores
    python benchmarks/tagging/compare.py --every 20     with a twentieth of the rows, to try it out; writes nothing

All learn from the customer rows of the training and validation writers and are scored on those of the test writers. The
encoder's vectors are kept under .cache beside this file.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import get_args

import numpy as np
from comparison_metrics import Interval, Tally, difference, false_per_100, macro_f1, tally
from numpy.typing import NDArray
from rivals import Learner, keyword_hits, learn, linear_svm, naive_bayes

from signals.api import load_catalogue, load_encoder
from signals.domain.catalogue import Catalogue
from signals.resources import corpus_dir, models_dir
from signals.tagging.corpus import Corpus, Row, Split, load_corpus
from signals.tagging.encoder import Vectors
from signals.tagging.features import Families, Featurizer
from signals.tagging.joining import join
from signals.tagging.lexicon import Lexicon, compile_lexicon
from signals.tagging.training import Trained, as_utterance, one_thread, train, truth_of

HERE = Path(__file__).resolve().parent
BEGIN, END = "<!-- measured -->", "<!-- end -->"
FAMILIES = {
    "words": Families(characters=False, pinyin=False),
    "characters": Families(words=False, pinyin=False),
    "words + characters + pinyin": Families(),
}
RIVALS: dict[str, Learner] = {"linear SVM, calibrated": linear_svm, "complement naive Bayes": naive_bayes}


@dataclass(frozen=True)
class Task:
    """The rows that everybody learns from and is scored on; all are customers'."""

    signals: tuple[str, ...]
    seen: tuple[Row, ...]
    met: frozenset[str]
    """Writers whom the encoder was taught on."""
    test: tuple[Row, ...]
    lexicon: Lexicon

    @cached_property
    def truth(self) -> NDArray[np.bool_]:
        """Of the rows that are seen, shape (rows, signals)."""
        return truth_of(self.seen, self.signals)

    @cached_property
    def keywords(self) -> NDArray[np.bool_]:
        """Where the test rows hold a keyword of the signal, shape (rows, signals)."""
        return keyword_hits(self.test, self.signals, HERE / "keywords.yaml")


@dataclass(frozen=True)
class Result:
    """Hits of one way on the test rows; None where it could not be measured."""

    features: str
    learner: str
    hits: NDArray[np.bool_] | None


def task_of(corpus: Corpus, catalogue: Catalogue, every: int) -> Task:
    """Customer rows; of `every` many only one."""
    learn_from, weigh_on, test = (
        tuple(r for r in corpus.part(split) if r.role == "customer")[::every] for split in get_args(Split)
    )
    return Task(
        signals=tuple(x for x in catalogue.ids("customer") if catalogue.label(x).is_signal),
        seen=(*learn_from, *weigh_on),
        met=frozenset(r.writer for r in learn_from),
        test=test,
        lexicon=compile_lexicon([t for term in catalogue.terms for t in (term.text, *term.aliases)]),
    )


def measure(task: Task) -> Iterator[Result]:
    """Every way, from the plainest on. The last that could be measured is the shipped tagger's."""
    yield Result("keywords", "rules", task.keywords)
    seen, test = ([as_utterance(r) for r in rows] for rows in (task.seen, task.test))
    for name, families in FAMILIES.items():
        featurizer = Featurizer(task.lexicon, families)
        names, unseen = featurizer.names(seen), featurizer.names(test)
        for title, learner in RIVALS.items():
            yield Result(name, title, learn(learner, names, task.truth, [r.writer for r in task.seen], unseen))
        del names, unseen
        words = train(task.seen, task.signals, featurizer)
        found = words.model.probabilities(featurizer, test)
        yield Result(name, "logistic regression", found >= words.model.thresholds)
    yield from _with_encoder(task, words, words.model.margins(featurizer, test))


def _with_encoder(task: Task, words: Trained, margins: NDArray[np.float64]) -> Iterator[Result]:
    """The encoder's vectors by themselves, and joined with the words as the product joins them."""
    vectors = _vectors(task)
    silent = replace(words, margins=np.zeros_like(words.margins))
    ways = (("vectors", silent, np.zeros_like(margins)), ("words + characters + pinyin + vectors", words, margins))
    unmet = np.array([r.writer not in task.met for r in task.seen])
    for name, beside, test_margins in ways:
        hits = None
        if vectors is not None:
            joined = join(beside, vectors[: len(task.seen)], unmet)
            hits = joined.model.probabilities(test_margins, vectors[len(task.seen) :]) >= joined.thresholds
        yield Result(name, "logistic regression", hits)


def _vectors(task: Task) -> Vectors | None:
    """Of the seen rows and then of the test rows; None where there is no encoder."""
    if not (models_dir() / "encoder.onnx").is_file():
        print("models/encoder.onnx is not there: what needs it is left out", flush=True)
        return None
    encoder = load_encoder()
    rows = (*task.seen, *task.test)
    digest = hashlib.sha256(encoder.version.encode())
    for row in rows:
        digest.update(row.model_dump_json().encode())
    kept = HERE / ".cache" / f"{digest.hexdigest()[:16]}.npy"
    if kept.is_file():
        return np.asarray(np.load(kept, allow_pickle=False))
    found = encoder.vectors([as_utterance(r) for r in rows])
    kept.parent.mkdir(exist_ok=True)
    np.save(kept, found)
    return found


def tables(task: Task, results: Sequence[Result]) -> str:
    """Markdown: all test rows, and where no keyword tells."""
    truth = truth_of(task.test, task.signals)
    neutral = np.array([not r.labels for r in task.test])
    writers = [r.writer for r in task.test]
    untold = ~task.keywords

    def counts(result: Result, where: NDArray[np.bool_]) -> Tally | None:
        return None if result.hits is None else tally(result.hits & where, truth & where, neutral, writers)

    everywhere = np.ones_like(truth)
    whole, indirect = ([counts(r, where) for r in results] for where in (everywhere, untold))
    shipped = [c for c in whole if c is not None][-1]
    lines = [
        f"{len(task.seen)} customer rows of {len({r.writer for r in task.seen})} writers to learn from, "
        f"{len(task.test)} of {len(set(writers))} others to be scored on; {int(truth.sum())} signals in them, "
        f"{int((truth & untold).sum())} of which ({(truth & untold).sum() / truth.sum():.0%}) hold no keyword of "
        f"their own; {int(neutral.sum())} rows without any label.",
        "",
        "| features | learner | macro-F1 | less than the last line by | false in 100 | indirect: macro-F1 | indirect: false in 100 |",
        "|---|---|---|---|---|---|---|",
    ]
    for result, mine, hidden in zip(results, whole, indirect, strict=True):
        if mine is None or hidden is None:
            cells = ["not measured: no models/encoder.onnx", *[""] * 4]
        else:
            behind = "" if mine is shipped else _shown(difference(shipped, mine), 3)
            cells = [_shown(macro_f1(mine), 3), behind, _shown(false_per_100(mine), 1)]
            cells += [_shown(macro_f1(hidden), 3), _shown(false_per_100(hidden), 1)]
        lines.append(f"| {result.features} | {result.learner} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _shown(figure: Interval, digits: int) -> str:
    return f"{figure.value:.{digits}f} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def main() -> None:
    """Measures, prints, and puts the tables into README.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="use one row of N; README.md stays as it is")
    every = parser.parse_args().every
    task = task_of(load_corpus(corpus_dir()), load_catalogue(), every)
    results = []
    with one_thread():
        for result in measure(task):
            results.append(result)
            print(f"measured: {result.features}, {result.learner}", flush=True)
    text = tables(task, results)
    print(text)
    if every == 1:
        readme = HERE / "README.md"
        head, rest = readme.read_text(encoding="utf-8").split(BEGIN)
        readme.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
