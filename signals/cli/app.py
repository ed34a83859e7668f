"""The verbs. Heavy modules are imported inside them, so that `signals --help` is instant."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from signals.cli.service_app import register

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="从客户会谈录音中找出购买信号，指出何时、用哪种策略提出成交建议。全程在本机运行，不联网。",
)
models_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="查看、下载和校验语音模型。")
app.add_typer(models_app, name="models")


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"


class TextFormat(StrEnum):
    TXT = "txt"
    SRT = "srt"
    JSON = "json"


class Grouping(StrEnum):
    LABEL = "label"
    SOURCE = "source"
    WRITER = "writer"


ModelOption = Annotated[str, typer.Option("--model", help="语音模型：文件夹、名称，或 auto（本机最好的）。")]
PlainOption = Annotated[bool, typer.Option("--plain", help="只用词句模型，不用语义模型：快百倍，但漏得更多。")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto、cpu 或 cuda。")]


@app.command()
def analyze(
    file: Annotated[
        Path, typer.Argument(help="录音（wav、mp3、m4a、amr、flac、ogg、wma、mp4…）或文字稿（srt、vtt、json、txt）。")
    ],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="输出文件夹；默认为“录音名.report”。")] = None,
    speakers: Annotated[str, typer.Option("--speakers", help="说话人数；不清楚时用 auto。")] = "auto",
    manager: Annotated[
        list[str] | None, typer.Option("--manager", help="指定谁是客户经理，如 SPEAKER_00；可重复。")
    ] = None,
    manager_channel: Annotated[Side | None, typer.Option("--manager-channel", help="客户经理在哪个声道。")] = None,
    name: Annotated[list[str] | None, typer.Option("--name", help="说话人的称呼，如 SPEAKER_01=王总；可重复。")] = None,
    title: Annotated[str, typer.Option("--title", help="报告标题；默认为文件名。")] = "",
    audio: Annotated[bool, typer.Option("--audio/--no-audio", help="是否把声音放进 HTML 报告。")] = True,
    work_dir: Annotated[Path | None, typer.Option("--work-dir", help="存放临时声音文件的文件夹。")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="不用上次保存的中间结果，全部重做。")] = False,
    model: ModelOption = "",
    device: DeviceOption = "",
) -> None:
    """分析一次会谈，生成会后报告（HTML、JSON、Markdown）。"""
    from signals.cli import analyze as verb
    from signals.cli.run import guarded, settings_with

    with guarded():
        verb.analyze(
            verb.Options(
                file=file,
                output=output or Path(f"{file.stem}.report"),
                speakers=speakers,
                manager=tuple(manager or ()),
                manager_channel=None if manager_channel is None else [Side.LEFT, Side.RIGHT].index(manager_channel),
                names=tuple(name or ()),
                title=title,
                audio=audio,
                fresh=fresh,
            ),
            settings_with(model=model, device=device, work_dir=work_dir),
        )


@app.command()
def batch(
    folder: Annotated[Path, typer.Argument(help="文件夹；其中（含子文件夹）的录音和文字稿都会分析。")],
    output: Annotated[Path | None, typer.Option("--output", "-o", help="输出文件夹；默认为“文件夹名.report”。")] = None,
    sheet: Annotated[
        Path | None, typer.Option("--sheet", help="会谈信息表（CSV 或 Excel）；默认用文件夹里唯一的那个表格。")
    ] = None,
    no_sheet: Annotated[bool, typer.Option("--no-sheet", help="不用表格，只从文件名推测。")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="一直运行，新文件不再变大后就分析；按 Ctrl-C 结束。")] = False,
    audio: Annotated[bool, typer.Option("--audio/--no-audio", help="是否把声音放进 HTML 报告。")] = True,
    work_dir: Annotated[Path | None, typer.Option("--work-dir", help="存放临时声音文件的文件夹。")] = None,
    model: ModelOption = "",
    device: DeviceOption = "",
) -> None:
    """分析一个文件夹里的全部会谈，生成每场的报告、汇总页 index.html 和汇总表 meetings.xlsx。

    表格第一行是列名，顺序不限：文件、客户、客户经理、日期、标题、参会人、说话人数、客户经理声道
    （file、client、manager、date、title、attendees、speakers、manager_channel）。表格没写的，从文件名推测。

    再次运行只做新的：文件按内容认，移动了也不会重做。程序版本、模型、目录（阈值、策略）、标题（改了文件名，标题可能随之变）、
    说话人数、声道或 --audio 变了，会重新分析，其中没有变的步骤（如语音识别）不会重做。上次失败的会再试。
    中途停止（包括断电）后，再次运行同一命令即可继续。

    返回值：0 全部完成；3 已做完，但有文件失败或表格中的文件没有找到；1 没法运行；130 被 Ctrl-C 停止；70 程序内部错误。
    """
    from signals.batch import Plan
    from signals.cli import batch as verb
    from signals.cli.run import guarded, settings_with

    with guarded():
        verb.batch(
            Plan(
                folder=folder,
                output=output or Path(f"{folder.resolve().name}.report"),
                sheet=sheet,
                use_sheet=not no_sheet,
                audio=audio,
            ),
            settings_with(model=model, device=device, work_dir=work_dir),
            stay=watch,
        )


@app.command()
def transcribe(
    file: Annotated[Path, typer.Argument(help="录音文件。")],
    format: Annotated[TextFormat, typer.Option("--format", "-f", help="txt、srt 或 json。")] = TextFormat.TXT,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="输出文件；默认写到屏幕。")] = None,
    model: ModelOption = "",
    device: DeviceOption = "",
) -> None:
    """只把录音转成文字（简体，带时间），不区分说话人。"""
    from signals.cli import transcribe as verb
    from signals.cli.run import guarded, settings_with

    with guarded():
        verb.transcribe(file, format.value, output, settings_with(model=model, device=device))


@app.command()
def tag(
    file: Annotated[Path | None, typer.Argument(help="JSON 行文件；默认读标准输入。")] = None,
    plain: PlainOption = False,
) -> None:
    """给文本打标签：每行一个 JSON 进，每行一个 JSON 出。

    输入 {"text": "利率还能再谈谈吗", "role": "customer", "previous": "可选，对方上一句"}，role 为 customer 或 manager；
    输出 {"labels": [{"id": "rate_cut", "score": 0.93}]}。有误的行输出 {"error": "…"}，不会中断。
    """
    from signals.cli import tag as verb
    from signals.cli.run import guarded

    with guarded():
        verb.tag(file, plain=plain)


@app.command()
def train(
    corpus: Annotated[Path | None, typer.Option("--corpus", help="语料文件夹；默认为 data/corpus。")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="写到别的文件夹，不替换正在使用的模型。")
    ] = None,
) -> None:
    """用语料重新训练分类模型，并选定每个标签的阈值。"""
    from signals.cli import tagger as verb
    from signals.cli.run import guarded

    with guarded():
        verb.train(corpus, output)


@app.command()
def evaluate(
    data: Annotated[
        Path | None, typer.Option("--data", help="要评测的 JSON 行文件；默认为语料中留作测试的作者。")
    ] = None,
    by: Annotated[
        Grouping | None,
        typer.Option(
            "--by", help="label（标签全表）、source（打字、单句口语、会谈）或 writer（作者）；默认为标签简表。"
        ),
    ] = None,
    plots: Annotated[
        Path | None, typer.Option("--plots", help="把精确率—召回率曲线和校准图（PNG）写入这个文件夹；需要 matplotlib。")
    ] = None,
    plain: PlainOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，含所有分组。")] = False,
) -> None:
    """在模型没有见过的语料上评测。

    口语部分再按同音字噪声、按语音识别的结果（如果语料中有）各评一遍，三者并列。
    """
    from signals.cli import tagger as verb
    from signals.cli.run import guarded

    with guarded():
        verb.evaluate(
            verb.EvaluateOptions(data=data, by=by.value if by else "", plots=plots, plain=plain, as_json=as_json)
        )


@app.command()
def doctor() -> None:
    """检查安装：有什么、缺什么、怎么补。"""
    from signals.cli import doctor as verb
    from signals.cli.run import guarded

    with guarded():
        verb.doctor()


@app.command()
def version() -> None:
    """显示版本。"""
    import signals

    typer.echo(signals.__version__)


@models_app.command("list")
def models_list() -> None:
    """列出本机的和可下载的语音模型。"""
    _models("list_models")


@models_app.command("pull")
def models_pull(name: Annotated[str, typer.Argument(help="模型名，如 large-v3-turbo。")]) -> None:
    """下载语音模型（唯一会联网的命令；可用环境变量 HF_ENDPOINT 指定镜像）。"""
    _models("pull_model", name)


@models_app.command("verify")
def models_verify(name: Annotated[str, typer.Argument(help="模型名或文件夹；默认校验正在使用的。")] = "auto") -> None:
    """校验模型文件是否完整。"""
    _models("verify_model", name)


@models_app.command("path")
def models_path(name: Annotated[str, typer.Argument(help="模型名；默认为正在使用的。")] = "auto") -> None:
    """显示模型所在的文件夹。"""
    _models("model_path", name)


def _models(verb: str, *arguments: Any) -> None:
    from signals.cli import models
    from signals.cli.run import guarded

    with guarded():
        getattr(models, verb)(*arguments)


register(app)
