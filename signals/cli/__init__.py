"""The command line: thin verbs, each calling one function that other programs can call too."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `signals` command."""
    from signals.cli.chinese import speak_chinese

    speak_chinese()  # before Click is imported, which looks its own words up at import
    from signals.cli.app import app

    app()
