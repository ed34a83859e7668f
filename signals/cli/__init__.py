"""The command line: thin verbs, each calling one function that other programs can call too."""

from __future__ import annotations


def main() -> None:
    """Entry point of the `signals` command."""
    from signals.cli.chinese import speak_chinese, wrong_arguments

    speak_chinese()  # before Click is imported, which looks its own words up at import
    import sys

    import typer

    from signals.cli.app import app

    try:
        sys.exit(app(standalone_mode=False))
    except typer.Abort:
        sys.exit("已取消")
    except Exception as error:
        if not hasattr(error, "format_message"):  # what Typer raises for wrong arguments, and it names no class for it
            raise
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the whole help
            typer.echo(error.format_message(), err=True)
            sys.exit(2)
        context = getattr(error, "ctx", None)
        help_line = f"\n用 “{context.command_path} -h” 查看帮助。" if context else ""
        typer.echo(f"错误：{wrong_arguments(error.format_message())}{help_line}", err=True)
        sys.exit(getattr(error, "exit_code", 2))
