"""Uploading, the list, and what one may do with a meeting."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from jobs_rig import sound
from sqlalchemy import select
from web_rig import SOUND, Web

from signals.store.models import AuditEntry, Meeting, Status

TRANSCRIPT = "客户经理：我们行的方案带来了\n客户：合同条款先给我看看\n".encode()


def test_a_recording_is_taken_by_its_content_with_fields_guessed_from_its_name(web: Web, tmp_path: Path) -> None:
    content = sound(tmp_path / "x.wav").read_bytes()
    answer = web.client("wang").post("/meetings", files={"file": ("20261120_宏达制造_陈总_3人.txt", content)})
    assert answer.status_code == 201, answer.text
    meeting = answer.json()
    assert (meeting["kind"], meeting["client"], meeting["met_on"], meeting["attendees"], meeting["speakers"]) == (
        "recording", "宏达制造", "2026-11-20", "陈总", 3,
    )  # fmt: skip
    assert meeting["status"] == "queued"
    assert meeting["duration"] == pytest.approx(8.0)


def test_what_the_user_says_overrules_the_guess(web: Web) -> None:
    form = {"title": "首次拜访", "client": "甲公司", "met_on": "2026-01-02", "speakers": "2", "manager_channel": "1"}
    files = {"file": ("20261120_宏达制造.txt", TRANSCRIPT)}
    meeting = web.client("wang").post("/meetings", files=files, data=form).json()
    assert (meeting["title"], meeting["client"], meeting["met_on"]) == ("首次拜访", "甲公司", "2026-01-02")
    assert (meeting["kind"], meeting["speakers"], meeting["manager_channel"]) == ("transcript", 2, 1)


def test_the_same_file_twice_is_recognised_whatever_it_is_called(web: Web) -> None:
    client = web.client("wang")
    first = client.post("/meetings", files={"file": ("a.txt", TRANSCRIPT)}).json()
    again = client.post("/meetings", files={"file": ("b.txt", TRANSCRIPT)})
    assert (again.status_code, again.json()["id"], again.json()["duplicate"]) == (200, first["id"], True)
    other = web.client("li").post("/meetings", files={"file": ("a.txt", TRANSCRIPT)})
    assert other.status_code == 201, "a colleague's copy is his own"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\0\1\2" * 500, "not_audio"),
        (b"MZ\x90\0" + b"\0" * 900, "not_audio"),
        (b"x" * (2**21 + 1), "too_large"),
    ],
    ids=["empty", "noise", "program", "large"],
)
def test_what_cannot_be_analysed_is_refused_with_a_remedy_and_leaves_nothing(
    web: Web, content: bytes, code: str
) -> None:
    before = web.bank.blobs.all_keys()
    answer = web.client("wang").post("/meetings", files={"file": ("会谈.mp3", content)})
    assert answer.status_code in (400, 413)
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["remedy"]
    assert web.bank.blobs.all_keys() == before
    assert [p for p in (web.service.settings.data_folder / "work").rglob("*") if p.is_file()] == []


def test_a_request_far_over_the_limit_is_cut_off_before_it_is_read(web: Web) -> None:
    client = web.client("wang")
    answer = client.post("/meetings", files={"file": ("a.wav", io.BytesIO(b"\0" * (5 * 2**20)))})
    assert answer.status_code == 413
    answer = client.post("/account/tokens", content=b"x" * (2 * 2**20))
    assert answer.status_code == 413, "what takes no file takes no megabytes"


@pytest.mark.parametrize(
    "form", [{"speakers": "0"}, {"speakers": "x"}, {"manager_channel": "2"}, {"met_on": "gestern"}]
)
def test_a_field_with_a_wrong_value_is_told(web: Web, form: dict[str, str]) -> None:
    answer = web.client("wang").post("/meetings", files={"file": ("a.txt", TRANSCRIPT)}, data=form)
    assert answer.status_code == 422


def test_a_hostile_file_name_and_title_do_no_harm(web: Web) -> None:
    client = web.client("wang")
    name = '../../<script>alert(1)</script>"; x=.txt'
    meeting = client.post(
        "/meetings", files={"file": (name, TRANSCRIPT)}, data={"title": "<img src=x onerror=1>"}
    ).json()
    assert "/" not in meeting["file_name"]
    page = client.get("/").text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_list_shows_only_what_one_may_see(web: Web) -> None:
    assert "wang 1" in web.client("wang").get("/").text
    assert "zhao 1" not in web.client("wang").get("/").text
    both = web.client("coach_east").get("/").text
    assert "wang 1" in both
    assert "li 1" in both
    assert "zhao 1" not in both


def test_anothers_meeting_is_as_if_it_were_not_there(web: Web) -> None:
    id, client = web.finished("wang 1"), web.client("zhao")
    calls = [
        ("GET", f"/meetings/{id}"), ("GET", f"/meetings/{id}/row"), ("POST", f"/meetings/{id}/cancel"),
        ("POST", f"/meetings/{id}/retry"), ("POST", f"/meetings/{id}/delete"), ("GET", f"/api/v1/meetings/{id}"),
        ("GET", f"/api/v1/meetings/{id}/view"), ("GET", f"/api/v1/meetings/{id}/audio"), ("GET", f"/api/v1/meetings/{id}/peaks"),
        ("GET", f"/api/v1/meetings/{id}/report.docx"), ("DELETE", f"/api/v1/meetings/{id}"),
    ]  # fmt: skip
    for method, path in calls:
        assert client.request(method, path).status_code == 404, path
    changed = client.post(f"/api/v1/meetings/{id}/corrections", json={"kind": "observe", "label": "nod", "time": 1})
    assert changed.status_code == 404


def test_a_coach_may_correct_but_not_delete(web: Web) -> None:
    id, client = web.finished("wang 1"), web.client("coach_east")
    assert (
        client.post(
            f"/api/v1/meetings/{id}/corrections", json={"kind": "observe", "label": "nod", "time": 1}
        ).status_code
        == 201
    )
    assert client.post(f"/meetings/{id}/delete").status_code == 403
    assert "删除 wang 1" not in client.get("/").text


def test_a_row_at_work_asks_again_and_tells_when_it_has_ended(web: Web) -> None:
    id, client = web.bank.meetings["wang 1"], web.client("wang")
    with web.bank.database.session() as session:
        meeting = session.get_one(Meeting, id)
        meeting.status, meeting.stage, meeting.progress, meeting.seconds_left = Status.RUNNING, "asr", 0.42, 95.0
    page = client.get(f"/meetings/{id}/row?was=queued").text
    assert "语音识别" in page
    assert "42%" in page
    assert "约剩 1 分 35 秒" in page
    assert "every 2s" in page
    with web.bank.database.session() as session:
        session.get_one(Meeting, id).status = Status.DONE
    answer = client.get(f"/meetings/{id}/row?was=running")
    assert "every 2s" not in answer.text
    assert json.loads(answer.headers["hx-trigger"])["meeting-ended"]["status"] == "done"


def test_cancel_retry_and_delete_by_page_and_by_api(web: Web) -> None:
    client, token = web.client("wang"), web.token("li")
    id = web.bank.meetings["wang 1"]
    assert "已取消" in client.post(f"/meetings/{id}/cancel", headers={"HX-Request": "true"}).text
    assert "等待分析" in client.post(f"/meetings/{id}/retry", headers={"HX-Request": "true"}).text
    assert client.post(f"/meetings/{id}/delete").status_code == 303
    assert client.get(f"/api/v1/meetings/{id}").status_code == 404
    other, api = web.bank.meetings["li 1"], web.client()
    assert api.post(f"/api/v1/meetings/{other}/cancel", headers=token).json()["status"] == "cancelled"
    assert api.post(f"/api/v1/meetings/{other}/cancel", headers=token).status_code == 409
    assert api.post(f"/api/v1/meetings/{other}/retry", headers=token).json()["status"] == "queued"
    assert api.delete(f"/api/v1/meetings/{other}", headers=token).status_code == 204
    assert [k for k in web.bank.blobs.all_keys() if other in k or id in k] == []


def test_a_failed_meeting_says_what_happened_and_what_to_do(web: Web) -> None:
    with web.bank.database.session() as session:
        meeting = session.get_one(Meeting, web.bank.meetings["wang 1"])
        meeting.status, meeting.error_message, meeting.error_remedy = Status.FAILED, "磁盘空间不足", "请联系管理员"
    page = web.client("wang").get("/").text
    assert "磁盘空间不足" in page
    assert "请联系管理员" in page


def test_the_sound_is_sent_by_ranges(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    path = f"/api/v1/meetings/{id}/audio"
    whole = client.get(path)
    assert (whole.status_code, whole.content, whole.headers["accept-ranges"]) == (200, SOUND, "bytes")
    for asked, start, end in (
        ("bytes=0-", 0, 5120),
        ("bytes=10-19", 10, 20),
        ("bytes=-5", 5115, 5120),
        ("bytes=5000-9999", 5000, 5120),
    ):
        part = client.get(path, headers={"Range": asked})
        assert (part.status_code, part.content) == (206, SOUND[start:end])
        assert part.headers["content-range"] == f"bytes {start}-{end - 1}/5120"
    assert client.get(path, headers={"Range": "bytes=9000-"}).status_code == 416
    assert client.get(path, headers={"Range": "lines=1-2"}).status_code == 200


def test_looking_playing_exporting_and_deleting_are_in_the_trail(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    client.get(f"/meetings/{id}")
    client.get(f"/api/v1/meetings/{id}/audio", headers={"Range": "bytes=0-"})
    client.get(f"/api/v1/meetings/{id}/audio", headers={"Range": "bytes=100-"})
    client.get(f"/api/v1/meetings/{id}/report.md")
    client.delete(f"/api/v1/meetings/{id}")
    with web.bank.database.session() as session:
        actions = list(
            session.scalars(select(AuditEntry.action).where(AuditEntry.meeting_id == id).order_by(AuditEntry.id))
        )
    assert actions == ["view", "play", "export", "delete"]
    page = client.get("/audit").text
    assert "下载" in page
    assert "wang 1" not in page, "no title, no client: only who did what"


def test_the_trail_speaks_of_meetings_by_title_and_of_corrections_in_words(web: Web) -> None:
    client, id = web.client("wang"), web.finished()
    client.post(f"/api/v1/meetings/{id}/corrections", json={"kind": "fix_text", "turn": 0, "text": "您好"})
    page = client.get("/audit").text
    assert f'<a href="/meetings/{id}"><bdi>wang 1</bdi></a>' in page
    assert "改文字" in page
    assert "fix_text" not in page
    assert "wang 1" not in web.client("li").get("/audit").text


def test_a_meeting_without_a_report_leads_back_to_the_list(web: Web) -> None:
    client, id = web.client("wang"), web.bank.meetings["wang 1"]
    assert client.get(f"/meetings/{id}").headers["location"] == "/"
    assert client.get(f"/api/v1/meetings/{id}/view").status_code == 409


def test_an_admin_adds_users_and_sets_retention_in_his_part_only(web: Web) -> None:
    client = web.client("root")
    page = client.get("/users").text
    unit = page.rpartition('name="unit">')[2].partition('value="')[2].partition('"')[0]
    added = client.post("/users", data={"username": "new", "name": "新人", "role": "manager", "unit": unit})
    password = added.text.partition('class="secret">')[2].partition("<")[0]
    assert len(password) == 19
    assert (
        client.post("/users", data={"username": "new", "name": "新人", "role": "manager", "unit": unit}).status_code
        == 400
    )
    assert client.post(f"/units/{unit}/retention", data={"days": "90"}).status_code == 303
    assert client.post("/units", data={"parent": unit, "name": "北区分行"}).status_code == 303
    assert "北区分行" in client.get("/users").text
    assert web.client("wang").get("/users").status_code == 403


def test_guesses_are_given_for_many_names_at_once(web: Web) -> None:
    answer = web.client("wang").post("/meetings/guess", json={"names": ["20261120_宏达制造.m4a", "x.mp3"]})
    assert [g["client"] for g in answer.json()] == ["宏达制造", ""]


def test_a_full_disk_is_told_and_nothing_is_kept(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(100, 100, 0))
    answer = web.client("wang").post("/meetings", files={"file": ("a.txt", TRANSCRIPT)})
    assert (answer.status_code, answer.json()["error"]["code"]) == (507, "disk_full")
    assert web.client("wang").get("/api/v1/meetings").json()["total"] == 1
