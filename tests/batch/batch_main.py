"""`signals batch FOLDER OUTPUT [--watch]` with fake engines, as a program that can be killed. See jobs/fake_child.py."""

from __future__ import annotations

import sys
from pathlib import Path

import typer
from fake_child import engines

from signals.batch import Plan
from signals.cli import batch
from signals.cli.run import guarded
from signals.settings import Settings

if __name__ == "__main__":
    batch.LOOK = 0.5
    folder, output = map(Path, sys.argv[1:3])
    plan = Plan(folder=folder, output=output, audio=False)
    try:
        with guarded():
            batch.batch(plan, Settings(work_dir=folder.parent), stay="--watch" in sys.argv, load=engines)
    except typer.Exit as left:
        sys.exit(left.exit_code)
