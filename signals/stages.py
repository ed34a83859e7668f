"""Results of stages on disk, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from signals.domain.errors import OutputError
from signals.domain.report import StageRun

T = TypeVar("T")


@dataclass
class StageStore:
    """One JSON file a stage in `folder`, each with the key of what it was made from. Without a folder nothing is kept."""

    folder: Path | None
    runs: list[StageRun] = field(default_factory=list)

    def run(
        self, name: str, kind: type[T], parameters: Mapping[str, str], after: str, work: Callable[[], T]
    ) -> tuple[T, str]:
        """The stage's result, from disk when the same stage had the same input and parameters, else from `work`.

        `kind` is the type of the result, `after` the key of the stage it depends on. Returns result and own key.
        """
        from pydantic import TypeAdapter

        adapter: TypeAdapter[T] = TypeAdapter(kind)
        key = _key(name, parameters, after)
        began = time.monotonic()
        stored = self._read(name, key)
        result = adapter.validate_python(stored) if stored is not None else work()
        if stored is None:
            self._write(name, key, adapter.dump_python(result, mode="json"))
        version = parameters.get("version", "")
        shown = tuple((k, v) for k, v in sorted(parameters.items()) if k != "version")
        self.runs.append(StageRun(name, version, shown, round(time.monotonic() - began, 3), stored is not None))
        return result, key

    def timed(self, name: str, version: str, work: Callable[[], T]) -> T:
        """Runs a stage that is quicker than reading it back, and records that it ran."""
        began = time.monotonic()
        result = work()
        self.runs.append(StageRun(name, version, (), round(time.monotonic() - began, 3)))
        return result

    def _read(self, name: str, key: str) -> Any:
        if self.folder is None:
            return None
        try:
            record = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None  # absent or cut off: the stage is simply run again
        return record["result"] if isinstance(record, dict) and record.get("key") == key else None

    def _write(self, name: str, key: str, result: Any) -> None:
        if self.folder is None:
            return
        path = self.folder / f"{name}.json"
        temporary = path.with_suffix(".partial")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            temporary.write_text(json.dumps({"key": key, "result": result}, ensure_ascii=False), encoding="utf-8")
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise OutputError("cannot_write", "无法保存中间结果", "请检查输出文件夹的权限和磁盘空间") from None


def _key(name: str, parameters: Mapping[str, str], after: str) -> str:
    text = json.dumps([name, dict(parameters), after], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
