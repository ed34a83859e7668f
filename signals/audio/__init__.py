"""From a file of any common format to samples on disk."""

from signals.audio.channels import channel_layout
from signals.audio.decode import DecodeLimits, decode
from signals.audio.encode import compress, stretch
from signals.audio.peaks import peaks
from signals.audio.probe import probe

__all__ = ["DecodeLimits", "channel_layout", "compress", "decode", "peaks", "probe", "stretch"]
