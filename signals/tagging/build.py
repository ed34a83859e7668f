"""Training everything the product ships, from corpus to files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError, OutputError
from signals.tagging import features, store
from signals.tagging.card import model_card
from signals.tagging.corpus import Corpus, Row, check_rows
from signals.tagging.encoder import UtteranceEncoder
from signals.tagging.evaluation import evaluate
from signals.tagging.features import Families, Featurizer
from signals.tagging.joining import join
from signals.tagging.lexicon import Lexicon, compile_lexicon
from signals.tagging.linear import LinearModel
from signals.tagging.meaning import MeaningModel
from signals.tagging.scoring import Scorer
from signals.tagging.store import Bundle
from signals.tagging.tagger import LinearTagger
from signals.tagging.training import as_utterance, one_thread, train

ROLE_LABEL = "manager"
_ROLES = {"customer": "客户", "manager": "客户经理"}


@dataclass(frozen=True, slots=True)
class Training:
    """What training gave: the models, and the thresholds of the tagger that uses all of them."""

    bundle: Bundle
    thresholds: dict[str, float]


def train_all(
    corpus: Corpus,
    catalogue: Catalogue,
    encoder: UtteranceEncoder | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Training:
    """Learns the customer's labels, the manager's labels and the roles from the corpus's training and validation writers.

    Without an encoder the models know words only. `say` receives the name of each step in Chinese as it starts. Raises
    `CorpusError` when a row's labels are not those of the catalogue, and when a role has fewer than two writers, which
    leaves nobody to choose thresholds on.
    """
    check_rows(corpus.rows, catalogue)
    rows = (*corpus.part("train"), *corpus.part("validation"))
    spoken = [r for r in rows if r.kind == "spoken"]
    _check_writers(rows, spoken)
    lexicon = compile_lexicon([t for term in catalogue.terms for t in (term.text, *term.aliases)])
    featurizer = Featurizer(lexicon)
    models: dict[str, LinearModel] = {}
    meaning: dict[str, MeaningModel] = {}
    thresholds: dict[str, float] = {}
    unmet_writers = {r.writer for r in corpus.part("validation")}
    with one_thread():
        for role in ("customer", "manager"):
            mine = [r for r in rows if r.role == role]
            say(f"训练{_ROLES[role]}标签：词句（{len(mine)} 条）")
            words = train(mine, catalogue.ids(role), featurizer)
            models[role] = words.model
            thresholds |= dict(zip(words.model.labels, words.model.thresholds.tolist(), strict=True))
            unmet = np.array([r.writer in unmet_writers for r in mine])
            if encoder is not None and unmet.any():
                say(f"训练{_ROLES[role]}标签：语义（{len(mine)} 条）")
                joined = join(words, encoder.vectors([as_utterance(r) for r in mine]), unmet)
                meaning[role] = joined.model
                thresholds |= dict(zip(words.model.labels, joined.thresholds.tolist(), strict=True))
        say(f"训练角色判断（{len(spoken)} 条）")
        roles = _train_roles(spoken, lexicon)
    bundle = Bundle(
        version=_version(rows, lexicon),
        lexicon=lexicon,
        customer=models["customer"],
        manager=models["manager"],
        roles=roles,
        meaning=meaning,
        encoder=encoder.version if encoder is not None and meaning else "",
    )
    return Training(bundle, {label: round(value, 3) for label, value in thresholds.items()})


def _check_writers(rows: Sequence[Row], spoken: Sequence[Row]) -> None:
    by_role = {name: [r for r in rows if r.role == role] for role, name in _ROLES.items()}
    for name, mine in (*((f"{n}标签", m) for n, m in by_role.items()), ("口语", spoken)):
        if len({r.writer for r in mine}) < 2:
            raise CorpusError("too_few_writers", f"语料中{name}的作者不足两位，无法训练", "请补充 data/corpus 下的语料")


def write(
    training: Training,
    corpus: Corpus,
    catalogue: Catalogue,
    encoder: UtteranceEncoder | None,
    models: Path,
    thresholds: Path,
) -> None:
    """Writes tagger.skops and its model card tagger.md into `models`, and the catalogue's thresholds.yaml.

    Raises `OutputError`.
    """
    store.save(training.bundle, models / "tagger.skops")
    body = yaml.safe_dump(training.thresholds, sort_keys=True, allow_unicode=True)
    note = (
        "# Written by `signals train`: for each label the calibrated probability from which a score is a hit.\n"
        "# Editing a number here takes effect at once, without training.\n"
    )
    _write_text(thresholds, note + body)
    shipped, tuned = store.load(models / "tagger.skops"), catalogue.with_thresholds(training.thresholds)
    scorers = Scorer(shipped, encoder if shipped.encoder else None), Scorer(shipped)
    scores, plain = (evaluate(LinearTagger(s, tuned), corpus.part("test")) for s in scorers)
    _write_text(models / "tagger.md", model_card(shipped, corpus, scores, plain, tuned))


def _write_text(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".partial")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise OutputError("cannot_write", f"无法写入 {path}", "请检查文件夹权限和磁盘空间") from None


def _train_roles(spoken: Sequence[Row], lexicon: Lexicon) -> LinearModel:
    """Manager or customer from the utterance alone; the previous turn would give it away in a written corpus."""
    featurizer = Featurizer(lexicon, Families(previous=False))
    rows = [
        r.model_copy(update={"labels": (ROLE_LABEL,) if r.role == "manager" else (), "previous": ""}) for r in spoken
    ]
    return train(rows, (ROLE_LABEL,), featurizer).model


def _version(rows: Sequence[Row], lexicon: Lexicon) -> str:
    digest = hashlib.sha256(f"features {features.VERSION}\n".encode())
    for row in rows:
        digest.update(row.model_dump_json().encode())
    digest.update(lexicon.words.encode())
    digest.update(lexicon.frequencies.tobytes())
    digest.update(f"{lexicon.characters} {' '.join(lexicon.syllables)}".encode())
    return digest.hexdigest()[:12]
