"""The words of the build figures state what the pictures show, and no timing decides them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from matplotlib.patches import Polygon

from helpers import figures, messages
from helpers.builds.model import Cause, Reason, Trace
from helpers.figures import style
from helpers.figures.alignment import aligned
from helpers.figures.graph_layout import edges, ranks
from helpers.figures.marks import LOOKS, marks
from helpers.figures.stage_needs import apart, needs
from helpers.figures.wrapping import wrapped

from . import traces
from .sheets import SHEETS, written

DURATION = re.compile(r"≈\d+(\.\d+)? s")


def lines(drawing) -> list[str]:
    return drawing.words.splitlines()


def boxes(drawing, look) -> int:
    """How many boxes of a picture are filled as this role is."""
    fill = tuple(round(c, 3) for c in style.matplotlib.colors.to_rgba(look.fill))
    found = [p.get_facecolor() for axes in drawing.figure.axes for p in axes.patches]
    return sum(tuple(round(c, 3) for c in face) == fill for face in found)


def test_strip_tells_the_role_of_each_step_in_order():
    drawing = figures.strip(traces.edited())
    assert drawing.title == "Steps of lbl/web:2: 3 from the cache, 1 to blame, 1 followed"
    assert lines(drawing)[2:] == [
        "  1  ■ base       FROM lbl/busybox:1",
        "  2  ✓ cache hit  WORKDIR /app",
        "  3  ✓ cache hit  COPY requirements.txt .",
        "  4  ✓ cache hit  RUN pip install --no-index --find-links /wheels -r requirements.txt",
        "  5  ✗ to blame   COPY app.py .",
        '  6  → follows    RUN echo "compiling" && python -m compileall -q /app',
    ]


def test_strip_draws_as_many_boxes_of_each_role_as_the_words_tell():
    drawing = figures.strip(traces.huge_explained())
    texts = [t.text for t in written(drawing)]
    for role, said, count in (
        ("hit", "✓ cache hit", 20), ("blame", "✗ to blame", 4), ("follows", "→ follows", 10)
    ):  # fmt: skip
        assert drawing.words.count(said) == count
        assert texts.count(said) == count
        assert boxes(drawing, LOOKS[role]) == count


def test_strip_of_a_trace_blames_nobody():
    words = figures.strip(traces.second()).words
    assert "3 from the cache, 2 ran" in words
    assert words.count("▶ ran") == 2 and "✗" not in words and "→" not in words


def test_strip_of_forty_steps_shows_every_number():
    texts = {t.text for t in written(figures.strip(traces.long()))}
    assert {f"{n} RUN" for n in range(2, 41)} <= texts


def test_stages_are_named_only_where_there_are_several():
    assert "stage" not in figures.strip(traces.edited()).words
    several = lines(figures.strip(traces.staged()))
    assert [line.strip() for line in several if line.startswith("  stage")] == [
        "stage assets", "stage build", "stage final",
    ]  # fmt: skip


def test_a_failed_step_is_told_with_its_role():
    drawing = figures.strip(traces.failed())
    assert drawing.title.endswith("; step 4 failed")
    assert "  4  ! failed (follows)  RUN pip install" in drawing.words
    assert drawing.words.count("○ not run") == 2
    assert "! failed" in [t.text for t in written(drawing)]
    staged = figures.strip(traces.stages("bhhbrfbuuuu"))
    assert staged.title.endswith("; step build 3 failed")


def test_no_steps_are_told_as_none():
    assert lines(figures.strip(traces.empty()))[-1] == "  no steps"
    assert "no steps" in figures.strips(traces.explained(traces.empty(), None)).words


def test_strips_give_the_reason_beneath_its_step():
    drawing = figures.strips(traces.edited())
    told = lines(drawing)
    place = next(i for i, line in enumerate(told) if "COPY app.py" in line)
    assert "earlier ▶ ran, later ✗ to blame" in told[place]
    assert told[place + 1].strip() == "why: app.py changed"
    assert drawing.words.count("why:") == 1
    assert "Step 5: app.py changed" in [t.text for t in written(drawing)]


def test_the_reason_points_to_the_box_of_its_step():
    drawing = figures.strips(traces.edited())
    (axes,) = drawing.figure.axes
    bubble = max((p for p in axes.patches if isinstance(p, Polygon)), key=lambda p: len(p.get_xy()))
    tip = max(bubble.get_xy(), key=lambda point: point[1])
    texts = [t for t in written(drawing) if t.text == "5 COPY"]
    head = min(texts, key=lambda t: t.bottom)  # of the later strip
    assert head.left < tip[0] < head.left + 1.2 and tip[1] < head.bottom


def test_a_long_reason_is_written_whole():
    drawing = figures.strips(traces.huge_explained())
    shown = " ".join(t.text for t in written(drawing))
    assert shown.count("31 more files in the build context changed") == 4


def test_strips_of_a_first_build_say_that_there_is_no_earlier_one():
    drawing = figures.strips(traces.from_nothing())
    assert drawing.title.startswith("lbl/web:1, with no earlier build: ")
    assert "earlier ▶" not in drawing.words
    assert "why: no earlier build has made this step" in drawing.words
    texts = [t.text for t in written(drawing)]
    assert texts.count("no earlier build") == 1 and texts.count("2 WORKDIR") == 1


def test_strips_line_up_what_was_replaced_inserted_and_removed():
    told = lines(figures.strips(traces.rebuilt()))
    changed = next(i for i, line in enumerate(told) if "constraints.txt" in line)
    assert told[changed + 1].strip() == "earlier: COPY requirements.txt ."
    assert any("earlier no such step, later → follows" in x and "RUN rm -rf" in x for x in told)
    gone = told[-1]
    assert gone.startswith("   –  earlier ▶ ran, later gone") and "compileall" in gone


def test_an_inserted_step_has_no_partner_even_among_its_like():
    old = traces.build(("s", "base", "FROM a"), ("s", "ran", "RUN a"))
    new = traces.build(("s", "base", "FROM a"), ("s", "ran", "RUN new"), ("s", "ran", "RUN b"))
    found = list(marks(new))
    found[1] = replace(found[1], cause=Cause("inserted"))
    pairs = aligned(marks(old), found)["s"]
    told = [(o and o.step.instruction, n and n.step.instruction) for o, n in pairs]
    assert told == [("FROM a", "FROM a"), (None, "RUN new"), ("RUN a", "RUN b")]


def test_a_stage_that_is_gone_is_still_shown():
    words = figures.strips(traces.explained(traces.second(), traces.stages())).words
    assert "stage assets" in words and words.count("later gone") == 11


def test_waterfall_tells_durations_in_one_form():
    words = figures.waterfall(traces.stages("brrbrrbrrrr")).words
    assert "    3  ▶ ran   RUN bundle /src -o /out  ≈2.4 s" in words
    assert len(DURATION.findall(words)) == 8
    tiny = traces.build(("s", "base", "FROM a"), ("s", "ran", "RUN x", 0.004))
    assert "≈0.0 s" in figures.waterfall(tiny).words


@pytest.mark.parametrize("language", ("en", "zh"))
@pytest.mark.parametrize("trace", (traces.stages(), traces.huge(), traces.odd()))
def test_no_timing_decides_the_words_of_a_waterfall(trace: Trace, language):
    slower = replace(
        trace,
        seconds=9e3,
        steps=tuple(
            replace(step, start=500.0 - n, duration=3.0 + 70 * n) if step.duration else step
            for n, step in enumerate(trace.steps)
        ),
    )
    with messages.speaking(language):
        one, other = figures.waterfall(trace), figures.waterfall(slower)
    assert one.words != other.words and one.title == other.title
    assert DURATION.sub("T", one.words) == DURATION.sub("T", other.words)


def test_waterfall_tells_which_stages_do_not_need_each_other():
    told = lines(figures.waterfall(traces.stages()))
    assert told[-4:-1] == [
        "assets needs no other stage",
        "build needs no other stage",
        "final needs assets, build",
    ]
    assert told[-1].endswith("at the same time: assets and build")
    assert "stage" not in figures.waterfall(traces.second()).words


def test_needs_reach_through_a_stage_and_skip_what_was_not_reached():
    chain = traces.build(
        ("a", "base", "FROM x"),
        ("b", "base", "FROM a", 0.0, ("a",)),
        ("c", "base", "FROM b", 0.0, ("b",)),
        ("d", "unreached", "FROM x"),
    )
    assert needs(chain) == {"a": (), "b": ("a",), "c": ("a", "b"), "d": ()}
    assert apart(chain) == []


def test_stages_at_the_same_time_lie_over_each_other():
    """The shades of the two first stages overlap in time, and the last bar ends at the right."""
    drawing = figures.waterfall(traces.stages("brrbrrbrrrr"))
    (axes,) = drawing.figure.axes
    shades = [p for p in axes.patches if p.get_zorder() == 0.5]
    assets, build, final = sorted(shades, key=lambda p: -p.get_y())
    assert assets.get_x() == build.get_x() == final.get_x()
    assert assets.get_width() / build.get_width() == pytest.approx(2.6 / 3.2)
    assert final.get_width() / build.get_width() == pytest.approx(4.1 / 3.2)


def test_an_arrow_leads_from_each_step_that_ran_to_the_stage_that_takes_its_result():
    def arrows(trace: Trace) -> int:
        (axes,) = figures.waterfall(trace).figure.axes
        return sum(line.get_color() == style.CROSSING and line.zorder == 1.5 for line in axes.lines)

    assert arrows(traces.stages("brrbrrbrrrr")) == 2
    assert arrows(traces.stages("bhhbrrbhrrr")) == 1  # nobody waits for what was in the cache
    assert arrows(traces.stages("bhhbhhbhhhh")) == 0


def test_graph_tells_what_each_step_uses():
    words = figures.build_graph(traces.staged()).words
    assert "COPY --from=build /app /usr/bin/app  ← 2, build 3" in words
    assert "RUN cc -O2 -o /app main.c  ← 2" in words
    assert not any("FROM lbl/" in line and "←" in line for line in words.splitlines())


def test_graph_puts_a_step_below_all_that_it_uses():
    trace = traces.stages()
    rank = ranks(trace)
    for step in trace.steps:
        assert all(rank[used] < rank[step.id] for used in step.inputs)
    crossing = [(edge.used, edge.by) for edge in edges(trace) if edge.crossing]
    assert crossing == [("build 3", "final 3"), ("assets 3", "final 4")]


def test_graph_draws_an_edge_between_stages_from_box_to_box():
    drawing = figures.build_graph(traces.staged())
    (axes,) = drawing.figure.axes
    thick = [line for line in axes.lines if line.get_linewidth() == 2.2]
    assert len(thick) == 2
    heads = {t.text: t for t in written(drawing) if t.text.endswith("COPY")}
    ends = sorted(line.get_ydata()[-1] for line in thick)
    assert ends == pytest.approx(
        [heads["4 COPY"].bottom - 0.1, heads["3 COPY"].bottom - 0.1], abs=0.15
    )


def test_a_step_stands_on_the_one_before_it_even_if_the_builder_names_none():
    bare = replace(
        traces.second(), steps=tuple(replace(step, inputs=()) for step in traces.second().steps)
    )
    assert list(ranks(bare).values()) == [0, 1, 2, 3, 4, 5]
    assert figures.build_graph(bare).words == figures.build_graph(traces.second()).words


def test_graph_ignores_an_input_that_is_not_in_the_trace():
    trace = traces.one_step()
    odd = replace(trace, steps=(replace(trace.steps[0], inputs=("elsewhere 9",)),))
    assert "←" not in figures.build_graph(odd).words.splitlines()[-1]


def test_tradeoff_tells_size_steps_and_time():
    drawing = figures.tradeoff(traces.SLOW, traces.FAST)
    assert drawing.title.endswith("size 48.3 MB → 31.9 MB, steps that run again 5 → 1")
    told = lines(drawing)
    assert told[1].endswith("48.3 MB; rebuild: 5 steps ran, ≈14.2 s")
    assert told[2].endswith("31.9 MB; rebuild: 1 step ran, ≈0.8 s")
    assert told[3] == "The change: smaller by 16.4 MB (better); 4 steps fewer (better)"


def test_tradeoff_says_when_a_change_made_it_worse_or_nothing():
    words = figures.tradeoff(traces.FAST, traces.SLOW).words
    assert "larger by 16.4 MB (worse); 4 steps more (worse)" in words
    assert "same size; as many steps" in figures.tradeoff(traces.FAST, traces.FAST).words


def test_no_timing_decides_the_words_of_a_tradeoff():
    slower = replace(traces.FAST, seconds=99.0)
    one, other = (figures.tradeoff(traces.SLOW, point) for point in (traces.FAST, slower))
    assert one.title == other.title
    assert DURATION.sub("T", one.words) == DURATION.sub("T", other.words)


def test_a_time_that_was_not_measured_is_not_invented():
    drawing = figures.tradeoff(traces.SLOW, replace(traces.FAST, seconds=None))
    assert "1 step ran, time not measured" in drawing.words
    texts = [t.text for t in written(drawing)]
    assert "time not measured" in texts and "rebuild after the same edit: steps" in texts


def test_roles_differ_in_colour_hatch_and_symbol():
    assert len({look.symbol for look in LOOKS.values()}) == len(LOOKS)
    # Those that stand side by side most often are told apart without colour and symbol as well.
    assert len({LOOKS[role].hatch for role in LOOKS if role != "unreached"}) == len(LOOKS) - 1


def test_chinese_words_hold_the_same_facts():
    with messages.speaking("zh"):
        strip, strips = figures.strip(traces.edited()), figures.strips(traces.edited())
        graph = figures.build_graph(traces.staged())
        tradeoff = figures.tradeoff(traces.SLOW, traces.FAST)
    assert "lbl/web:2 的构建步骤：3 步命中缓存，1 步最先未命中，1 步连带执行" in strip.words
    assert "  5  ✗ 最先未命中  COPY app.py ." in strip.words
    assert "上次 ▶ 已执行，本次 ✗ 最先未命中" in strips.words
    assert "← 2, build 3" in graph.words or "← 2、build 3" in graph.words
    assert "减小 16.4 MB（更好）；少执行 4 步（更好）" in tradeoff.words


def test_a_reason_comes_from_the_words_of_builds():
    """The sentence of a real cause, not one of the tests' own."""
    after = traces.second()
    reasons = tuple(
        Reason(step, Cause("files", files=(("app.py", "changed"),)), True)
        if step.number == 5
        else Reason(step)
        for step in after.steps
    )
    explanation = traces.Explanation(traces.first(), after, reasons)
    for language in ("en", "zh"):
        with messages.speaking(language):
            drawing = figures.strips(explanation)
            said = str(reasons[4].cause)
        assert "app.py" in said and said in drawing.words


@pytest.mark.parametrize("name", [name for name in SHEETS if name.endswith("odd")])
def test_odd_names_stay_on_their_line(name):
    words = SHEETS[name]().words
    assert "\x1b" not in words and "\u202e" not in words
    assert not any(line.startswith("line") for line in words.splitlines())


def test_wrapped_text_fits_and_is_whole_where_there_is_room():
    value = "services/api/orders.py changed, 服务端的配置文件也发生了变化。 " + "x" * 90
    found = wrapped(value, 1.5, 9, most=20)
    assert "".join(found).replace(" ", "") == value.replace(" ", "")
    assert all(figures.canvas.measure(line, 9) <= 1.5 for line in found)
    assert not any(line.startswith(("，", "。")) for line in found)
    cut = wrapped(value, 1.5, 9, most=2)
    assert len(cut) == 2 and cut[-1].endswith("...")
    assert wrapped("", 1.5, 9) == [""]
