"""A worker whose children have fake engines; the test starts and kills it. Settings come from the environment."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from signals.jobs.worker import Worker
from signals.settings import Settings

FAKE_CHILD = (sys.executable, str(Path(__file__).with_name("fake_child.py")))

if __name__ == "__main__":
    Worker(Settings(), FAKE_CHILD).start()
    threading.Event().wait()
