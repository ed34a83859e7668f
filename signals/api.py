"""What a program that uses the product calls: the same functions that the command line calls."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from signals.domain.catalogue import Catalogue
from signals.domain.catalogue import load_catalogue as _load_catalogue
from signals.domain.coaching import ClientKind, ItemScore, RubricItem, RubricTemplate
from signals.domain.errors import OutputError
from signals.domain.protocols import Rewriter, Transcriber
from signals.domain.report import Report
from signals.pipeline import Engines, Request, Unwatched, Watcher, analyse_recording, analyse_transcript
from signals.resources import catalog_dir, models_dir
from signals.settings import Settings
from signals.tagging.tagger import LinearTagger

if TYPE_CHECKING:
    from signals.tagging.encoder import UtteranceEncoder

TRANSCRIPT_SUFFIXES = frozenset({".srt", ".vtt", ".json", ".txt"})
_EMBED_UP_TO = 2 * 3600.0
"""Seconds of sound that are put inside the report; longer ones are linked to."""


def load_catalogue() -> Catalogue:
    """The catalogue that ships with the product."""
    return _load_catalogue(catalog_dir())


def stretch(start: float, end: float) -> tuple[int, int]:
    """Where a stretch (seconds) lies in the bytes of a published sound: the first, and the one after the last."""
    from signals.audio import stretch

    return stretch(start, end)


def deck_rubric() -> RubricTemplate:
    """The deck's own scorecard, as it ships with the product."""
    from signals.coaching import deck_rubric

    return deck_rubric()


def propose_scores(
    report: Report, items: Sequence[RubricItem], client_kind: ClientKind | None = None
) -> tuple[ItemScore, ...]:
    """The machine's proposal for each item of a scorecard, with the words that it stands on."""
    from signals.coaching import propose

    return propose(report, items, client_kind)


def load_tagger(catalogue: Catalogue | None = None, *, plain: bool = False, threads: int = 0) -> LinearTagger:
    """The tagger that ships with the product; `plain` leaves out the encoder: faster, and it misses more.

    Raises `ModelError` when a file of it is missing or damaged.
    """
    from signals.tagging.scoring import Scorer
    from signals.tagging.store import load

    bundle = load(models_dir() / "tagger.skops")
    encoder = load_encoder(threads) if bundle.encoder and not plain else None
    return LinearTagger(Scorer(bundle, encoder), catalogue or load_catalogue())


def load_encoder(threads: int = 0) -> UtteranceEncoder:
    """The sentence encoder that ships with the product, on `threads` cores (0: all of them)."""
    from signals.tagging.encoder import UtteranceEncoder

    return UtteranceEncoder(models_dir() / "encoder.onnx", threads)


def load_transcriber(settings: Settings) -> Transcriber:
    """The speech engine with the model that the settings name. Raises `ModelError` when there is none."""
    from signals.asr.engine import FasterWhisperTranscriber, WhisperOptions
    from signals.asr.model_files import default_store, resolve

    model = resolve(settings.model, settings.model_store or default_store())
    return FasterWhisperTranscriber(model, WhisperOptions(device=settings.device, threads=settings.threads))


def load_rewriter(tagger: LinearTagger) -> Rewriter:
    """What puts misheard words of the trade right, by the tagger's dictionary and the glossary, and writes numbers."""
    from signals.asr.repair import HomophoneRepairer
    from signals.asr.wording import TranscriptRewriter

    lexicon = tagger.scorer.bundle.lexicon
    terms = tuple(w for term in tagger.catalogue.terms for w in (term.text, *term.aliases))

    def repairer() -> HomophoneRepairer:
        frequencies = dict(zip(lexicon.words.split("\n"), lexicon.frequencies.tolist(), strict=False))
        return HomophoneRepairer(frequencies, lexicon.total, terms)

    return TranscriptRewriter(repairer, f"terms {len(terms)}-{zlib.crc32(' '.join(terms).encode()):08x}")


def load_engines(settings: Settings, catalogue: Catalogue) -> Engines:
    """Everything that `analyze` needs, ready to be used for many meetings."""
    from signals.speakers.channel import ChannelDiarizer
    from signals.speakers.embedding import SpeakerEmbedder
    from signals.speakers.voice import VoiceDiarizer

    tagger = load_tagger(catalogue, plain=settings.plain_tagger, threads=settings.threads)
    return Engines(
        transcriber=load_transcriber(settings),
        rewriter=load_rewriter(tagger),
        by_voice=VoiceDiarizer(SpeakerEmbedder(models_dir() / "campplus.onnx", settings.threads)),
        by_channel=ChannelDiarizer(),
        roles=tagger,
        tagger=tagger,
        catalogue=catalogue,
    )


def analyze(
    path: Path | str,
    *,
    speakers: int | None = None,
    manager: Sequence[str] = (),
    settings: Settings | None = None,
    watcher: Watcher | None = None,
) -> Report:
    """A recording (or a finished transcript: srt, vtt, json, txt) to its report.

    `speakers` is their number where it is known, `manager` names the speakers of the bank's side. Raises `SignalsError`.
    """
    settings = settings or Settings()
    request = Request(path=Path(path), speakers=speakers, manager_speakers=tuple(manager), work_dir=settings.work_dir)
    return run(request, settings, watcher or Unwatched())


def run(request: Request, settings: Settings, watcher: Watcher, engines: Engines | None = None) -> Report:
    """`analyze` with every option of a `Request`."""
    engines = engines or load_engines(settings, load_catalogue())
    if request.path.suffix.lower() in TRANSCRIPT_SUFFIXES:
        return analyse_transcript(request, engines, watcher)
    return analyse_recording(request, engines, watcher)


def write_reports(report: Report, source: Path, folder: Path, *, with_audio: bool = True) -> list[Path]:
    """Writes report.html, report.json and report.md into `folder`; the HTML first. Raises `OutputError`.

    The sound goes inside the HTML, so that the one file can be moved anywhere; a very long recording is linked instead.
    """
    from signals.report import AudioSource, HtmlReport, JsonReport, MarkdownReport

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise OutputError("cannot_write", f"无法创建输出文件夹 {folder}", "请用 --output 换一个可写的文件夹") from None
    audio = None
    if with_audio and report.source is not None:
        if report.conversation.duration <= _EMBED_UP_TO:
            from signals.audio import compress

            audio = AudioSource.embedded(compress(source), "audio/mpeg")
        else:
            audio = AudioSource.linked(source, folder)
    catalogue = load_catalogue()
    written = []
    for writer in (HtmlReport(catalogue, audio), JsonReport(catalogue), MarkdownReport(catalogue)):
        target = folder / f"report{writer.suffix}"
        writer.write(report, target)
        written.append(target)
    return written
