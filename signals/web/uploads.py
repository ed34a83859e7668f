"""One uploaded file: checked by its content, recognised by its hash, stored, entered as a meeting that waits."""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO

from signals.domain.coaching import ClientKind
from signals.domain.errors import RequestError, SignalsError
from signals.domain.file_names import guess
from signals.jobs.process import inspect, safe_name
from signals.store.audit import record
from signals.store.blobs import disk_full
from signals.store.meetings import NewMeeting, add_meeting, blob_folder, same_file, upload_key
from signals.store.models import Meeting, MeetingKind, User, new_id
from signals.web.service import Service

_BLOCK = 1 << 20
_LEAST_FREE = 200 * 1024 * 1024
"""Bytes that stay free on the data disk, for the database and the work on other meetings."""


@dataclass(frozen=True, slots=True)
class Fields:
    """What the user says of the meeting; what he leaves out is guessed from the file's name."""

    title: str = ""
    client: str = ""
    met_on: date | None = None
    attendees: str = ""
    speakers: int | None = None
    manager_channel: int | None = None
    client_kind: ClientKind | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """What became of one file. `duplicate`: the same bytes were there already, nothing was added."""

    meeting: Meeting
    duplicate: bool


def fields_of(form: Mapping[str, object]) -> Fields:
    """The fields of a form. Raises `RequestError` for a value that is none."""
    return Fields(
        title=_text(form, "title", 200),
        client=_text(form, "client", 120),
        met_on=_date(form),
        attendees=_text(form, "attendees", 300),
        speakers=_number(form, "speakers", range(1, 21), "说话人数应为 1 到 20"),
        manager_channel=_number(form, "manager_channel", range(2), "声道应为 0（左）或 1（右）"),
        client_kind=_client_kind(form),
    )


def receive(service: Service, owner: User, file: BinaryIO, file_name: str, fields: Fields, address: str = "") -> Upload:
    """Takes one file in. `file` is read from its beginning. Raises `SignalsError` for what cannot be analysed."""
    name = safe_name(file_name)
    with service.work_folder() as folder:
        path = Path(folder) / name
        size, digest = _copy(file, path, service.upload_limit)
        with service.database.session() as session:
            if found := same_file(session, owner, digest):
                return Upload(found, duplicate=True)
        try:
            kind, duration = inspect(service.child, path)
        except SignalsError as error:
            raise RequestError(error.code, error.message, error.remedy) from None
        return _enter(service, owner, path, _known(name, fields, kind, duration, size, digest), address)


def _enter(service: Service, owner: User, path: Path, new: NewMeeting, address: str) -> Upload:
    """Stores the file, then the row: a row never lacks its file."""
    service.blobs.put(upload_key(new.id), path)
    try:
        with service.database.session() as session:
            user = session.get_one(User, owner.id)
            meeting = add_meeting(session, user, new)
            record(session, user, "upload", meeting, detail=new.kind.value, address=address)
            return Upload(meeting, duplicate=False)
    except BaseException:
        service.blobs.delete(blob_folder(new.id))
        raise


def _known(name: str, given: Fields, kind: str, duration: float | None, size: int, digest: str) -> NewMeeting:
    guessed = guess(name)
    return NewMeeting(
        id=new_id(),
        title=given.title or guessed.title,
        client=given.client or guessed.client,
        met_on=given.met_on or guessed.met_on,
        attendees=given.attendees or guessed.attendees,
        speakers=given.speakers if given.speakers is not None else guessed.speakers,
        manager_channel=given.manager_channel if given.manager_channel is not None else guessed.manager_channel,
        kind=MeetingKind(kind),
        file_name=name,
        sha256=digest,
        size=size,
        duration=duration,
        client_kind=given.client_kind,
    )


def _copy(source: BinaryIO, target: Path, limit: int) -> tuple[int, str]:
    """Bytes and SHA-256 of what was copied. Raises `RequestError` for an empty or too large file, or a full disk."""
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    try:
        with target.open("wb") as sink:
            while block := source.read(_BLOCK):
                size += len(block)
                if size > limit:
                    raise RequestError(
                        "too_large", f"文件超过 {limit // 1024 // 1024} MB", "请分成几段上传，或联系管理员提高上限"
                    )
                digest.update(block)
                sink.write(block)
        if shutil.disk_usage(target.parent).free < _LEAST_FREE:
            raise disk_full()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full() from None
        raise
    if not size:
        raise RequestError("empty", f"文件“{target.name}”是空的", "录音可能没有保存成功，请从录音设备重新导出")
    return size, digest.hexdigest()


def _text(form: Mapping[str, object], name: str, most: int) -> str:
    value = form.get(name, "")
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if len(text) > most:
        raise RequestError("invalid", f"填写的内容超过 {most} 字", "请缩短后重试")
    return text


def _date(form: Mapping[str, object]) -> date | None:
    value = form.get("met_on", "")
    if not isinstance(value, str) or not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise RequestError("invalid", "日期有误", "请按 2026-11-20 的样子填写") from None


def _client_kind(form: Mapping[str, object]) -> ClientKind | None:
    value = form.get("client_kind", "")
    if not isinstance(value, str) or not value:
        return None
    try:
        return ClientKind(value)
    except ValueError:
        raise RequestError("invalid", "客户类型有误", "请从列表中选择客户类型") from None


def _number(form: Mapping[str, object], name: str, allowed: range, message: str) -> int | None:
    value = form.get(name, "")
    if not isinstance(value, str) or not value:
        return None
    if not value.isascii() or not value.isdigit() or int(value[:4]) not in allowed:
        raise RequestError("invalid", message, "请修改后重试")
    return int(value)
