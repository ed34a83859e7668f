"""Counts the repairs made in text that nobody misheard: every one is false, or puts right what the writer misspelt.

python benchmarks/hearing/false_repairs.py [FILE.jsonl ...]     rows with a "text"; without files the whole corpus

The corpus also holds rows that a recogniser heard, without a "text": they are passed over.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from signals.api import load_rewriter, load_tagger
from signals.asr.wording import TranscriptRewriter
from signals.resources import corpus_dir


def texts(path: Path) -> Iterator[str]:
    """The texts of those rows of a file that have one."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line) if line.strip() else {}
        if "text" in row:
            yield row["text"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files or sorted(corpus_dir().glob("*/*.jsonl"))
    rewriter = load_rewriter(load_tagger())
    assert isinstance(rewriter, TranscriptRewriter)
    repairer = rewriter.load()
    rows = characters = repairs = 0
    for path in files:
        for text in texts(path):
            found = repairer.find(text)
            rows, characters, repairs = rows + 1, characters + len(text), repairs + len(found)
            for r in found:
                print(f"{path.stem}\t{text[r.start : r.end]} -> {r.term}\t{text[max(0, r.start - 8) : r.end + 8]}")
    print(
        f"\n{repairs} repairs in {rows} texts of {characters} characters: {1000 * repairs / max(1, rows):.1f} in a thousand"
    )


if __name__ == "__main__":
    main()
