"""From samples on disk to words with times, in simplified Chinese."""
