"""Logging in, forged requests, headers."""

from __future__ import annotations

import re

import pytest
from store_example import PASSWORD
from web_rig import Web

from signals.store.accounts import find_user


def test_without_a_login_every_page_leads_to_the_login_and_every_call_is_refused(web: Web) -> None:
    client = web.client()
    for path in ("/", "/account", "/audit", "/users", "/meetings/x"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/login?next={path}")
    for path in ("/api/v1/meetings", "/api/v1/me", "/api/v1/meetings/x/view", "/api/v1/meetings/x/audio"):
        answer = client.get(path)
        assert answer.status_code == 401
        assert answer.json()["error"]["remedy"]


def test_every_route_asks_who_it_is(web: Web) -> None:
    """Whatever route is added: without a login it gives nothing but the login page, health, metrics and the contract."""
    client = web.client()
    free = {"/login", "/healthz", "/metrics", "/api/v1/openapi.json"}
    routes: list[tuple[str, str]] = []
    from signals.web import admin, api, login, meetings, ops, report

    for module in (admin, api, login, meetings, ops, report):
        routes += [(r.path, m) for r in module.router.routes for m in r.methods]
    assert len(routes) > 30
    for path, method in set(routes):
        if path in free:
            continue
        answer = client.request(method, re.sub(r"\{[a-z]+\}", "1", path))
        assert answer.status_code in (303, 401, 404, 405, 422), (method, path, answer.status_code)
        if answer.status_code == 303:
            assert answer.headers["location"].startswith("/login")


def test_the_right_password_logs_in_and_the_cookie_is_kept_from_scripts(web: Web) -> None:
    client = web.client()
    answer = client.post("/login", data={"username": "wang", "password": PASSWORD, "next": "/audit"})
    assert answer.headers["location"] == "/audit"
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/").status_code == 200
    client.headers["X-CSRF-Token"] = web.csrf(client)
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/").status_code == 303


@pytest.mark.parametrize("there", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1"])
def test_a_login_never_leads_elsewhere(web: Web, there: str) -> None:
    answer = web.client().post("/login", data={"username": "wang", "password": PASSWORD, "next": there})
    assert answer.headers["location"] == "/"


def test_a_wrong_password_is_told_and_throttled(web: Web) -> None:
    client = web.client()
    for _ in range(5):
        assert client.post("/login", data={"username": "li", "password": "wrong"}).status_code == 401
    answer = client.post("/login", data={"username": "li", "password": PASSWORD})
    assert answer.status_code == 429
    assert "秒后再试" in answer.text


def test_a_login_form_of_another_site_is_refused(web: Web) -> None:
    answer = web.client().post(
        "/login", data={"username": "wang", "password": PASSWORD}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


def test_a_request_that_no_page_of_ours_made_is_refused(web: Web) -> None:
    client, id = web.client("wang"), web.finished()
    client.headers.pop("X-CSRF-Token")
    for path in (f"/meetings/{id}/delete", "/logout", "/account/tokens", f"/api/v1/meetings/{id}/corrections"):
        assert client.post(path, data={"name": "x"}).status_code == 403
    assert client.delete(f"/api/v1/meetings/{id}").status_code == 403
    assert client.get(f"/api/v1/meetings/{id}").status_code == 200


def test_who_has_a_one_time_password_must_change_it_first(web: Web) -> None:
    with web.bank.database.session() as session:
        find_user(session, "wang").must_change_password = True
    client = web.client()
    client.post("/login", data={"username": "wang", "password": PASSWORD})
    assert client.get("/").headers["location"] == "/password"
    assert client.get("/api/v1/me").status_code == 401
    page = client.get("/password").text
    csrf = page.partition('data-csrf="')[2].partition('"')[0]
    weak = client.post("/password", data={"csrf": csrf, "old": PASSWORD, "new": "1234567890"})
    assert weak.status_code == 400
    answer = client.post("/password", data={"csrf": csrf, "old": PASSWORD, "new": "better-than-before-1"})
    assert answer.headers["location"] == "/login"
    client.post("/login", data={"username": "wang", "password": "better-than-before-1"})
    assert client.get("/").status_code == 200


def test_every_answer_carries_the_headers_that_keep_browsers_safe(web: Web) -> None:
    client = web.client("wang")
    for path in ("/", "/login", "/api/v1/meetings", "/healthz", "/static/app.js", "/nowhere"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
    assert client.get("/").headers["cache-control"] == "no-store"


def test_an_asset_is_kept_by_the_browser_and_asked_for_by_its_etag(web: Web) -> None:
    client = web.client()
    first = client.get("/static/app.js")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/static/app.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_report_and_assets_are_compressed_and_pages_never(web: Web) -> None:
    """A page holds the CSRF token, which its compressed length could give away."""
    client, id = web.client("wang"), web.finished()
    for path in (f"/api/v1/meetings/{id}/view", "/static/vendor/htmx.min.js"):
        assert client.get(path).headers["content-encoding"] == "gzip", path
    for path in ("/", "/account", f"/meetings/{id}", f"/api/v1/meetings/{id}/audio", "/api/v1/me"):
        assert "content-encoding" not in client.get(path).headers, path


def test_no_page_has_inline_script_or_style_or_a_foreign_address(web: Web) -> None:
    client, id = web.client("root"), web.finished()
    for path in ("/", "/login", "/password", "/users", "/audit", "/account", f"/meetings/{id}", "/nowhere"):
        text = client.get(path).text
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"<[^>]+\s(?:style|on\w+)=", text), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path


def test_metrics_are_for_this_machine_or_the_token_only(web: Web) -> None:
    assert "signals_meetings" in web.client().get("/metrics").text
    from pydantic import SecretStr

    from signals.web import create_app

    settings = web.service.settings.model_copy(update={"metrics_token": SecretStr("secret")})
    from starlette.testclient import TestClient

    web.service.settings = settings
    client = TestClient(create_app(settings, web.service))
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer secret"}).status_code == 200
