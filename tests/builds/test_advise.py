"""Advice on a real engine: what is suggested is measured, does the same, and leaves nothing."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path

import docker
import pytest

from helpers import bases, builds, figures, paths, scenarios
from helpers.builds import Advice, Advices, Edit, buildkit, suggestions
from helpers.builds.suggestions import Draft
from helpers.engine import inventory, journal
from helpers.engine.build_cache import described
from helpers.errors import BuildFailed, NotFound
from helpers.messages import speaking
from tests.conftest import missing

pytestmark = pytest.mark.daemon

GCC = "lbl/test/gcc:advice"
PROGRAM = {"app.sh": "#!/bin/sh\necho hello\n", "needs.txt": "a\nb\n"}
INSTALL = "sleep 0.3 && sort needs.txt > /installed"
START = 'CMD ["sh", "app.sh"]\n'
UNORDERED = f"FROM lbl/busybox:1\nWORKDIR /app\nCOPY app.sh needs.txt ./\nRUN {INSTALL}\n{START}"
ORDERED = UNORDERED.replace("app.sh needs.txt ./", "needs.txt .").replace(
    START, f"COPY app.sh .\n{START}"
)


@pytest.fixture
def folder(tmp_path, engine):
    bases.busybox(engine)
    place = tmp_path / "contexts" / "advised"
    place.mkdir(parents=True)
    return place


@pytest.fixture
def advise(folder, engine):
    """Write a context and ask for advice; nothing may be left of that, and nothing changed."""

    def advise(dockerfile: str, files: dict[str, str] | None = None, **options) -> Advices:
        fill(folder, dockerfile, PROGRAM if files is None else files)
        before = state(engine, folder)
        try:
            return builds.advise(folder, engine=engine, **options)
        finally:
            assert state(engine, folder) == before
            assert not list((paths.home() / "advice").glob(f"{folder.name}-*"))

    return advise


@pytest.fixture(params=["buildkit", "classic"])
def builder(request, engine, monkeypatch):
    if request.param == "classic":
        monkeypatch.setattr(buildkit, "available", lambda _: False)
    elif not buildkit.available(engine):
        missing("no docker client with buildx")
    return request.param


@pytest.fixture
def compiler(engine, tmp_path, capsys):
    """An image that is called like a compiler, on BusyBox: its ``gcc`` copies the source."""
    place = tmp_path / "compiler"
    place.mkdir()
    script = '#!/bin/sh\n# usage: gcc [-static] -o PROGRAM SOURCE\n[ "$1" = -static ] && shift\n'
    (place / "gcc").write_text(f'{script}grep -v "^//" "$3" > "$2"\nchmod 755 "$2"\n')
    (place / "gcc").chmod(0o755)
    (place / "Dockerfile").write_text(
        "FROM lbl/busybox:1\nCOPY gcc /usr/bin/gcc\nRUN head -c 3000000 /dev/zero > /usr/bin/cc1\n"
    )
    bases.busybox(engine)
    builds.run(place, GCC, engine)
    yield GCC
    with contextlib.suppress(docker.errors.ImageNotFound):
        engine.client.api.remove_image(GCC, force=True)


def fill(folder: Path, dockerfile: str, files: dict[str, str]) -> None:
    for name, content in {**files, "Dockerfile": dockerfile}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o755 if content.startswith("#!") else 0o644)


def state(engine, folder: Path) -> tuple[object, ...]:
    """What the daemon holds (but for the builder's records), and what the context holds."""
    things = inventory.take(engine)
    held = sorted((t.kind, t.id, t.names) for t in (*things.ours, *things.foreign))
    files = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}
    return [one for one in held if one[0] != "build-cache"], files


def steps(advice: Advice) -> tuple[int, int]:
    return advice.measured.before.steps, advice.measured.after.steps


def test_a_manifest_first(advise, builder):
    (advice,) = advise(UNORDERED)
    assert (advice.kind, advice.line) == ("order", 3)
    assert advice.files == {
        "Dockerfile": UNORDERED.replace(
            "COPY app.sh needs.txt ./\n", "COPY needs.txt ./\n"
        ).replace(START, f"COPY app.sh needs.txt ./\n{START}")
    }
    assert steps(advice) == (2, 1)
    assert advice.measured.edited == "app.sh"
    before, after = advice.measured.before, advice.measured.after
    assert before.seconds > 0.3 and after.seconds > 0
    assert after.size == before.size
    assert before.size > 2_000_000


def test_a_rebuild_is_measured_anew_each_time(advise):
    first, again = advise(UNORDERED), advise(UNORDERED)
    assert [steps(one) for one in (*first, *again)] == [(2, 1), (2, 1)]
    assert first[0].measured.before.size == again[0].measured.before.size


def test_sources_below_what_needs_none_of_them(advise):
    text = (
        "FROM lbl/busybox:1\nCOPY app.sh /app/\nRUN mkdir /data && sleep 0.3\nCMD sh /app/app.sh\n"
    )
    (advice,) = advise(text)
    assert steps(advice) == (2, 1)
    assert "needs none of them" in advice.words


def test_an_installation_in_a_script(advise):
    files = {
        **PROGRAM,
        "install.sh": f"#!/bin/sh\nset -e\n{INSTALL}\n",
        ".dockerignore": "Dockerfile",
    }
    (advice,) = advise(
        "FROM lbl/busybox:1\nWORKDIR /app\nCOPY . .\nRUN sh install.sh\n" + START, files
    )
    assert (
        "COPY install.sh needs.txt ./\nRUN sh install.sh\nCOPY . .\n" in advice.files["Dockerfile"]
    )
    assert steps(advice) == (2, 1)


def test_a_version_below_the_slow_steps(advise):
    text = (
        f"FROM lbl/busybox:1\nARG VERSION=1\nWORKDIR /app\nCOPY needs.txt .\nRUN {INSTALL}\n"
        "COPY app.sh .\nLABEL version=$VERSION\n"
    )
    (advice,) = advise(text + START)
    assert advice.measured.edited == "VERSION"
    assert "COPY app.sh .\nARG VERSION=1\nLABEL version=$VERSION\n" in advice.files["Dockerfile"]
    assert steps(advice)[0] > steps(advice)[1]


def test_a_release_in_the_environment_below_the_slow_steps(advise):
    text = f"FROM lbl/busybox:1\nENV RELEASE=1.0\nWORKDIR /app\nCOPY needs.txt .\nRUN {INSTALL}\n"
    (advice,) = advise(text + START)
    assert advice.files["Dockerfile"].endswith(f"RUN {INSTALL}\nENV RELEASE=1.0\n{START}")
    assert steps(advice) == (1, 0)


LITTER = {**PROGRAM, ".git/HEAD": "x" * 5000, "__pycache__/a.pyc": "x" * 500}
ALL = f"FROM lbl/busybox:1\nWORKDIR /app\nCOPY . .\n{START}"


def test_what_is_left_out(advise, builder):
    (advice,) = advise(ALL, LITTER)
    assert advice.kind == "ignore"
    assert set(advice.files) == {".dockerignore"}
    before, after = advice.measured.before, advice.measured.after
    sizes = sum(map(len, PROGRAM.values()))
    assert after.context == sizes
    assert before.context == sizes + 5500 + len(ALL)
    assert before.size - after.size == 5500 + len(ALL)


def test_secrets_are_a_matter_of_safety(advise):
    files = {
        **PROGRAM,
        ".env": "PASSWORD=x\n",
        "tls/server.pem": "key",
        ".dockerignore": "Dockerfile",
    }
    (advice,) = advise(ALL, files)
    assert advice.files == {".dockerignore": "Dockerfile\n.env\n**/*.pem\n"}
    assert advice.words.startswith("A matter of safety: .env, **/*.pem may hold secrets")
    with speaking("zh"):
        assert advice.words.startswith("这关系到安全：.env、**/*.pem 可能含有机密信息")


def test_removed_where_it_is_made(advise, builder):
    text = (
        "FROM lbl/busybox:1\nRUN head -c 2000000 /dev/zero > /big\n"
        "RUN wc -c < /big > /count\nRUN rm /big\nCMD cat /count\n"
    )
    (advice,) = advise(text, {})
    assert (advice.kind, advice.line) == ("clean-up", 4)
    assert advice.measured.before.size - advice.measured.after.size == 2_000_000
    assert advice.measured.edited == ""


APT = "#!/bin/sh\nmkdir -p /var/lib/apt/lists && head -c 40000 /dev/zero > /var/lib/apt/lists/one\n"


def test_package_lists(advise):
    text = (
        "FROM lbl/busybox:1\nCOPY apt-get /usr/bin/\nRUN apt-get update && apt-get install -y b\n"
        "CMD apt-get\n"
    )
    (advice,) = advise(text, {"apt-get": APT})
    assert (advice.kind, advice.line) == ("clean-up", 3)
    assert " && rm -rf /var/lib/apt/lists/*\nCMD" in advice.files["Dockerfile"]
    assert advice.measured.before.size - advice.measured.after.size == 40_000
    assert steps(advice) == (2, 2)


def test_nothing_is_said_about_lists_that_are_not_there(advise, engine):
    assert advise("FROM lbl/busybox:1\nRUN : ; echo apt-get install > /x\nCMD cat /x\n", {}) == ()


def test_a_compiler_stays_in_its_stage(advise, compiler, engine):
    text = (
        f"FROM {compiler}\nWORKDIR /src\nCOPY tool.c .\nRUN gcc -o /usr/bin/tool tool.c\nCMD tool\n"
    )
    (advice,) = advise(text, {"tool.c": "#!/bin/sh\necho tool\n"})
    assert (advice.kind, advice.line, advice.values["base"]) == ("stages", 1, "lbl/busybox:1")
    assert advice.measured.before.size - advice.measured.after.size > 3_000_000
    assert advice.files["Dockerfile"].endswith(
        "\n\nFROM lbl/busybox:1\nCOPY --from=build /usr/bin/tool /usr/bin/tool\n"
        "WORKDIR /src\nCMD tool\n"
    )


def test_a_program_that_does_not_start_elsewhere_is_not_split_off(advise, compiler):
    """A script that is called static has no shell on ``scratch``: the trial tells."""
    text = f'FROM {compiler}\nCOPY tool.c .\nRUN gcc -static -o /tool tool.c\nCMD ["/tool"]\n'
    assert advise(text, {"tool.c": "#!/bin/sh\necho tool\n"}) == ()


def test_python_offline(engine, tmp_path):
    bases.python(engine)
    text = "FROM lbl/python:3\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
    text += "CMD python app.py\n"
    files = {
        "requirements.txt": "click\n",
        "app.py": "import click\n",
        ".dockerignore": "Dockerfile\n",
    }
    fill(tmp_path, text, files)
    (advice,) = builds.advise(tmp_path, engine=engine)
    assert steps(advice) == (2, 1)
    assert advice.measured.edited == "app.py"


@pytest.mark.sweep
def test_a_real_compiler(engine, tmp_path):
    bases.gcc(engine)
    source = '#include <stdio.h>\nint main(void) { puts("hello"); return 0; }\n'
    for flag, base, least in (
        ("-static", "scratch", 150_000_000),
        ("-O2", "lbl/debian:12", 50_000_000),
    ):
        text = f'FROM lbl/gcc:12\nCOPY a.c .\nRUN gcc {flag} -o /usr/bin/a a.c\nCMD ["a"]\n'
        fill(tmp_path, text, {"a.c": source})
        (advice,) = builds.advise(tmp_path, engine=engine)
        assert advice.values["base"] == base
        assert advice.measured.before.size - advice.measured.after.size > least


@pytest.mark.parametrize(
    ("dockerfile", "files"),
    [
        (ORDERED, PROGRAM),
        (ALL, {**LITTER, ".dockerignore": ".git\n**/__pycache__\nDockerfile\n"}),
        ("FROM lbl/busybox:1\nRUN echo x > /big && rm /big\nCMD ls\n", {}),
        (f"FROM {GCC} AS b\nCOPY a.c .\nRUN gcc -o /a a.c\nFROM scratch\n"
         "COPY --from=b /a /\nCMD [\"/a\"]\n",
         {"a.c": "x"}),
        ("FROM lbl/busybox:1\nCOPY needs.txt /\nRUN sort /needs.txt > /x\nCMD cat /x\n", PROGRAM),
        (f"FROM lbl/busybox:1\nWORKDIR /app\nCOPY . .\nRUN sh *.sh\n{START}",
         {**PROGRAM, ".dockerignore": "Dockerfile\n"}),
        ("FROM lbl/busybox:1\nENV A=1\nCMD ls\n", {}),
    ],
)  # fmt: skip
def test_nothing_to_say(advise, dockerfile, files):
    found = advise(dockerfile, files)
    assert found == () and found.without_gain == ()
    assert str(found) == "Nothing to suggest for this build."


def test_a_mistake_is_named(advise):
    with pytest.raises(BuildFailed, match="Line 2"):
        advise("FROM lbl/busybox:1\nCOPPY . .\n")


def test_a_context_that_cannot_be_built(advise):
    with pytest.raises(BuildFailed, match="Line 4") as caught:
        advise(UNORDERED.replace("sleep 0.3", "false"))
    assert "advised" in str(caught.value) and "advice" not in str(caught.value)


def test_a_change_that_cannot_be_built_is_dropped(advise):
    """The RUN looks for the litter without naming it."""
    text = (
        f'FROM lbl/busybox:1\nWORKDIR /app\nCOPY . .\nRUN test -n "$(find . -name HEAD)"\n{START}'
    )
    assert advise(text, LITTER) == ()


def test_a_change_after_which_the_program_fails_is_dropped(advise):
    files = {**PROGRAM, "a.log": "x", "app.sh": "exec cat *.l*g\n", ".dockerignore": "Dockerfile\n"}
    assert advise(ALL, files) == ()


def test_a_change_with_another_result_is_dropped(advise, monkeypatch):
    def wrong(sight):
        text = sight.dockerfile.replace(
            "sort needs.txt", "sort -r needs.txt >> /installed; sort needs.txt"
        )
        yield Draft(
            "order", 4, ("order.nothing",), {}, {"Dockerfile": text.replace("> /i", "> /j")}
        )

    monkeypatch.setattr(suggestions, "find", wrong)
    assert advise(UNORDERED) == ()


def test_no_gain_is_no_advice(advise):
    found = advise(UNORDERED, edit=Edit("needs.txt", content="c\n"))
    assert found == ()
    (advice,) = found.without_gain
    assert steps(advice) == (2, 3)
    assert str(found).endswith("No gain measured: Order, line 3 of the Dockerfile")


@pytest.mark.parametrize(
    "edit",
    [
        Edit("app.sh", content="echo new\n"),
        Edit("app.sh"),
        Edit("app.sh", mode=0o700),
        [Edit("app.sh", content="echo new\n"), Edit("needs.txt", mode=0o644)],
    ],
)
def test_an_edit_of_the_callers(advise, edit):
    for _ in range(2):  # the second time the cache knows the edit
        (advice,) = advise(UNORDERED, edit=edit)
        assert steps(advice) == (2, 1)


@pytest.mark.parametrize("path", ["Dockerfile", ".dockerignore", "nothing.sh", "../advised/app.sh"])
def test_an_edit_that_is_none(advise, path):
    with pytest.raises(NotFound, match="cannot be the edit"):
        advise(UNORDERED, edit=Edit(path))


def test_records_are_journalled(advise, engine):
    if not buildkit.available(engine):
        missing("no docker client with buildx")
    before = described(engine)
    advise(UNORDERED.replace("0.3", f"0.3{time.time_ns()}"))
    # a record of what the client sent may appear a moment after the build
    after = described(engine).items()
    new = {i for i, what in after if i not in before and not what.startswith("local source")}
    assert new and new <= {entry.id for entry in journal.entries(engine, "build-cache")}


def test_what_is_shown(advise, engine):
    files = {**PROGRAM, "a.log": "x", "<b>.log": "x"}
    found = advise(ALL.replace(START, f"RUN {INSTALL}\n{START}"), files)
    assert [advice.kind for advice in found] == ["order", "ignore"]
    shown = found._repr_mimebundle_()
    assert shown["text/plain"] == str(found)
    assert "  Measured, before → after, with the same edit: app.sh\n" in str(found)
    assert "    steps that the rebuild ran: 2 → 1\n    time of the rebuild: ≈" in str(found)
    assert "    +COPY needs.txt .\n" in str(found)
    assert "<pre>" in shown["text/html"] and "<b>.log" not in shown["text/html"]
    with speaking("zh"):
        chinese = str(found)
        points = [point.name for point in found[0].points]
    assert chinese.startswith("2 条建议。") and "重新构建时执行的步骤：2 → 1" in chinese
    assert points == ["修改前", "调整顺序"]


def test_points_can_be_drawn(advise):
    (advice,) = advise(UNORDERED, tag="lbl/99-web:1")
    drawing = figures.tradeoff(*advice.points)
    assert "lbl/99-web:1" in drawing.words and "1 step fewer" in drawing.words


def test_advice_is_applied_to_a_scenario(tmp_path, monkeypatch, engine, capsys):
    shipped = tmp_path / "lessons" / "90-sample" / "contexts" / "advice"
    shipped.mkdir(parents=True)
    fill(shipped, ALL.replace(START, f"RUN {INSTALL}\n{START}"), {**PROGRAM, "a.log": "x"})
    monkeypatch.setattr(paths, "LESSONS", tmp_path / "lessons")
    monkeypatch.setenv("LAYER_BY_LAYER_CONTEXTS", str(tmp_path / "contexts"))
    scenario = scenarios.start("90.advice", engine)
    order, ignore = builds.advise(scenario, engine=engine)
    order.apply(scenario)
    assert (scenario.folder / "Dockerfile").read_text() == order.files["Dockerfile"]
    (left,) = builds.advise(scenario, engine=engine)
    left.apply(scenario)
    assert (scenario.folder / ".dockerignore").read_text() == ignore.files[".dockerignore"]
    assert builds.advise(scenario, engine=engine) == ()
    again = scenarios.start("90.advice", engine)
    assert not (again.folder / ".dockerignore").exists()
    assert (again.folder / "Dockerfile").read_bytes() == (shipped / "Dockerfile").read_bytes()
    assert capsys.readouterr().out == ""
    shutil.rmtree(scenario.folder)
