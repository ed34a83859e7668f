"""`signals models …`."""

from __future__ import annotations

import typer

from signals.asr.model_files import (
    REPOSITORIES,
    STARTER,
    default_store,
    list_local,
    pull,
    resolve,
    starter_available,
    verify,
)
from signals.settings import Settings


def list_models() -> None:
    settings = Settings()
    store = settings.model_store or default_store()
    found = list_local(store)
    typer.echo("本机：")
    if starter_available():
        typer.echo(f"  {STARTER}  入门模型（随安装包提供）")
    for model in found:
        typer.echo(f"  {model.name}  {model.path}")
    if not found and not starter_available():
        typer.echo("  （无）")
    here = {m.name for m in found}
    typer.echo("可下载：" + "、".join(n for n in REPOSITORIES if n not in here))


def pull_model(name: str) -> None:
    settings = Settings()
    model = pull(name, settings.model_store or default_store(), offline=settings.offline)
    typer.echo(f"已下载到 {model.path}")


def verify_model(name: str) -> None:
    settings = Settings()
    model = resolve(name if name != "auto" else settings.model, settings.model_store or default_store())
    verify(model)
    typer.echo(f"模型 {model.name} 完好：{model.path}")


def model_path(name: str) -> None:
    settings = Settings()
    typer.echo(str(resolve(name if name != "auto" else settings.model, settings.model_store or default_store()).path))
