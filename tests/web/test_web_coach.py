"""The coaches' workbench: who sees what, what a decision does, and that everything said stays."""

from __future__ import annotations

import io
import re

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select
from starlette.testclient import TestClient
from store_example import Bank
from web_rig import SOUND, Web

from signals.store import overlay
from signals.store.derived_models import Moment, MomentKind
from signals.store.models import AuditEntry, Meeting
from signals.store.review_models import Decision, Review, Scorecard

PAGES = ("/coach", "/coach/queue", "/coach/meetings", "/coach/search", "/coach/cards", "/coach/library", "/coach/tasks",
         "/coach/rubric")  # fmt: skip


def moment(web: Web, kind: MomentKind, title: str = "wang 1") -> Moment:
    with web.bank.database.session() as session:
        found = session.scalars(
            select(Moment)
            .where(Moment.meeting_id == web.bank.meetings[title], Moment.kind == kind)
            .order_by(Moment.place, Moment.id)
        ).first()
        assert found is not None
        session.expunge(found)
        return found


def path(found: Moment) -> str:
    return f"/coach/moments/{found.meeting_id}/{found.kind.value}/{found.label}/{found.turn}"


def said(answer_text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer_text))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_the_workbench_wants_a_login(web: Web, page: str) -> None:
    assert web.client().get(page).status_code == 303


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_without_a_meeting_and_with_one(web: Web, page: str) -> None:
    coach = web.client("coach_east")
    assert coach.get(page).status_code == 200
    web.finished()
    assert coach.get(page, params={"period": "all"}).status_code == 200


def test_the_overview_counts_what_the_viewer_may_see_and_nothing_else(web: Web) -> None:
    web.finished("wang 1")
    web.finished("zhao 1")
    for user, meetings in (("root", 2), ("coach_east", 1), ("wang", 1), ("head_west", 1), ("li", 0)):
        text = said(web.client(user).get("/coach?period=all").text)
        if meetings:
            assert f"会谈 {meetings} 共" in text, user
        else:
            assert "没有分析完成的会谈" in text


def test_nobody_is_compared_under_five_meetings(web: Web) -> None:
    web.finished()
    text = said(web.client("coach_east").get("/coach?period=all").text)
    assert "不足 5 场，不作比较" in text
    assert "还没有人满 5 场会谈" in text


def test_the_numbers_lead_to_the_meetings_and_moments_behind_them(web: Web) -> None:
    web.finished()
    coach = web.client("coach_east")
    links = re.findall(r'href="(/coach/[^"]+)"', coach.get("/coach?period=all").text)
    behind = [x.replace("&amp;", "&") for x in links if "?" in x]
    assert len(behind) > 10
    for link in behind:
        assert coach.get(link).status_code == 200, link
    rows = coach.get("/coach/queue?period=all&show=all&label=missed").text
    assert rows.count('data-path="') == rows.count("/missed/")


def test_strange_filters_leave_nothing_out(web: Web) -> None:
    web.finished()
    coach = web.client("coach_east")
    for query in (
        "period=x&since=abc&unit=zz&owner=-1&kind=none",
        "period=all&page=0",
        "since=2020-01-01",
        "order=x&verdict=y",
    ):
        for page in ("/coach", "/coach/queue", "/coach/meetings", "/coach/search"):
            assert coach.get(f"{page}?{query}").status_code == 200


def test_missed_closings_come_first_in_the_queue(web: Web) -> None:
    web.finished()
    kinds = re.findall(
        r'data-path="/coach/moments/\w+/(\w+)/', web.client("coach_east").get("/coach/queue?period=all").text
    )
    assert kinds[0] == "missed"
    assert kinds == sorted(kinds, key=lambda k: k != "missed")


def test_a_rejected_signal_is_a_correction_of_the_report_and_can_be_taken_back(web: Web) -> None:
    id = web.finished()
    coach, found = web.client("coach_east"), moment(web, MomentKind.HIT)
    assert coach.post(path(found) + "/decision", data={"decision": "rejected"}).status_code == 204
    view = coach.get(f"/api/v1/meetings/{id}/view").json()
    status = {(h["turn"], h["label"]): h["status"] for h in view["hits"]}
    assert status[found.turn, found.label] == "rejected"
    assert path(found) in coach.get("/coach/queue?period=all&show=done").text
    assert coach.post(path(found) + "/decision", data={"decision": ""}).status_code == 204
    view = coach.get(f"/api/v1/meetings/{id}/view").json()
    status = {(h["turn"], h["label"]): h["status"] for h in view["hits"]}
    assert status[found.turn, found.label] == "machine"
    with web.bank.database.session() as session:
        assert overlay.corrections(session, id) == []
        assert len(overlay.corrections(session, id, undone=True)) == 1


def test_deciding_again_replaces_what_was_decided(web: Web) -> None:
    id = web.finished()
    coach, found = web.client("coach_east"), moment(web, MomentKind.HIT)
    for decision in ("accepted", "rejected", "accepted", "accepted"):
        assert coach.post(path(found) + "/decision", data={"decision": decision}).status_code == 204
    with web.bank.database.session() as session:
        assert [c.change["verdict"] for c in overlay.corrections(session, id)] == ["confirmed"]


def test_a_window_is_decided_without_touching_the_report(web: Web) -> None:
    id = web.finished()
    coach, found = web.client("coach_east"), moment(web, MomentKind.MISSED)
    assert coach.post(path(found) + "/decision", data={"decision": "accepted"}).status_code == 204
    with web.bank.database.session() as session:
        assert overlay.corrections(session, id) == []
        review = session.scalars(select(Review)).one()
        assert (review.decision, review.user.username) == (Decision.ACCEPTED, "coach_east")
    assert found.label not in re.findall(r"/missed/(\w+)/", coach.get("/coach/queue?period=all").text)
    assert "/missed/" in coach.get("/coach/queue?period=all&show=done").text


def test_a_manager_decides_his_own_moments_and_nobody_elses(web: Web) -> None:
    web.finished()
    found = moment(web, MomentKind.MISSED)
    for user, status in (("wang", 204), ("coach_east", 204), ("li", 404), ("zhao", 404), ("head_west", 404)):
        assert web.client(user).post(path(found) + "/decision", data={"decision": "accepted"}).status_code == status, (
            user
        )
        assert web.client(user).get(path(found)).status_code == (200 if status == 204 else 404)


def test_a_decision_needs_the_pages_token(web: Web) -> None:
    web.finished()
    client = web.client("coach_east")
    del client.headers["X-CSRF-Token"]
    assert (
        client.post(path(moment(web, MomentKind.MISSED)) + "/decision", data={"decision": "accepted"}).status_code
        >= 400
    )


def test_a_disputed_moment_comes_back_to_the_coach(web: Web) -> None:
    web.finished()
    found = moment(web, MomentKind.MISSED)
    web.client("coach_east").post(path(found) + "/decision", data={"decision": "accepted"})
    assert web.client("coach_east").post(path(found) + "/dispute").status_code == 403
    assert web.client("wang").post(path(found) + "/dispute").status_code == 204
    assert "/missed/" in web.client("coach_east").get("/coach/queue?period=all&show=disputed").text


def test_a_comment_is_read_by_the_manager_and_escaped(web: Web) -> None:
    web.finished()
    found = moment(web, MomentKind.MISSED)
    text = web.client("coach_east").post(path(found) + "/comment", data={"text": "<b>这里</b>可以提"}).text
    assert "&lt;b&gt;这里" in text
    assert "可以提" in web.client("wang").get(path(found)).text
    assert web.client("coach_east").post(path(found) + "/comment", data={"text": "  "}).status_code >= 400


def test_search_finds_words_by_whoever_said_them(web: Web) -> None:
    web.finished("wang 1")
    web.finished("zhao 1")
    coach = web.client("coach_east")
    with web.bank.database.session() as session:
        assert session.get_one(Meeting, web.bank.meetings["wang 1"]).title == "wang 1"
    answer = coach.get("/coach/search", params={"period": "all", "q": "提前"}).text
    assert "wang 1" in answer
    assert "zhao 1" not in answer
    assert "<mark>提</mark><mark>前</mark>" in answer
    assert (
        "没有找到"
        in coach.get(
            "/coach/search", params={"period": "all", "q": "提前", "role": "manager", "label": "rate_cut"}
        ).text
    )
    for odd in ('"', "'; drop table", "*", "NEAR(", "提前 -还", "<script>"):
        assert coach.get("/coach/search", params={"period": "all", "q": odd}).status_code == 200


def scored(client: TestClient, id: str) -> str:
    page = client.get(f"/meetings/{id}/card").text
    return page.partition('action="/coach/cards/')[2].partition('"')[0]


def test_a_card_goes_from_the_machine_to_the_coach_to_the_manager(web: Web) -> None:
    id = web.finished()
    coach, wang = web.client("coach_east"), web.client("wang")
    assert wang.get(f"/meetings/{id}/card").status_code == 403, "nobody has scored it yet"
    card = scored(coach, id)
    assert wang.get(f"/meetings/{id}/card").status_code == 404, "a draft is the coach's"
    refused = coach.post(f"/coach/cards/{card}", data={"score-opening": "2", "then": "share"})
    assert "请写上理由" in refused.text
    form = {"score-opening": "2", "reason-opening": "太急了", "score-offer": "na", "reason-offer": "没谈价",
            "summary": "整体不错", "then": "share"}  # fmt: skip
    assert "评分和评论" not in wang.get(f"/meetings/{id}").text
    assert coach.post(f"/coach/cards/{card}", data=form).status_code == 303
    assert "评分和评论" in wang.get(f"/meetings/{id}").text
    page = said(wang.get(f"/meetings/{id}/card").text)
    assert "太急了" in page
    assert "整体不错" in page
    assert wang.post(f"/coach/cards/{card}/answer", data={"agrees": "no"}).status_code >= 400, (
        "a dispute needs a reason"
    )
    assert wang.post(f"/coach/cards/{card}/answer", data={"agrees": "no", "text": "开场有寒暄"}).status_code == 303
    assert "开场有寒暄" in coach.get(f"/meetings/{id}/card").text
    with web.bank.database.session() as session:
        kept = session.get_one(Scorecard, card)
        assert kept.overrides["opening"]["score"] == 2
        assert next(p for p in kept.proposed if p["item"] == "opening")["score"] is not None, "the machine's stays"


def test_nobody_scores_himself_or_what_he_may_not_see(web: Web) -> None:
    id = web.finished()
    card = scored(web.client("coach_east"), id)
    for user in ("wang", "li", "zhao", "head_west"):
        assert web.client(user).post(f"/coach/cards/{card}", data={"then": "share"}).status_code in (403, 404), user


def test_a_new_version_of_the_template_leaves_old_cards_as_they_were(web: Web) -> None:
    id = web.finished()
    coach, root = web.client("coach_east"), web.client("root")
    scored(coach, id)
    assert coach.post("/coach/rubric", data={"name-opening": "开场白"}).status_code == 403
    assert root.post("/coach/rubric", data={"name-opening": "开场白", "name-new": "着装"}).status_code == 303
    assert "第 2 版" in said(root.get("/coach/rubric").text)
    assert "第 1 版" in said(coach.get(f"/meetings/{id}/card").text)
    assert root.post("/coach/rubric", data={}).status_code >= 400, "a template without items"


def test_a_case_is_kept_found_and_heard_by_whom_it_is_given_to(web: Web) -> None:
    id = web.finished()
    coach, li = web.client("coach_east"), web.client("li")
    new = {"meeting": id, "start": "0", "end": "0.5", "title": "好开场", "tags": "开场，示范", "words": "您好"}
    assert coach.post("/coach/clips", data=new).status_code == 204
    page = coach.get("/coach/library?q=示范").text
    clip = page.partition("/coach/clips/")[2].partition("/audio")[0]
    assert coach.get(f"/coach/clips/{clip}/audio").content == SOUND[:6000]
    assert li.get(f"/coach/clips/{clip}/audio").status_code == 404
    with web.bank.database.session() as session:
        number = web.bank.user(session, "li").id
    task = {"manager": str(number), "clip": clip, "note": "听听他的开场"}
    assert web.client("wang").post("/coach/tasks", data=task).status_code == 403
    assert coach.post("/coach/tasks", data=task).status_code == 303
    assert "听听他的开场" in li.get("/coach/tasks").text
    assert li.get(f"/coach/clips/{clip}/audio").status_code == 200
    assert li.get(f"/api/v1/meetings/{id}/audio").status_code == 404, "the case, not the meeting"
    item = li.get("/coach/tasks").text.partition("/coach/tasks/items/")[2].partition("/")[0]
    assert coach.post(f"/coach/tasks/items/{item}/heard").status_code == 404
    assert li.post(f"/coach/tasks/items/{item}/heard").status_code == 303
    assert "听过了" in coach.get("/coach/tasks").text


def test_exports_hold_what_the_viewer_may_see_and_no_formula(web: Web) -> None:
    web.finished("wang 1")
    web.finished("zhao 1")
    coach = web.client("coach_east")
    scored(coach, web.bank.meetings["wang 1"])
    book = load_workbook(io.BytesIO(coach.get("/coach/export.xlsx?period=all").content))
    assert book.sheetnames == ["总览", "会谈", "时刻", "评分", "走势", "图表"]
    cells = [c for sheet in book for row in sheet.iter_rows() for c in row]
    assert not [c for c in cells if c.data_type == "f"]
    assert book["图表"]._charts  # type: ignore[attr-defined]
    everything = " ".join(str(c.value) for c in cells)
    assert "wang 1" in everything
    assert "zhao" not in everything
    rows = coach.get("/coach/export.csv?period=all").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2


def test_a_document_is_for_one_manager_whom_the_viewer_may_see(web: Web) -> None:
    web.finished("wang 1")
    web.finished("zhao 1")
    coach = web.client("coach_east")
    assert coach.get("/coach/export.docx?period=all").status_code >= 400, "one manager must be chosen"
    with web.bank.database.session() as session:
        wang, zhao = (web.bank.user(session, name).id for name in ("wang", "zhao"))
    made = {
        id: Document(io.BytesIO(coach.get(f"/coach/export.docx?period=all&owner={id}").content)) for id in (wang, zhao)
    }
    words = {
        id: "\n".join([p.text for p in d.paragraphs] + [c.text for t in d.tables for r in t.rows for c in r.cells])
        for id, d in made.items()
    }
    assert "辅导报告 wang" in words[wang]
    assert "zhao" not in words[zhao]


def test_a_meeting_is_only_given_to_who_may_see_it(web: Web) -> None:
    id = web.finished()
    coach = web.client("coach_east")
    with web.bank.database.session() as session:
        li, wang, zhao = (web.bank.user(session, name).id for name in ("li", "wang", "zhao"))
    assert coach.post("/coach/tasks", data={"manager": str(li), "meeting": id}).status_code == 404
    assert coach.post("/coach/tasks", data={"manager": str(zhao), "meeting": id}).status_code == 404
    assert coach.post("/coach/tasks", data={"manager": str(wang), "meeting": id}).status_code == 303
    assert coach.post("/coach/tasks", data={"manager": str(wang)}).status_code >= 400


def test_deleting_a_meeting_deletes_everything_of_the_workbench(web: Web, bank: Bank) -> None:
    from signals.store.tables import METADATA

    id = web.finished()
    coach = web.client("coach_east")
    scored(coach, id)
    coach.post(path(moment(web, MomentKind.MISSED)) + "/comment", data={"text": "好"})
    coach.post("/coach/clips", data={"meeting": id, "start": "0", "end": "1", "title": "例"})
    assert web.client("wang").delete(f"/api/v1/meetings/{id}").status_code == 204
    with bank.database.session() as session:
        for table in METADATA.sorted_tables:
            if "meeting_id" in table.c and table.name != AuditEntry.__tablename__:
                assert session.execute(select(table).where(table.c.meeting_id == id)).all() == [], table.name
