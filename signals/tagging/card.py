"""The model card: what the tagger was learnt from and how it does, written when it is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from signals.domain.catalogue import Catalogue
from signals.tagging.corpus import Corpus, Row
from signals.tagging.evaluation import Evaluation, LabelResult
from signals.tagging.store import Bundle

_WEAK = 0.7


def model_card(bundle: Bundle, corpus: Corpus, evaluation: Evaluation, plain: Evaluation, catalogue: Catalogue) -> str:
    """Markdown in English. Both evaluations are of the corpus's test writers; `plain` is of the words alone."""
    train, test = corpus.part("train"), corpus.part("test")
    weak = [r for r in (*evaluation.customer, *evaluation.manager) if r.support and r.f1 < _WEAK]
    return "\n".join(
        (
            "# Model card: tagger.skops",
            "",
            "Written by `signals train`; do not edit.",
            "",
            f"- Version `{bundle.version}` (a hash of the training rows, the glossary and the version of the features)",
            "- Words: one L2-regularised logistic regression a label over tf-idf of jieba words and word pairs, 1 to 3 characters, 2 to 4",
            "  toneless syllables, and the words of the turn before; each calibrated by a sigmoid on folds split by writer",
            f"- Meaning: one logistic regression a label over the vectors of encoder `{bundle.encoder or 'none'}` (models/encoder.onnx); words and",
            "  meaning are weighed, calibrated and given thresholds on the validation writers, whom the encoder never met",
            "- Thresholds: the highest recall at a precision of 0.85 or more; where that is out of reach, the highest F1",
            f"- Features: {len(bundle.customer.vocabulary)} (customer), {len(bundle.manager.vocabulary)} (manager), {len(bundle.roles.vocabulary)} (roles)",
            "- Use: finding moments to coach on in bank client meetings in Mandarin. Not for decisions on people.",
            "",
            "## Data",
            "",
            "Composed for this project by a language model in the voices that `data/corpus/writers.yaml` describes. No real customer is quoted.",
            "",
            "| part | writers | rows | customer | manager | spoken | typed | without a label |",
            "|---|---|---|---|---|---|---|---|",
            _counts("train", train),
            _counts("validation", corpus.part("validation")),
            _counts("test", test),
            "",
            f"## Scores on the {evaluation.writers} test writers",
            "",
            "No row of these writers was seen in training, in calibration or in the choice of thresholds.",
            "",
            f"- Macro-F1 over the buying signals: **{evaluation.signal_macro_f1:.3f}**; over the manager's labels: {evaluation.manager_macro_f1:.3f}",
            f"- False buying signals in 100 customer rows without any label: {evaluation.false_per_100_neutral:.1f}",
            f"- Expected calibration error: {evaluation.calibration_error:.4f}",
            f"- Role of a single spoken utterance told right: {evaluation.role_accuracy:.1%}",
            f"- Words alone (`--plain`): macro-F1 {plain.signal_macro_f1:.3f} and {plain.manager_macro_f1:.3f}, {plain.false_per_100_neutral:.1f} false signals in 100",
            "",
            *_table("Customer", evaluation.customer, catalogue),
            *_table("Manager", evaluation.manager, catalogue),
            "## Known failures",
            "",
            *(
                f"- `{r.label}` is weak: F1 {r.f1:.2f} on {r.support} test rows"
                for r in sorted(weak, key=lambda r: r.f1)
            ),
            "- Meaning that takes knowledge of the trade, or more than the turn before, is missed.",
            "- Irony and reported speech about third parties can be taken at their word.",
            "- The writers are invented; real customers differ. Score your own rows with `signals evaluate --data FILE`.",
            "",
        )
    )


def _counts(name: str, rows: Sequence[Row]) -> str:
    by = Counter(r.role for r in rows) + Counter(r.kind for r in rows)
    bare = sum(not r.labels for r in rows) / len(rows) if rows else 0.0
    return (
        f"| {name} | {len({r.writer for r in rows})} | {len(rows)} | {by['customer']} | {by['manager']} "
        f"| {by['spoken']} | {by['typed']} | {bare:.0%} |"
    )


def _table(title: str, results: Sequence[LabelResult], catalogue: Catalogue) -> list[str]:
    rows = [
        f"| `{r.label}` | {catalogue.label(r.label).name} | {r.support} | {r.precision:.2f} | {r.recall:.2f} | {r.f1:.2f} | {r.threshold:.3f} |"
        for r in results
    ]
    head = [
        f"### {title}",
        "",
        "| label | name | rows | precision | recall | F1 | threshold |",
        "|---|---|---|---|---|---|---|",
    ]
    return [*head, *rows, ""]
