"""Hand-made builds for the tests of the build figures: small, huge, odd, failed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from helpers import figures
from helpers.builds.model import Cause, Explanation, Reason, Step, Trace


@dataclass(frozen=True)
class Said(Cause):
    """A cause that says a given sentence, so that tests of figures need no words of builds."""

    sentence: str = ""

    def __str__(self) -> str:
        return self.sentence


def build(*lines: tuple, tag: str = "lbl/web:1") -> Trace:
    """Return a trace of ``(stage, state, instruction[, seconds[, uses]])``; the steps run in order.

    A step uses the one before it in its stage, and the last step of each stage in ``uses``.
    """
    steps: list[Step] = []
    last: dict[str, Step] = {}
    ends: dict[str, float] = {}
    for line in lines:
        stage, state, instruction, seconds, uses = (*line, 0.0, ())[:5] if len(line) < 5 else line
        if len(line) == 4:
            seconds, uses = line[3], ()
        below = [last[stage]] if stage in last else []
        inputs = tuple(step.id for step in [*below, *(last[name] for name in uses)])
        number = below[0].number + 1 if below else 1
        start = max((ends[i] for i in inputs), default=0.0)
        ran = state in ("ran", "failed")
        step = Step(
            stage, number, instruction, len(steps) + 1, state,
            start if ran else None, seconds if ran else None, inputs,
            error="exit code: 1" if state == "failed" else "",
        )  # fmt: skip
        ends[step.id] = start + (seconds if ran else 0.0)
        last[stage] = step
        steps.append(step)
    return Trace(tag, "buildkit", tuple(steps), max(ends.values(), default=0.0))


def explained(after: Trace, before: Trace | None, **causes: str) -> Explanation:
    """Return an explanation; ``causes`` maps ``stage_number`` of each step to blame to a sentence.

    Every other step that ran follows.
    """
    reasons = []
    for step in after.steps:
        sentence = causes.get(step.id.replace(" ", "_").replace("-", "_"))
        ran = step.state in ("ran", "failed")
        cause = None
        if ran:
            kind = "files" if sentence else "ancestor"
            cause = Said(kind, sentence=sentence or "a step it stands on ran")
        reasons.append(Reason(step, cause, sentence is not None))
    return Explanation(before, after, tuple(reasons))


WEB = (
    ("stage-0", "FROM lbl/busybox:1"),
    ("stage-0", "WORKDIR /app"),
    ("stage-0", "COPY requirements.txt ."),
    ("stage-0", "RUN pip install --no-index --find-links /wheels -r requirements.txt"),
    ("stage-0", "COPY app.py ."),
    ("stage-0", 'RUN echo "compiling" && python -m compileall -q /app'),
)


def _states(lines, states, seconds=(0.0, 0.1, 0.1, 4.2, 0.1, 1.3), tag="lbl/web:1") -> Trace:
    return build(
        *((s, state, i, t) for (s, i), state, t in zip(lines, states, seconds, strict=True)),
        tag=tag,
    )


def first() -> Trace:
    """A build without a cache: every step ran."""
    return _states(WEB, ("base", *["ran"] * 5))


def second() -> Trace:
    """The build after an edit of app.py."""
    return _states(WEB, ("base", "cached", "cached", "cached", "ran", "ran"), tag="lbl/web:2")


def edited() -> Explanation:
    return explained(second(), first(), stage_0_5="app.py changed")


def all_hit() -> Explanation:
    return explained(_states(WEB, ("base", *["cached"] * 5)), first())


def from_nothing() -> Explanation:
    return explained(first(), None, stage_0_2="no earlier build has made this step")


def failed() -> Explanation:
    """A build that stopped at a step; the last one was never reached."""
    after = _states(WEB, ("base", "cached", "ran", "failed", "unreached", "unreached"))
    return explained(after, first(), stage_0_3="requirements.txt changed")


def rebuilt() -> Explanation:
    """One instruction replaced, one inserted, one removed."""
    lines = [*WEB]
    lines[2] = ("stage-0", "COPY requirements.txt constraints.txt ./")
    lines.insert(4, ("stage-0", "RUN rm -rf /root/.cache"))
    del lines[6]
    states = ("base", "cached", "ran", "ran", "ran", "ran")
    after = _states(lines, states, tag="lbl/web:3")
    sentence = (
        "the instruction changed from COPY requirements.txt . to COPY requirements.txt "
        "constraints.txt ./"
    )
    return explained(after, first(), stage_0_3=sentence)


def stages(states: str = "bhhbrrbrrrr", tag: str = "lbl/shop:2") -> Trace:
    """Three stages; two of them need nothing of each other, the third takes from both."""
    short = {"b": "base", "h": "cached", "r": "ran", "f": "failed", "u": "unreached"}
    lines = (
        ("assets", "FROM lbl/tools:1", 0.0, ()),
        ("assets", "COPY assets/ /src/", 0.2, ()),
        ("assets", "RUN bundle /src -o /out", 2.4, ()),
        ("build", "FROM lbl/tools:1", 0.0, ()),
        ("build", "COPY main.c .", 0.1, ()),
        ("build", "RUN cc -O2 -o /app main.c", 3.1, ()),
        ("final", "FROM lbl/busybox:1", 0.0, ()),
        ("final", "RUN adduser -D app", 0.4, ()),
        ("final", "COPY --from=build /app /usr/bin/app", 0.1, ("build",)),
        ("final", "COPY --from=assets /out /srv/www", 0.1, ("assets",)),
        ("final", "RUN app --self-test", 0.7, ()),
    )
    return build(
        *((s, short[state], i, t, u) for (s, i, t, u), state in zip(lines, states, strict=True)),
        tag=tag,
    )


def staged() -> Explanation:
    after = stages("bhhbrrbhrrr")
    return explained(after, stages("brrbrrbrrrr", "lbl/shop:1"), build_2="main.c changed")


def huge() -> Trace:
    """Forty steps in six stages, each of which takes something from the first."""
    lines: list[tuple] = []
    for stage in range(6):
        name = f"{'a-rather-long-stage-name-' if stage == 2 else 'part'}{stage}"
        lines.append((name, "base", f"FROM registry.example.org/team/tools:{stage}", 0.0, ()))
        for n in range(2, 8 if stage != 5 else 6):
            state = "cached" if stage in (1, 4) or n < 4 else "ran"
            uses = ("part0",) if n == 5 and stage > 0 else ()
            words = f"RUN make target-{stage}-{n} && rm -rf /var/cache/target # {'tidy ' * 9}"
            if uses:
                words = f"COPY --from=part0 /out/some/deep/folder/file-{n}.tar.gz /opt/{n}/"
            lines.append((name, state, words, 0.3 * n + stage, uses))
    return build(*lines, tag="registry.example.org/team/a-rather-long-name/big:2026.11")


def huge_explained() -> Explanation:
    after = huge()
    blamed = {}
    for stage in after.stages:
        ran = [step for step in after.steps if step.stage == stage and step.state == "ran"]
        if ran:
            blamed[ran[0].id.replace(" ", "_").replace("-", "_")] = (
                "services/api/handlers/orders.py changed, services/api/models.py changed, "
                "web/index.html added and 31 more files in the build context changed"
            )
    return explained(after, replace(after, tag="registry.example.org/team/big:2026.10"), **blamed)


def long(count: int = 40) -> Trace:
    """One stage with many steps."""
    lines = [("stage-0", "base", "FROM lbl/busybox:1")]
    for n in range(2, count + 1):
        state = "cached" if n < 15 else "ran"
        lines.append(("stage-0", state, f"RUN echo {n} >> /log && sync", 0.2 * (n % 5)))
    return build(*lines)


def long_explained() -> Explanation:
    return explained(long(), long(), stage_0_15="a build argument changed: VERSION")


EVIL = '<script>alert("x")</script>'


def odd() -> Trace:
    """Names that attack HTML, terminals and the layout."""
    return build(
        (f"{EVIL}", "base", f"FROM {EVIL}"),
        (f"{EVIL}", "cached", "RUN \x1b[31mred\x1b[0m $HOME $x^2$ \u202eevil"),
        (f"{EVIL}", "ran", "COPY 中文/说明.txt שלום/קובץ.txt emoji-🐳.txt new\nline /x/", 0.2),
        (f"{EVIL}", "ran", "RUN " + "x" * 300, 1e-9),
        ("", "base", ""),
        ("", "ran", "X" * 80, 3600.0, (f"{EVIL}",)),
        ("阶段", "base", "FROM scratch"),
        (
            "阶段",
            "failed",
            "RUN echo '构建步骤很长很长很长很长很长很长很长很长' > /文件",
            0.3,
            ("",),
        ),
        ("阶段", "unreached", "RUN true"),
        tag='<img src=x onerror="alert(1)">:latest',
    )


def odd_explained() -> Explanation:
    after = odd()
    sentences = {
        after.steps[2].id: f"中文/{EVIL}.txt \x1b[31mchanged 🐳 " + "y" * 400 + " 说明" * 90,
        after.steps[5].id: "$x^2$ changed",
        after.steps[7].id: "它复制的文件发生了变化："
        + "、".join(f"文件{n}.txt" for n in range(60)),
    }
    reasons = tuple(
        Reason(step, Said("files", sentence=sentences[step.id]), True)
        if step.id in sentences
        else Reason(step, Said("ancestor") if step.state == "ran" else None)
        for step in after.steps
    )
    return Explanation(replace(after, tag="old\nname"), after, reasons)


def many_blamed() -> Explanation:
    """Several misses in one stage, as a build without the cache has them."""
    after = first()
    sentences = {f"stage_0_{n}": "the build was told not to use the cache" for n in range(2, 7)}
    return explained(after, first(), **sentences)


def one_step() -> Trace:
    return build(("stage-0", "base", "FROM lbl/busybox:1"))


def empty() -> Trace:
    return Trace("lbl/empty:1", "classic", ())


SLOW = figures.Point("COPY . . before pip install", 48_300_000, 14.2, 5)
FAST = figures.Point("requirements.txt first", 31_900_000, 0.8, 1)
NOTHING = figures.Point("FROM scratch", 0, 0.0, 0)
EVIL_POINT = figures.Point(f"{EVIL} \x1b[31m🐳 " + "名字" * 60, 10**13, 86_400.0, 4000)
