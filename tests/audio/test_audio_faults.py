"""What decoding does when the machine lets it down: no space, no folder, a source that breaks, a meeting of hours."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from recordings import WAV, tone, write

from signals.audio import decode, probe
from signals.audio.container import _Source
from signals.domain.errors import AudioError

pytestmark = pytest.mark.faults


class Space(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    return write(tmp_path / "a.wav", WAV, tone(20.0, WAV.rate))


def refused(recording: Path, target: Path) -> AudioError:
    with pytest.raises(AudioError) as caught:
        decode(recording, probe(recording), target, lambda done: None)
    assert not os.path.lexists(target)
    return caught.value


@contextlib.contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_from_the_start(recording: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.raw"
    target.symlink_to("/dev/full")
    error = refused(recording, target)
    assert error.code == "disk_full"
    assert "--work-dir" in error.remedy


def test_a_disk_that_fills_up_on_the_way(recording: Path, tmp_path: Path) -> None:
    with files_no_larger_than(200_000):
        assert refused(recording, tmp_path / "a.raw").code == "disk_full"


def test_too_little_space_is_said_before_work_begins(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: Space(10**9, 10**9, 1000))
    assert refused(recording, tmp_path / "a.raw").code == "disk_full"


@pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="only root can mount a file system")
def test_a_tiny_file_system(recording: Path, tmp_path: Path) -> None:
    tiny = tmp_path / "tiny"
    tiny.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(tiny)]
    mounted = subprocess.run(mount, check=False, capture_output=True)
    if mounted.returncode:
        pytest.skip("this container may not mount")
    try:
        assert refused(recording, tiny / "a.raw").code == "disk_full"
    finally:
        subprocess.run(["umount", str(tiny)], check=True)


def test_a_folder_that_is_not_there(recording: Path, tmp_path: Path) -> None:
    assert refused(recording, tmp_path / "gone" / "a.raw").code == "cannot_write"


def test_a_drive_that_goes_away_while_it_is_read(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(self: Any, handle: Any) -> None:
        def read(size: int) -> bytes:
            if handle.tell() > 300_000:
                raise OSError(5, "Input/output error")
            content: bytes = handle.read(size)
            return content

        self._handle, self.tell, self.read = handle, handle.tell, read

    info = probe(recording)
    monkeypatch.setattr(_Source, "__init__", failing)
    with pytest.raises(AudioError) as caught:
        decode(recording, info, tmp_path / "a.raw", lambda done: None)
    assert caught.value.code == "unreadable"
    assert not (tmp_path / "a.raw").exists()


_PEAK = """
import resource, sys
from pathlib import Path
from signals.audio import channel_layout, decode, probe
path = Path(sys.argv[1])
waveform, _ = decode(path, probe(path), path.with_suffix(".raw"), lambda done: None)
channel_layout(waveform)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_megabytes(path: Path, minutes: int) -> int:
    minute = (np.random.default_rng(0).normal(size=(60 * 8000, 2)) * 3000).astype("<i2").tobytes()
    with wave.open(str(path), "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(8000)
        for _ in range(minutes):
            target.writeframes(minute)
    done = subprocess.run([sys.executable, "-c", _PEAK, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_memory_does_not_grow_with_the_length_of_the_meeting(tmp_path: Path) -> None:
    short, long = peak_megabytes(tmp_path / "short.wav", 2), peak_megabytes(tmp_path / "long.wav", 60)
    assert long - short < 20, "an hour of this stereo sound is 230 MB once decoded"
