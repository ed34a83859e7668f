"""A file that can't be used gives one clear error in Chinese, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import struct
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import FLAC, KINDS, M4A, MP3, WAV, Kind, tone, write, write_silent_video

from signals.audio import DecodeLimits, compress, decode, probe
from signals.domain.errors import AudioError


def refusal(path: Path) -> AudioError:
    """The error that the file gets, after checking that it speaks Chinese and that no samples are left."""
    target = path.parent / "left-over.raw"
    with pytest.raises(AudioError) as caught:
        decode(path, probe(path), target, lambda done: None)
    assert not target.exists()
    assert re.search("[一-鿿]", caught.value.message)
    assert re.search("[一-鿿]", caught.value.remedy)
    return caught.value


def test_a_missing_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "没有.wav").code == "not_found"


def test_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path).code == "not_a_file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_refused_rather_than_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    assert refusal(tmp_path / "pipe.wav").code == "not_a_file"


def test_a_name_that_no_disk_can_hold(tmp_path: Path) -> None:
    assert refusal(tmp_path / ("长" * 200 + ".wav")).code == "unreadable"
    assert refusal(tmp_path / "a\0b.wav").code == "not_found"


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.touch()
    assert refusal(path).code == "empty"


@pytest.mark.parametrize(
    "content",
    [b"<!doctype html><html><body>404</body></html>", "会谈纪要：客户询问利率。".encode() * 50, bytes(range(256)) * 40],
    ids=["a web page", "text", "bytes"],
)
def test_something_else_named_mp3(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "会谈.mp3"
    path.write_bytes(content)
    assert refusal(path).code == "not_audio"


def test_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "会谈.m4a"
    with av.open(str(path), "w", format="image2") as target:
        stream = target.add_stream("png", rate=1)
        stream.width = stream.height = 16
        stream.pix_fmt = "rgb24"
        target.mux(stream.encode(av.VideoFrame(16, 16, "rgb24")))
        target.mux(stream.encode(None))
    assert refusal(path).code == "not_audio"


def test_a_video_without_sound(tmp_path: Path) -> None:
    assert refusal(write_silent_video(tmp_path / "a.mp4")).code == "no_audio_stream"


@pytest.mark.parametrize("kind", [WAV, MP3, M4A], ids=["wav", "mp3", "m4a"])
def test_a_silent_recording(kind: Kind, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{kind.suffix}", kind, np.zeros(kind.rate * 3))
    assert refusal(path).code == "silent"


def test_under_a_second(tmp_path: Path) -> None:
    error = refusal(write(tmp_path / "a.wav", WAV, tone(0.7, WAV.rate)))
    assert error.code == "too_short"
    assert "0.7 秒" in error.message


def test_longer_than_a_day_of_meetings(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(5.0, WAV.rate))
    with pytest.raises(AudioError) as caught:
        decode(path, probe(path), tmp_path / "a.raw", lambda done: None, DecodeLimits(longest=3.0))
    assert caught.value.code == "too_long"
    assert not (tmp_path / "a.raw").exists()


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(2.0, WAV.rate))

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "open", deny)
    assert refusal(path).code == "no_permission"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission_on_a_real_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(2.0, WAV.rate))
    path.chmod(0)
    assert refusal(path).code == "no_permission"


def test_an_impossible_sampling_rate(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(2.0, WAV.rate))
    header = bytearray(path.read_bytes())
    header[24:28] = struct.pack("<I", 2_000_000_000)
    path.write_bytes(header)
    assert refusal(path).code == "bad_header"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.wav\n#EXT-X-ENDLIST\n"),
        ("list.mp3", "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:secret.wav\n#EXT-X-ENDLIST\n"),
        ("list.ffconcat", "ffconcat version 1.0\nfile secret.wav\n"),
        ("list.wav", "ffconcat version 1.0\nfile secret.wav\n"),
        ("list.sdp", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n"),
    ],
)
def test_a_playlist_that_points_at_another_file(
    name: str, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "secret.wav", WAV, tone(2.0, WAV.rate))
    (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert refusal(Path(name)).code == "not_audio"


@pytest.mark.parametrize("name", ["wav, 24 bit", "wav, A-law telephone", "mp3", "flac", "webm"])
def test_a_recording_that_was_cut_off_is_used_as_far_as_it_goes_and_said_to_be_broken(
    name: str, tmp_path: Path
) -> None:
    kind = KINDS[name]
    path = write(tmp_path / f"a{kind.suffix}", kind, tone(20.0, kind.rate))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    waveform, broken = decode(path, probe(path), tmp_path / "a.raw", lambda done: None)
    assert broken
    assert 9.0 < waveform.duration < 13.0
    assert compress(path)


@pytest.mark.parametrize("name", ["m4a", "mp4 with video", "mov with video"])
def test_a_recording_that_lost_its_index_is_said_to_be_incomplete(name: str, tmp_path: Path) -> None:
    kind = KINDS[name]
    path = write(tmp_path / f"a{kind.suffix}", kind, tone(5.0, kind.rate))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 6 // 10])
    assert refusal(path).code == "truncated"


@pytest.mark.parametrize("kind", [WAV, MP3, M4A, FLAC], ids=["wav", "mp3", "m4a", "flac"])
def test_a_recording_cut_off_in_its_header(kind: Kind, tmp_path: Path) -> None:
    path = write(tmp_path / f"a{kind.suffix}", kind, tone(5.0, kind.rate))
    path.write_bytes(path.read_bytes()[:60])
    assert refusal(path).code in {"not_audio", "truncated", "bad_header"}


def test_a_header_written_before_the_length_was_known_is_not_damage(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(5.0, WAV.rate))
    streamed = bytearray(path.read_bytes())
    data = streamed.index(b"data")
    streamed[4:8] = streamed[data + 4 : data + 8] = b"\xff\xff\xff\xff"
    path.write_bytes(streamed)
    waveform, broken = decode(path, probe(path), tmp_path / "a.raw", lambda done: None)
    assert waveform.duration == pytest.approx(5.0, abs=0.1)
    assert not broken


def test_a_guessed_duration_is_no_promise(tmp_path: Path) -> None:
    kind = Kind(suffix=".mp3", codec="libmp3lame", container="mp3", options={"write_xing": "0"})
    path = write(tmp_path / "a.mp3", kind, tone(20.0, kind.rate))
    info = probe(path)
    assert info.duration is not None
    _, broken = decode(path, replace(info, duration=info.duration * 2), tmp_path / "a.raw", lambda done: None)
    assert not broken


def test_some_damage_in_the_middle_costs_only_its_own_place(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", MP3, tone(20.0, MP3.rate))
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 3000] = os.urandom(3000)
    path.write_bytes(damaged)
    waveform, _ = decode(path, probe(path), tmp_path / "a.raw", lambda done: None)
    assert waveform.duration > 18.0


def test_an_index_that_points_outside_the_file_prints_nothing_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kind = KINDS["wma"]
    path = write(tmp_path / "a.wma", kind, tone(2.0, kind.rate))
    damaged = bytearray(path.read_bytes()[:204])
    damaged[157:161] = b"\0"
    path.write_bytes(damaged)
    assert refusal(path).code == "not_audio"
    assert capfd.readouterr().err == ""


def test_a_codec_that_nobody_knows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", WAV, tone(2.0, WAV.rate))
    header = bytearray(path.read_bytes())
    header[20:22] = struct.pack("<H", 0x7ABC)
    path.write_bytes(header)
    assert refusal(path).code == "unknown_codec"


_SOURCES = [WAV, MP3, M4A, FLAC, KINDS["amr"], KINDS["ogg/opus"], KINDS["wma"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Whole recordings named 0, 1, 2, …"""
    folder = tmp_path_factory.mktemp("originals")
    for number, kind in enumerate(_SOURCES):
        write(folder / f"{number}{kind.suffix}", kind, tone(2.0, kind.rate)).rename(folder / str(number))
    return folder


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_damaged_bytes_give_sound_or_an_error_of_ours_and_nothing_else(data: st.DataObject, folder: Path) -> None:
    content = bytearray((folder / str(data.draw(st.integers(0, len(_SOURCES) - 1)))).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        near_start = data.draw(st.booleans())  # headers are where the interesting damage is
        at = data.draw(st.integers(0, (min(len(content), 200) if near_start else len(content)) - 1))
        content[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
    path, target = folder / "damaged", folder / "damaged.raw"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    target.unlink(missing_ok=True)
    try:
        waveform, _ = decode(path, probe(path), target, lambda done: None, DecodeLimits(longest=60.0))
    except AudioError:
        assert not target.exists()
    else:
        assert len(waveform.read(channel=0)) == waveform.frames
