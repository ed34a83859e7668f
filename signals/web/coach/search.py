"""Search over everything that was said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup, escape

from signals.store.access import may
from signals.store.search import search
from signals.web.access import PageCaller, ServiceDep, SessionDep
from signals.web.coach.scope import PERIODS, WantedDep, choices
from signals.web.pages import render

router = APIRouter(include_in_schema=False)
ROLES = {"customer": "客户", "manager": "客户经理"}


@router.get("/coach/search")
def page(
    request: Request,
    session: SessionDep,
    service: ServiceDep,
    caller: PageCaller,
    wanted: WantedDep,
    q: str = "",
    role: str = "",
    label: str = "",
    page: int = 1,
) -> Response:
    """Turns that hold the words, each with a button that plays it."""
    q, page = q.strip()[:60], max(1, min(page, 10_000))
    role = role if role in ROLES else ""
    labels = {x.id: x.name for x in service.catalogue.labels if x.audible}
    label = label if label in labels else ""
    words = service.load_tagger().query_words(q) if q else []
    found, more = search(session, caller.user, wanted.scope, words, role=role, label=label, page=page)
    return render(
        request,
        "coach/search.j2",
        caller,
        wanted=wanted,
        offered=choices(session, caller.user),
        periods=PERIODS,
        q=q,
        role=role,
        roles=ROLES,
        label=label,
        labels=labels,
        words=words,
        found=[(turn, meeting, marked(turn.text, words)) for turn, meeting in found],
        more=more,
        page=page,
        may=may,
    )


def marked(text: str, words: Sequence[str]) -> Markup:
    """The text with the words that were looked for marked."""
    pattern = re.compile("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    at, parts = 0, []
    for found in pattern.finditer(text) if words else ():
        parts += [escape(text[at : found.start()]), Markup("<mark>{}</mark>").format(found[0])]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])
