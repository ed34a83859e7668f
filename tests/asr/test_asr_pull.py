"""Fetching a model from a mirror of the hub, for which a server on this machine stands in."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "Systran/faster-whisper-tiny"
FILES = {
    "model.bin": b"weights" * 1000,
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"",
    "README.md": b"not wanted",
}
_PULL = """
import sys
from pathlib import Path
from signals.asr.model_files import pull, verify
model = pull("tiny", Path(sys.argv[1]))
print(",".join(sorted(verify(model))))
"""


class _Hub(BaseHTTPRequestHandler):
    asked: list[str]

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        self.asked.append(self.path)
        path = self.path.partition("?")[0]
        if path.startswith(f"/api/models/{REPOSITORY}"):
            answer = _tree() if "/tree/" in path else _information()
            return self._send(200, json.dumps(answer).encode(), with_body, "application/json")
        content = FILES.get(path.rpartition("/")[2])
        if not path.startswith(f"/{REPOSITORY}/resolve/{COMMIT}/") or content is None:
            return self._send(404, b"", with_body)
        return self._send(200, content, with_body)

    def _send(self, status: int, content: bytes, with_body: bool, kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if with_body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


def _information() -> object:
    return {"id": REPOSITORY, "sha": COMMIT, "siblings": [{"rfilename": name} for name in FILES]}


def _tree() -> object:
    return [
        {
            "type": "file",
            "path": name,
            "size": len(content),
            "oid": hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        }
        for name, content in FILES.items()
    ]


@pytest.fixture
def mirror() -> Iterator[tuple[str, list[str]]]:
    """Address of the mirror, and the paths that it was asked for."""
    asked: list[str] = []
    handler = type("Hub", (_Hub,), {"asked": asked})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def pulled(store: Path, endpoint: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-c", _PULL, str(store)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def test_a_model_comes_from_the_mirror_that_the_environment_names(
    mirror: tuple[str, list[str]], tmp_path: Path
) -> None:
    endpoint, asked = mirror
    done = pulled(tmp_path, endpoint)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "config.json,model.bin,tokenizer.json,vocabulary.txt"
    assert (tmp_path / "tiny" / "model.bin").read_bytes() == FILES["model.bin"]
    assert not (tmp_path / "tiny" / "README.md").exists()
    assert asked


def test_a_mirror_that_is_not_there_gives_one_clear_error(tmp_path: Path) -> None:
    done = pulled(tmp_path, "http://127.0.0.1:9")
    assert done.returncode != 0
    assert "下载模型失败" in done.stderr
    assert "HF_ENDPOINT" in done.stderr
