"""Training everything the product ships, from corpus to files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from signals.domain.catalogue import Catalogue
from signals.domain.errors import CorpusError, OutputError
from signals.tagging import features, store
from signals.tagging.card import model_card
from signals.tagging.corpus import Corpus, Row, check_rows
from signals.tagging.evaluation import evaluate
from signals.tagging.features import Families, Featurizer
from signals.tagging.lexicon import Lexicon, compile_lexicon
from signals.tagging.linear import LinearModel
from signals.tagging.store import Bundle
from signals.tagging.training import Trained, fit_linear, one_thread, train

ROLE_LABEL = "manager"


@dataclass(frozen=True, slots=True)
class Training:
    """What training gave: the model and the thresholds that belong to it."""

    bundle: Bundle
    thresholds: dict[str, float]
    customer: Trained
    manager: Trained


def train_all(corpus: Corpus, catalogue: Catalogue, say: Callable[[str], None] = lambda _: None) -> Training:
    """Learns the customer's labels, the manager's labels and the roles from the corpus's training writers.

    `say` receives the name of each step in Chinese as it starts. Raises `CorpusError` when a row's labels are not those
    of the catalogue, and when a role has fewer than two writers, which leaves nobody to choose thresholds on.
    """
    check_rows(corpus.rows, catalogue)
    rows = corpus.part("train")
    by_customers, by_managers = ([r for r in rows if r.role == role] for role in ("customer", "manager"))
    spoken = [r for r in rows if r.kind == "spoken"]
    for mine, name in ((by_customers, "客户标签"), (by_managers, "客户经理标签"), (spoken, "口语")):
        if len({r.writer for r in mine}) < 2:
            raise CorpusError("too_few_writers", f"语料中{name}的作者不足两位，无法训练", "请补充 data/corpus 下的语料")
    lexicon = compile_lexicon([t for term in catalogue.terms for t in (term.text, *term.aliases)])
    featurizer = Featurizer(lexicon)
    with one_thread():
        say(f"训练客户标签（{len(by_customers)} 条）")
        customer = train(by_customers, catalogue.ids("customer"), featurizer)
        say(f"训练客户经理标签（{len(by_managers)} 条）")
        manager = train(by_managers, catalogue.ids("manager"), featurizer)
        say(f"训练角色判断（{len(spoken)} 条）")
        roles = _train_roles(spoken, lexicon)
    bundle = Bundle(_version(rows, lexicon), lexicon, customer.model, manager.model, roles)
    return Training(bundle, {**customer.thresholds, **manager.thresholds}, customer, manager)


def write(training: Training, corpus: Corpus, catalogue: Catalogue, models: Path, thresholds: Path) -> None:
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
    scores = evaluate(shipped, corpus.part("test"), tuned)
    _write_text(models / "tagger.md", model_card(shipped, corpus, scores, tuned))


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
    return fit_linear(rows, (ROLE_LABEL,), featurizer)


def _version(rows: Sequence[Row], lexicon: Lexicon) -> str:
    digest = hashlib.sha256(f"features {features.VERSION}\n".encode())
    for row in rows:
        digest.update(row.model_dump_json().encode())
    digest.update(lexicon.words.encode())
    digest.update(lexicon.frequencies.tobytes())
    digest.update(f"{lexicon.characters} {' '.join(lexicon.syllables)}".encode())
    return digest.hexdigest()[:12]
