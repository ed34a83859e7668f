"""How long the workbench's pages take with few meetings and with many.

    python benchmarks/workbench/pages.py SMALL LARGE [--requests 30] [--only queue]

SMALL and LARGE are addresses of databases that `many_meetings.py` filled (sqlite:///… or postgresql://…). Every page is asked
for in turn of the one and of the other, in this process and without a network, so that other work on the machine burdens
both alike. Prints a table in Markdown: p50 and p95 in milliseconds, and how many times the small one's the large one's are.
"""

from __future__ import annotations

import argparse
import itertools
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from many_meetings import PASSWORD
from starlette.testclient import TestClient

from signals.settings import Settings
from signals.web import create_app

PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "list of meetings": ("head", ("/", "/?page=2")),
    "list of meetings, searched": ("head", ("/?q=机械", "/?q=第7")),
    "list of meetings, a manager's": ("m001", ("/",)),
    "API: meetings": ("head", ("/api/v1/meetings", "/api/v1/meetings?page=2")),
    "overview, 90 days": ("coach", ("/coach",)),
    "overview, a year": ("coach", ("/coach?period=365",)),
    "overview, everything": ("coach", ("/coach?period=all",)),
    "overview, one unit": ("coach", ("/coach?period=365&unit=2", "/coach?period=365&unit=3")),
    "overview, one manager": ("coach", ("/coach?period=all&owner=3", "/coach?period=all&owner=4")),
    "overview, one kind of client": ("coach", ("/coach?period=all&kind=private",)),
    "overview, a client": ("coach", ("/coach?period=all&client=机械",)),
    "overview, a manager's own": ("m001", ("/coach?period=all",)),
    "queue": ("coach", ("/coach/queue", "/coach/queue?page=2")),
    "queue, everything": ("coach", ("/coach/queue?period=all&show=all",)),
    "queue, missed closings": ("coach", ("/coach/queue?period=all&label=missed",)),
    "queue, one signal": ("coach", ("/coach/queue?period=all&label=rate_cut&show=all",)),
    "queue, one manager": ("coach", ("/coach/queue?period=all&owner=3",)),
    "queue, one unit": ("coach", ("/coach/queue?period=all&unit=2",)),
    "queue, a client": ("coach", ("/coach/queue?period=all&client=机械",)),
    "queue, decided": ("coach", ("/coach/queue?period=all&show=done",)),
    "queue, disputed": ("coach", ("/coach/queue?period=all&show=disputed",)),
    "meetings behind a figure": ("coach", ("/coach/meetings", "/coach/meetings?period=all&page=2")),
    "meetings, most missed first": ("coach", ("/coach/meetings?period=all&order=missed",)),
    "search, frequent word": ("coach", ("/coach/search?period=all&q=利率",)),
    "search, frequent word, 30 days": ("coach", ("/coach/search?period=30&q=利率",)),
    "search, frequent word, one manager": ("coach", ("/coach/search?period=all&q=利率&owner=3",)),
    "search, frequent word, customers": ("coach", ("/coach/search?period=all&q=利率&role=customer",)),
    "search, word and signal": ("coach", ("/coach/search?period=all&q=利率&label=rate_cut",)),
    "search, two words": ("coach", ("/coach/search?period=all&q=利率 合同",)),
    "search, rare word": ("coach", ("/coach/search?period=all&q=监理",)),
    "search, nothing found": ("coach", ("/coach/search?period=all&q=量子纠缠",)),
    "scorecards": ("coach", ("/coach/cards",)),
    "case library": ("coach", ("/coach/library",)),
    "tasks": ("coach", ("/coach/tasks",)),
    "tagging anew": ("head", ("/retag",)),
}
"""Who asks for which addresses."""
_MOMENT = re.compile(r"/coach/moments/[0-9a-f]{32}/[a-z]+/[a-z_]+/\d+")


@dataclass
class Bank:
    """The service over one database, with people who are logged in."""

    database: str
    folder: Path

    def __post_init__(self) -> None:
        self._app = create_app(Settings(data_dir=self.folder, database_url=self.database))
        self._clients: dict[str, TestClient] = {}

    def client(self, name: str) -> TestClient:
        if name not in self._clients:
            client = TestClient(self._app, follow_redirects=False)
            answer = client.post("/login", data={"username": name, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
            client.headers["X-CSRF-Token"] = client.get("/account").text.partition('data-csrf="')[2].partition('"')[0]
            self._clients[name] = client
        return self._clients[name]

    def visit(self, who: str, addresses: tuple[str, ...]) -> Iterator[float]:
        """Seconds of one request after the other, without end."""
        client = self.client(who)
        for address in itertools.cycle(addresses):
            begun = time.perf_counter()
            answer = client.get(address)
            taken = time.perf_counter() - begun
            assert answer.status_code == 200, (address, answer.status_code)
            yield taken

    def moments(self) -> list[str]:
        found = _MOMENT.findall(self.client("coach").get("/coach/queue?period=all&label=rate_cut&show=all").text)
        assert found
        return list(dict.fromkeys(found))

    def around(self) -> Iterator[float]:
        yield from self.visit("coach", tuple(self.moments()))

    def decide(self) -> Iterator[float]:
        """Accepts moments of many meetings, each taken back when all were."""
        client, moments = self.client("coach"), self.moments()
        for decision in itertools.cycle(("accepted", "")):
            for moment in moments:
                begun = time.perf_counter()
                answer = client.post(f"{moment}/decision", data={"decision": decision})
                taken = time.perf_counter() - begun
                assert answer.status_code == 204, answer.text
                yield taken


def measure(small: Bank, large: Bank, requests: int, ways: Callable[[Bank], Iterator[float]]) -> list[np.ndarray]:
    """p50 and p95 of both, milliseconds. The first three requests warm up and do not count."""
    times = list(itertools.islice(zip(ways(small), ways(large), strict=True), requests + 3))[3:]
    return [np.percentile([pair[place] for pair in times], [50, 95]) * 1000 for place in (0, 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("small")
    parser.add_argument("large")
    parser.add_argument("--requests", type=int, default=30)
    parser.add_argument("--only", default="", help="pages whose name holds this")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small, large = Bank(asked.small, Path(folder) / "small"), Bank(asked.large, Path(folder) / "large")
        ways: dict[str, Callable[[Bank], Iterator[float]]] = {
            name: (lambda bank, who=who, addresses=addresses: bank.visit(who, addresses))  # type: ignore[misc]
            for name, (who, addresses) in PAGES.items()
        }
        ways |= {"words around a moment": Bank.around, "a decision": Bank.decide}
        print(
            "| page | small p50 | p95 | large p50 | p95 | p50 ratio | p95 ratio |\n|---|---:|---:|---:|---:|---:|---:|"
        )
        for name, way in ways.items():
            if asked.only and asked.only not in name:
                continue
            few, many = measure(small, large, asked.requests, way)
            numbers = (*few, *many)
            shown = " | ".join(f"{x:.0f}" for x in numbers)
            print(f"| {name} | {shown} | {many[0] / few[0]:.1f} | {many[1] / few[1]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
