"""The effective view, corrections and downloads over HTTP."""

from __future__ import annotations

import io
import json

import jsonschema
import pytest
from docx import Document
from openpyxl import load_workbook
from web_rig import Web

from signals.report.json_report import schema
from signals.store.models import Report


def test_the_view_is_the_documented_report_with_where_each_hit_comes_from(web: Web) -> None:
    view = web.client("wang").get(f"/api/v1/meetings/{web.finished()}/view").json()
    jsonschema.validate(view["report"], schema())
    assert {h["status"] for h in view["hits"]} == {"machine"}
    assert view["may"]["delete"] is True
    assert view["audio"]["url"].endswith("/audio")
    assert view["corrections"] == []
    assert {x["id"] for x in view["catalogue"]["labels"]} >= {"rate_cut", "nod", "close_probe"}


def test_a_correction_changes_the_view_at_once_and_undo_brings_it_back(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    before = client.get(f"/api/v1/meetings/{id}/view").json()
    change = {"kind": "judge_hit", "turn": 32, "label": "purchase_intent", "verdict": "rejected"}
    after = client.post(f"/api/v1/meetings/{id}/corrections", json=change)
    assert after.status_code == 201
    view = after.json()
    assert [h["status"] for h in view["hits"] if (h["turn"], h["label"]) == (32, "purchase_intent")] == ["rejected"]
    assert view["report"]["closing"]["readiness"] != before["report"]["closing"]["readiness"]
    assert (view["corrections"][-1]["by"], view["corrections"][-1]["undone"]) == ("wang", False)
    jsonschema.validate(view["report"], schema())
    undone = client.post(f"/api/v1/meetings/{id}/corrections/undo", json={}).json()
    assert undone["hits"] == before["hits"]
    assert undone["corrections"][-1]["undone"] is True
    assert client.post(f"/api/v1/meetings/{id}/corrections/undo", json={}).status_code == 409


def test_one_of_several_corrections_is_undone_by_its_number(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    for name in ("陈总", "老陈"):
        client.post(
            f"/api/v1/meetings/{id}/corrections", json={"kind": "rename_speaker", "speaker": "SPEAKER_01", "name": name}
        )
    view = client.get(f"/api/v1/meetings/{id}/view").json()
    assert [s["name"] for s in view["report"]["speakers"]] == ["客户经理", "老陈（客户）"]
    latest = view["corrections"][-1]["id"]
    view = client.post(f"/api/v1/meetings/{id}/corrections/undo", json={"id": latest}).json()
    assert [s["name"] for s in view["report"]["speakers"]] == ["客户经理", "陈总（客户）"]


def test_swapped_speakers_and_fixed_words_are_tagged_again(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    view = client.post(
        f"/api/v1/meetings/{id}/corrections", json={"kind": "fix_text", "turn": 3, "text": "能不能提前还款，往下走走"}
    ).json()
    assert {h["label"] for h in view["hits"] if h["turn"] == 3} == {"early_repayment", "rate_cut"}
    swap = {"kind": "swap_speakers", "first": "SPEAKER_00", "second": "SPEAKER_01"}
    view = client.post(f"/api/v1/meetings/{id}/corrections", json=swap).json()
    assert not [h for h in view["hits"] if h["turn"] == 3], "now the manager says it"
    assert view["report"]["turns"][3]["role"] == "manager"


def test_corrections_stay_over_an_unchanged_machine_report(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    with web.bank.database.session() as session:
        before = session.get_one(Report, id).document
    client.post(f"/api/v1/meetings/{id}/corrections", json={"kind": "fix_text", "turn": 3, "text": "往下走走"})
    with web.bank.database.session() as session:
        stored = session.get_one(Report, id)
        assert stored.document == before
        assert stored.signals != 9, "the list counts what the corrected report says"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"kind": "fix_text", "turn": 999, "text": "x"}, 400),
        ({"kind": "fix_text", "turn": 1, "text": ""}, 422),
        ({"kind": "no_such"}, 422),
        ({"kind": "observe", "label": "nod", "time": -1}, 422),
        ({"kind": "add_hit", "turn": 0, "label": "rate_cut"}, 400),
        ([], 422),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_in_chinese(web: Web, change: object, status: int) -> None:
    answer = web.client("wang").post(f"/api/v1/meetings/{web.finished()}/corrections", json=change)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    assert answer.json()["error"]["remedy"]


def test_what_was_said_is_never_markup(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    client.post(
        f"/api/v1/meetings/{id}/corrections", json={"kind": "rename_speaker", "speaker": "SPEAKER_01", "name": "<b>x"}
    )
    page = client.get(f"/meetings/{id}").text
    assert "<script>window" not in page
    assert "<b>x" not in page


def test_the_report_is_downloaded_in_every_format_with_corrections(web: Web) -> None:
    id, client = web.finished(), web.client("wang")
    client.post(
        f"/api/v1/meetings/{id}/corrections", json={"kind": "rename_speaker", "speaker": "SPEAKER_01", "name": "陈总"}
    )
    files = {f: client.get(f"/api/v1/meetings/{id}/report.{f}") for f in ("docx", "xlsx", "md", "json", "srt", "html")}
    assert {f: a.status_code for f, a in files.items()} == dict.fromkeys(files, 200)
    word = "\n".join(p.text for p in Document(io.BytesIO(files["docx"].content)).paragraphs)
    assert "陈总（客户）：" in word
    sheet = load_workbook(io.BytesIO(files["xlsx"].content))["逐句记录"]
    assert "陈总（客户）" in {r[2] for r in sheet.iter_rows(values_only=True)}
    assert "陈总（客户）" in files["md"].text
    assert "陈总（客户）：" in files["srt"].text
    jsonschema.validate(json.loads(files["json"].content), schema())
    assert "filename*=UTF-8''wang%201.docx" in files["docx"].headers["content-disposition"]
    assert client.get(f"/api/v1/meetings/{id}/report.exe").status_code == 422


def test_details_are_changed_without_a_new_analysis(web: Web) -> None:
    id, token = web.finished(), web.token("wang")
    api = web.client()
    answer = api.patch(f"/api/v1/meetings/{id}", headers=token, json={"title": "复访", "met_on": "2026-02-03"})
    assert (answer.json()["title"], answer.json()["met_on"], answer.json()["client"]) == (
        "复访",
        "2026-02-03",
        "某某制造",
    )
    assert api.get(f"/api/v1/meetings/{id}/view", headers=token).json()["report"]["title"] == "复访"


def test_a_token_reaches_what_its_user_may_see_only(web: Web) -> None:
    api, token = web.client(), web.token("zhao")
    assert api.get("/api/v1/me", headers=token).json()["username"] == "zhao"
    assert [m["title"] for m in api.get("/api/v1/meetings", headers=token).json()["meetings"]] == ["zhao 1"]
    assert api.get("/api/v1/me", headers={"Authorization": "Bearer sig_wrong"}).status_code == 401
