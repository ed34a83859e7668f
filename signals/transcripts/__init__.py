"""Finished transcripts instead of sound: SRT, VTT, whisper and whisperX JSON, plain "speaker: text" lines."""

from signals.transcripts.reader import MAX_BYTES, parse_transcript, read_transcript

__all__ = ["MAX_BYTES", "parse_transcript", "read_transcript"]
