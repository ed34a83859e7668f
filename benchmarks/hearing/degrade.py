"""Makes clean recordings hard to hear, in ways that meetings are: plain functions, and a command that applies them to a folder.

    python benchmarks/hearing/degrade.py CLEAN_FOLDER OUT_FOLDER [--only far telephone ...]

Each recording of CLEAN_FOLDER has its reference beside it (see measure.py). OUT_FOLDER gets NAME.KIND.wav and NAME.KIND.jsonl.
The same input gives the same output.
"""

from __future__ import annotations

import argparse
import itertools
import json
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the reference. Seconds."""

    start: float
    end: float
    row: dict[str, Any]
    """The reference's other fields: speaker, role, text, labels."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Mono sound at 16 kHz, -1..1, and who says what in it."""

    sound: Samples
    lines: tuple[Line, ...]
    rate: int = RATE
    """Hz at which it is written."""


def far(meeting: Meeting) -> Meeting:
    """A microphone at the far end of a room: 0.5 s of reverberation, the direct sound weak, treble lost, air conditioning."""
    from scipy.signal import butter, fftconvolve, sosfilt

    rng = np.random.default_rng(11)
    length = round(0.5 * RATE)
    tail = rng.normal(size=length) * np.exp(-6.9 * np.arange(length) / length)
    tail *= 1.2 / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    wet = fftconvolve(meeting.sound, tail)[: len(meeting.sound)]
    dull = sosfilt(butter(2, 4000, "low", fs=RATE, output="sos"), wet)
    return replace(meeting, sound=_levelled(_with_noise(dull, _pink(len(dull), rng), 20.0)))


def telephone(meeting: Meeting) -> Meeting:
    """300 to 3400 Hz at 8 kHz, through 8-bit mu-law."""
    from scipy.signal import butter, resample_poly, sosfilt

    band = sosfilt(butter(6, (300, 3400), "band", fs=RATE, output="sos"), meeting.sound)
    narrow = _levelled(resample_poly(band, 1, 2))
    curve = np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log(256)
    coarse = np.round(curve * 127) / 127
    return replace(
        meeting, sound=_float(np.sign(coarse) * np.expm1(np.abs(coarse) * np.log(256)) / 255), rate=RATE // 2
    )


def cafe(meeting: Meeting) -> Meeting:
    """A café at 10 dB: six unintelligible talkers made of the meeting itself played backwards, cups, and a hum of voices."""
    rng = np.random.default_rng(12)
    size = len(meeting.sound)
    babble = sum((np.roll(meeting.sound[::-1], int(rng.integers(size))) for _ in range(6)), np.zeros(size, np.float32))
    cups = np.zeros(size)
    for at in rng.integers(0, max(1, size - 4000), size // (3 * RATE)):
        cups[at : at + 4000] += rng.normal(size=4000) * np.exp(-np.arange(4000) / 300)
    noise = babble / (babble.std() + 1e-9) + 0.3 * _pink(size, rng) + 0.5 * cups
    return replace(meeting, sound=_levelled(_with_noise(meeting.sound, noise, 10.0)))


def fast(meeting: Meeting, speed: float = 1.3) -> Meeting:
    """Everybody talks 1.3 times as fast at the same pitch (overlap-add of the best fitting pieces, WSOLA)."""
    sound = _stretched(meeting.sound, speed)
    lines = tuple(Line(x.start / speed, x.end / speed, x.row) for x in meeting.lines)
    return replace(meeting, sound=sound, lines=lines)


def overlapping(meeting: Meeting) -> Meeting:
    """Every third change of speaker comes 0.6 s before the other one has finished."""
    return _laid_out(meeting, lambda number, gap: -0.6 if number % 3 == 2 else gap)


def silences(meeting: Meeting) -> Meeting:
    """After every eighth line nobody says anything for 40 s; only the room is heard."""
    return _laid_out(meeting, lambda number, gap: 40.0 if number % 8 == 7 else gap)


def on_hold(meeting: Meeting) -> Meeting:
    """After every twelfth line 30 s of music on hold."""
    return _laid_out(meeting, lambda number, gap: 30.0 if number % 12 == 11 else gap, music=20.0)


def repeated(meeting: Meeting, minutes: float) -> Meeting:
    """The meeting again and again, as often as fits whole, at least `minutes` long."""
    length = len(meeting.sound) / RATE
    times = int(np.ceil(minutes * 60 / length))
    lines = tuple(Line(x.start + i * length, x.end + i * length, x.row) for i in range(times) for x in meeting.lines)
    return replace(meeting, sound=np.tile(meeting.sound, times), lines=lines)


KINDS: dict[str, Callable[[Meeting], Meeting]] = {
    "far": far,
    "telephone": telephone,
    "cafe": cafe,
    "fast": fast,
    "overlap": overlapping,
    "silences": silences,
    "hold": on_hold,
}


def _laid_out(meeting: Meeting, gap: Callable[[int, float], float], music: float = float("inf")) -> Meeting:
    """The lines in their order with other gaps; gaps of `music` seconds and more are filled with music."""
    rng = np.random.default_rng(13)
    places, at, before = [], 0.5, 0.0
    for number, line in enumerate(meeting.lines):
        places.append(at)
        following = meeting.lines[number + 1].start if number + 1 < len(meeting.lines) else line.end + 0.5
        before = gap(number, max(0.05, following - line.end))
        at += line.end - line.start + before
    sound = rng.normal(0, 1e-4, round((at + 1.0) * RATE)).astype(np.float32)
    lines = []
    for place, line in zip(places, meeting.lines, strict=True):
        said = meeting.sound[round(line.start * RATE) : round(line.end * RATE)]
        first = round(place * RATE)
        sound[first : first + len(said)] += said
        lines.append(Line(place, place + line.end - line.start, line.row))
    for one, other in itertools.pairwise(lines):
        if other.start - one.end >= music:
            tune = _music(other.start - one.end - 1.0)
            first = round((one.end + 0.5) * RATE)
            sound[first : first + len(tune)] += tune
    return replace(meeting, sound=_levelled(sound), lines=tuple(lines))


def _music(seconds: float) -> Samples:
    """Chords of plucked tones with a melody over them, as a switchboard plays them."""
    chords = ((262, 330, 392), (220, 262, 330), (294, 349, 440), (196, 247, 294))
    time = np.arange(RATE // 2) / RATE
    sound = np.zeros(0)
    beat = 0
    while len(sound) < seconds * RATE:
        notes = (*chords[beat // 4 % 4], 2 * chords[beat // 4 % 4][beat % 3])
        tones = (np.sin(2 * np.pi * n * k * time) / k**2 for n in notes for k in (1, 2, 3))
        sound = np.concatenate((sound, np.exp(-3 * time) * sum(tones)))
        beat += 1
    return _float(0.08 * sound[: round(seconds * RATE)])


def _stretched(sound: Samples, speed: float) -> Samples:
    """WSOLA (Verhelst and Roelands 1993) with windows of 40 ms and a search of 10 ms."""
    window, reach = round(0.04 * RATE), round(0.01 * RATE)
    hop = window // 2
    shape = np.hanning(window).astype(np.float32)
    count = int((len(sound) - window - 2 * reach) / (hop * speed))
    out = np.zeros(count * hop + window, np.float32)
    wanted = sound[:window]
    for k in range(count):
        near = sound[max(0, round(k * hop * speed) - reach) :][: window + 2 * reach]
        shift = int(np.argmax(np.correlate(near, wanted, "valid")))
        at = max(0, round(k * hop * speed) - reach) + shift
        out[k * hop : k * hop + window] += shape * sound[at : at + window]
        wanted = sound[at + hop : at + hop + window]
    return out


def _with_noise(sound: NDArray[Any], noise: NDArray[Any], decibels: float) -> NDArray[Any]:
    """Noise so much below the level of the parts where somebody speaks."""
    loud = np.abs(sound) > 0.02 * np.abs(sound).max()
    level = np.sqrt((sound[loud] ** 2).mean()) * 10 ** (-decibels / 20)
    return np.asarray(sound + noise / (noise.std() + 1e-9) * level)


def _pink(size: int, rng: np.random.Generator) -> NDArray[Any]:
    white = np.fft.rfft(rng.normal(size=size))
    return np.asarray(np.fft.irfft(white / np.sqrt(np.maximum(np.arange(len(white)), 1)), size))


def _levelled(sound: NDArray[Any]) -> Samples:
    return _float(sound * 0.7 / (np.abs(sound).max() + 1e-9))


def _float(sound: NDArray[Any]) -> Samples:
    return np.asarray(sound, np.float32)


def read(path: Path) -> Meeting:
    """A recording with its reference beside it."""
    import tempfile

    from signals.audio import decode, probe

    with tempfile.TemporaryDirectory() as folder:
        waveform, _ = decode(path, probe(path), Path(folder) / "sound.raw", lambda _: None)
        sound = waveform.read()
    rows = [json.loads(x) for x in path.with_suffix(".jsonl").read_text(encoding="utf-8").splitlines() if x.strip()]
    return Meeting(sound, tuple(Line(r.pop("start"), r.pop("end"), r) for r in rows))


def write(meeting: Meeting, path: Path) -> None:
    """WAV with 16 bits, and the reference beside it."""
    with wave.open(str(path), "wb") as sink:
        sink.setnchannels(1)
        sink.setsampwidth(2)
        sink.setframerate(meeting.rate)
        sink.writeframes((np.clip(meeting.sound, -1, 1) * 32767).astype("<i2").tobytes())
    rows = [{**x.row, "start": round(x.start, 3), "end": round(x.end, 3)} for x in meeting.lines]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.with_suffix(".jsonl").write_text(text, encoding="utf-8")


def recordings(folder: Path) -> list[Path]:
    """The files of a folder that have a reference beside them, by name."""
    return sorted(f for f in folder.iterdir() if f.suffix != ".jsonl" and f.with_suffix(".jsonl").is_file())


def degrade(paths: Sequence[Path], out: Path, kinds: Sequence[str]) -> list[Path]:
    """Writes every recording in every kind; half an hour and two hours ("30", "120") are made of the first one alone."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for path in paths:
        meeting = read(path)
        for kind in kinds:
            if kind.isdecimal() and path != paths[0]:
                continue
            made = repeated(meeting, float(kind)) if kind.isdecimal() else KINDS[kind](meeting)
            written.append(out / f"{path.stem}.{kind}.wav")
            write(made, written[-1])
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clean", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--only", nargs="*", default=list(KINDS), help="kinds, or minutes for a long meeting")
    arguments = parser.parse_args()
    for path in degrade(recordings(arguments.clean), arguments.out, arguments.only):
        print(path)


if __name__ == "__main__":
    main()
