"""Where things lie on the timeline."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_example import catalogue, empty_report, example_report

from signals.domain.closing import ReadinessPoint
from signals.domain.conversation import Conversation, Role, Turn
from signals.report.timeline import Mark, lay_out
from signals.report.timeline_rows import Rows, downsampled, merged, shares, tick_step


def test_everything_lies_inside_the_picture() -> None:
    timeline = lay_out(example_report(), catalogue())
    assert timeline is not None
    bars = [*timeline.windows, *timeline.stages, *(b for lane in timeline.lanes for b in lane.bars)]
    assert all(0 <= b.x <= b.x + b.width <= 100.001 for b in bars)
    marks = [*timeline.customer_marks, *timeline.manager_marks]
    assert all(0 <= m.x <= 100 and 0 < m.y < timeline.height for m in marks)
    assert all(0 <= t.x <= 100 for t in timeline.ticks)


def test_marks_do_not_cover_each_other_on_a_phone() -> None:
    timeline = lay_out(example_report(), catalogue())
    assert timeline is not None
    phone, icon = 330.0, 13.0

    def apart(a: Mark, b: Mark) -> bool:
        return a.y != b.y or abs(a.x - b.x) * phone / 100 >= icon

    assert all(itertools.starmap(apart, itertools.combinations(timeline.customer_marks, 2)))


def test_an_early_proposal_looks_unlike_one_in_time() -> None:
    timeline = lay_out(example_report(), catalogue())
    assert timeline is not None
    assert [m.kind for m in timeline.manager_marks] == ["premature", "closing"]


def test_a_meeting_without_length_has_no_timeline() -> None:
    assert lay_out(empty_report(), catalogue()) is None


def test_many_speakers_get_at_most_eight_lanes() -> None:
    turns = tuple(
        Turn(i, f"SPEAKER_{i % 20:02d}", Role.UNKNOWN, i * 2.0, i * 2.0 + 1.0, "好", "好") for i in range(100)
    )
    report = replace(example_report(), conversation=Conversation(turns, (), 200.0), hits=())
    timeline = lay_out(report, catalogue())
    assert timeline is not None
    assert len(timeline.lanes) == 8


def test_readiness_out_of_order_never_runs_backwards() -> None:
    report = example_report()
    points = (ReadinessPoint(50.0, 0.5), ReadinessPoint(10.0, 0.2), ReadinessPoint(90.0, 0.1))
    timeline = lay_out(replace(report, closing=replace(report.closing, readiness=points)), catalogue())
    assert timeline is not None
    xs = [float(p.split()[0]) for p in timeline.curve[1:].split("L")]
    assert xs == sorted(xs)


def test_short_turns_of_a_long_meeting_are_drawn_as_shares() -> None:
    roles = (Role.MANAGER, Role.CUSTOMER)
    turns = tuple(Turn(i, f"SPEAKER_0{i % 2}", roles[i % 2], i * 6.0, i * 6.0 + 3.0, "好", "好") for i in range(1200))
    report = replace(example_report(), conversation=Conversation(turns, (), 7200.0), hits=())
    timeline = lay_out(report, catalogue())
    assert timeline is not None
    for lane in timeline.lanes:
        assert len(lane.bars) <= 160
        assert sum(b.part for b in lane.bars) / 160 == pytest.approx(0.25, abs=0.01)


def test_many_windows_are_numbered_only() -> None:
    report = example_report()
    windows = report.closing.windows * 5
    timeline = lay_out(replace(report, closing=replace(report.closing, windows=windows)), catalogue())
    assert timeline is not None
    assert [w.label for w in timeline.windows] == list("①②③④⑤⑥⑦⑧⑨⑩")


SPANS = st.lists(st.tuples(st.floats(0, 100), st.floats(0, 10)).map(lambda t: (t[0], t[0] + t[1])), max_size=30)


@settings(deadline=None)  # a busy machine is no error
@given(SPANS, st.floats(0, 5))
def test_merged_spans_cover_the_same_and_keep_their_distance(spans: list[tuple[float, float]], gap: float) -> None:
    joined = merged(spans, gap)
    assert all(any(a <= start and end <= b for a, b in joined) for start, end in spans)
    assert all(right[0] - left[1] > gap for left, right in itertools.pairwise(joined))


@settings(deadline=None)  # a busy machine is no error
@given(SPANS, st.integers(1, 50))
def test_shares_add_up_to_the_time_that_was_talked(spans: list[tuple[float, float]], count: int) -> None:
    joined = merged(spans, 0.0)
    found = shares(joined, 120.0, count)
    assert sum((b - a) * share for a, b, share in found) == pytest.approx(sum(b - a for a, b in joined), abs=1e-6)
    assert all(0 < share <= 1 for _, _, share in found)


@settings(deadline=None)  # a busy machine is no error
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5000))
def test_fewer_points_keep_the_highest_the_first_and_the_last(values: list[float]) -> None:
    points = [(float(i), v) for i, v in enumerate(values)]
    kept = downsampled(points)
    assert len(kept) <= 820
    assert max(v for _, v in kept) == max(values)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert kept == sorted(kept)


@settings(deadline=None)  # a busy machine is no error
@given(st.lists(st.floats(0, 100), max_size=40).map(sorted))
def test_rows_keep_their_distance_while_there_are_rows(places: list[float]) -> None:
    rows = Rows(40, 5.0)
    last: dict[int, float] = {}
    for x in places:
        row = rows.place(x)
        assert x - last.get(row, -100.0) >= 5.0
        last[row] = x


@pytest.mark.parametrize("duration", [0.5, 30, 219, 3600, 5 * 3600, 99 * 3600])
def test_ticks_are_round_and_few(duration: float) -> None:
    step = tick_step(duration)
    assert duration / step <= 12
    assert step % 5 == 0
