"""What goes into each step's cache key, without a builder: what changes it, and what does not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from helpers.builds.plan import Base, Plan, plan
from helpers.contexts import Snapshot
from helpers.contexts.listing import Entry

BUSYBOX = {"b": Base("chain")}
FILES = {"a.txt": "a", "b.txt": "b", "src/x.c": "x", "src/y.c": "y"}


def context(files: Mapping[str, str] = FILES, modes: Mapping[str, int] | None = None) -> Snapshot:
    found: dict[str, Entry] = {}
    for path, content in files.items():
        digest = hashlib.sha256(content.encode()).hexdigest()
        found[path] = Entry("file", (modes or {}).get(path, 0o644), digest, len(content))
        parent = path.rpartition("/")[0]
        if parent:
            found[parent] = Entry("dir", 0o755)
    return Snapshot(found)


def made(text: str, files: Mapping[str, str] = FILES, **options: object) -> Plan:
    modes = options.pop("modes", None)
    bases = options.pop("bases", BUSYBOX)
    return plan(text, context(files, modes), bases, **options)


def keys(text: str, files: Mapping[str, str] = FILES, **options: object) -> dict[str, str]:
    return {step.id: step.parts.key for step in made(text, files, **options).steps}


def differ(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Return the numbers of the steps whose key is another one."""
    assert one.keys() == other.keys()
    return [i.removeprefix("stage-0 ") for i in one if one[i] != other[i]]


STEPS = "FROM b\nCOPY a.txt /\nRUN one\nCOPY src/ /src/\nRUN two\n"


def test_numbers_lines_and_inputs():
    found = made("# c\nFROM b\nLABEL a=1\nCOPY a.txt /\nENV X=1\nRUN one \\\n two\nCMD x\n")
    assert [(s.id, s.line, s.inputs, s.vertex) for s in found.steps] == [
        ("stage-0 1", 2, (), None),
        ("stage-0 2", 4, ("stage-0 1",), 2),
        ("stage-0 3", 6, ("stage-0 2",), 3),
    ]
    assert found.step("stage-0 3").instruction == "RUN one two"
    with pytest.raises(KeyError):
        found.step("stage-0 4")


def test_the_same_makes_the_same():
    assert keys(STEPS) == keys(STEPS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("FROM b\n", "# c\nFROM b\n\n"),
        ("FROM b\n", "FROM b\nLABEL a=1\nEXPOSE 1\nCMD x\nENTRYPOINT y\nVOLUME /v\nSTOPSIGNAL 9\n"),
        ("FROM b\n", "FROM b AS name\n"),
        ("RUN one", "run  one"),
        ("COPY a.txt /", "COPY  a.txt   /"),
        ("COPY a.txt /", 'COPY ["a.txt", "/"]'),
        ("COPY a.txt /", "COPY ./a.txt //"),
        ("RUN two\n", "RUN two\nENV LATE=1\nARG LATER=1\nUSER 5\n"),
        ("RUN one\n", "RUN one\nWORKDIR /\n"),
    ],
)
def test_what_changes_no_key(old: str, new: str):
    one, other = keys(STEPS), keys(STEPS.replace(old, new))
    assert list(one.values()) == list(other.values())


@pytest.mark.parametrize(
    ("old", "new", "first"),
    [
        ("RUN one", "RUN one ", None),
        ("RUN one", "RUN  one two", "3"),
        ("RUN one", "RUN --network=none one", "3"),
        ("RUN one", 'RUN ["one"]', "3"),
        ("/src/\n", "/srv/\n", "4"),
        ("COPY src/", "ADD src/", "4"),
        ("COPY src/", "COPY --chmod=700 src/", "4"),
        ("COPY src/", "COPY --chown=7 src/", "4"),
        ("COPY src/", "COPY src/ a.txt", "4"),
        ("RUN one", "ENV A=1\nRUN one", "3"),
        ("RUN one", "ARG A=1\nRUN one", "3"),
        ("RUN one", "ARG A\nRUN one", None),  # it has no value
        ("RUN one", "USER 7\nRUN one", "3"),
        ("RUN one", 'SHELL ["sh", "-x"]\nRUN one', "3"),
        ("COPY a.txt", "ENV A=1\nCOPY a.txt", "3"),  # a COPY does not see it
        ("COPY a.txt", "USER 7\nCOPY a.txt", "3"),
        ("COPY a.txt", "ARG A=1\nCOPY a.txt", "3"),
    ],
)
def test_where_a_change_of_the_text_begins(old: str, new: str, first: str | None):
    found = differ(keys(STEPS), keys(STEPS.replace(old, new, 1)))
    wanted = [str(n) for n in range(int(first), 6)] if first else []
    assert found == wanted


@pytest.mark.parametrize(
    ("files", "first"),
    [
        ({**FILES, "a.txt": "other"}, 2),
        ({**FILES, "src/x.c": "other"}, 4),
        ({**FILES, "src/new": "n"}, 4),
        ({p: c for p, c in FILES.items() if p != "src/y.c"}, 4),
        ({**FILES, "b.txt": "other"}, 9),
        ({**FILES, "elsewhere": "n"}, 9),
    ],
)
def test_where_a_change_of_files_begins(files: dict, first: int):
    assert differ(keys(STEPS), keys(STEPS, files)) == [str(n) for n in range(first, 6)]


def test_modes_of_files_count():
    assert differ(keys(STEPS), keys(STEPS, modes={"a.txt": 0o755})) == ["2", "3", "4", "5"]


def test_the_exec_form_does_not_see_the_shell():
    text = 'FROM b\nRUN ["one"]\nRUN two\n'
    shell = text.replace("FROM b\n", 'FROM b\nSHELL ["sh", "-x"]\n')
    assert differ(keys(text), keys(shell)) == ["3"]
    parts = [step.parts for step in made(shell).steps]
    assert "@SHELL" not in dict(parts[1].environment)
    assert dict(parts[2].environment)["@SHELL"] == "sh -x"


# ---- variables ----


def test_an_argument_is_seen_from_its_declaration_on():
    text = "FROM b\nRUN one\nARG V=1\nCOPY a.txt /\nRUN two\n"
    assert differ(keys(text), keys(text, args={"V": "1"})) == []
    assert differ(keys(text), keys(text, args={"V": "2"})) == ["4"]
    assert differ(keys(text), keys(text, args={"OTHER": "2"})) == []
    assert dict(made(text, args={"V": "2"}).steps[-1].parts.arguments) == {"V": "2"}


def test_an_argument_that_a_copy_names():
    text = "FROM b\nARG F=a.txt\nCOPY $F /x\n"
    assert differ(keys(text), keys(text, args={"F": "b.txt"})) == ["2"]
    step = made(text, args={"F": "b.txt"}).steps[1]
    assert [path for path, _ in step.parts.files] == ["b.txt"]
    assert step.parts.arguments == (("F", "b.txt"),)
    # $FILE is another name
    assert made("FROM b\nARG F=a\nARG FILE=a.txt\nCOPY $FILE /x\n").steps[1].parts.arguments == (
        ("FILE", "a.txt"),
    )


def test_env_beats_arg_and_a_proxy_is_no_ingredient():
    text = "FROM b\nARG V=1\nENV V=2\nRUN one\n"
    assert differ(keys(text), keys(text, args={"V": "9"})) == []
    text = "FROM b\nARG HTTP_PROXY\nARG https_proxy\nRUN one\n"
    proxies = {"HTTP_PROXY": "x", "https_proxy": "y"}
    assert differ(keys(text), keys(text, args=proxies)) == []


def test_a_global_argument_is_for_from_unless_declared_again():
    text = "ARG V=1\nFROM b:$V\nRUN one\n"
    bases = {"b:1": Base("one"), "b:2": Base("two")}
    assert differ(keys(text, bases=bases), keys(text, bases=bases, args={"V": "2"})) == ["1", "2"]
    again = "ARG V=1\nFROM b\nARG V\nRUN one\n"
    assert dict(made(again).steps[1].parts.arguments) == {"V": "1"}
    assert dict(made(again.replace("ARG V\n", "")).steps[1].parts.arguments) == {}


def test_values_are_put_into_each_other():
    text = "FROM b\nARG A=x\nENV B=${A}y C='$A'\nRUN one\nWORKDIR /${B}\nCOPY a.txt ./${B:-n}/\n"
    found = made(text)
    assert dict(found.steps[1].parts.environment)["B"] == "xy"
    assert dict(found.steps[1].parts.environment)["C"] == "$A"
    assert '"/xy"' in found.steps[2].parts.does
    assert '"/xy/xy/"' in found.steps[3].parts.does


def test_the_working_folder_of_a_relative_path():
    text = "FROM b\nWORKDIR /one\nWORKDIR sub\nCOPY a.txt .\nCOPY b.txt /abs\n"
    found = [step.parts for step in made(text).steps]
    assert '"/one/sub"' in found[2].does and '"/one/sub/"' in found[3].does
    assert dict(found[2].environment) == {"@WORKDIR": "/one"}
    assert dict(found[3].environment) == {"@WORKDIR": "/one/sub"}
    assert found[1].environment == found[4].environment == ()


def test_another_escape_character():
    text = "# escape=`\nFROM b\nENV P=c:\\x\nCOPY a.txt `\n  /x\n"
    found = made(text)
    assert found.steps[1].instruction == "COPY a.txt /x"
    assert dict(made(f"{text}RUN one\n").steps[2].parts.environment)["P"] == "c:\\x"


# ---- base images ----


def test_the_base_counts_by_its_layers_and_by_its_environment():
    text = "FROM b\nCOPY a.txt /\nRUN one\n"
    assert differ(keys(text), keys(text, bases={"b": Base("other")})) == ["1", "2", "3"]
    assert differ(keys(text), keys(text, bases={"b": Base("chain", (("A", "1"),))})) == ["3"]
    assert differ(keys(text), keys(text, bases={"b": Base("chain", user="7")})) == ["3"]
    assert differ(keys(text), keys(text, bases={"b": Base("chain", workdir="/w")})) == ["3"]


def test_a_base_that_is_not_there_is_no_error():
    assert len(made("FROM nowhere\nRUN one\n", bases={}).steps) == 2


# ---- stages ----

TWO = (
    "FROM b AS one\nCOPY a.txt /a\nRUN make > /out\n"
    "FROM b\nCOPY --from=one /a /\nCOPY --from=one /out /\nRUN last\n"
)


def test_what_is_copied_out_of_a_stage():
    found = made(TWO)
    assert found.step("stage-1 2").inputs == ("stage-1 1", "one 3")
    assert found.step("stage-1 2").parts.stages[0][3] == "one 2"  # who made it
    assert found.step("stage-1 3").parts.stages[0][3] == "one 3"
    a, b = keys(TWO), keys(TWO.replace("RUN make", "RUN make it"))
    # /a came by COPY and is the same; what the RUN makes is taken to be another
    assert [i for i in a if a[i] != b[i]] == ["one 3", "stage-1 3", "stage-1 4"]


@pytest.mark.parametrize("name", ["one", "ONE", "0"])
def test_a_stage_by_name_or_number(name: str):
    text = TWO.replace("--from=one", f"--from={name}")
    assert list(keys(text).values()) == list(keys(TWO).values())


def test_stages_that_nobody_needs():
    text = f"FROM b AS spare\nRUN spare\n{TWO}"
    found = made(text)
    assert {step.stage for step in found.steps if not step.needed} == {"spare"}
    found = made(text, target="one")
    assert {step.stage for step in found.steps if step.needed} == {"one"}
    assert {step.stage for step in made(text, target="0").steps if step.needed} == {"spare"}
    # the classic builder builds all down to the wanted one
    found = made(text, target="one", classic=True)
    assert {step.stage for step in found.steps if step.needed} == {"spare", "one"}


def test_a_stage_on_a_stage_goes_on_where_that_ended():
    text = "FROM b AS one\nENV A=1\nRUN one\nFROM one AS two\nRUN two\n"
    found = made(text)
    assert found.step("two 1").inputs == ("one 2",)
    assert found.step("two 2").inputs == ("one 2",)
    assert found.step("two 2").vertex == 1
    assert dict(found.step("two 2").parts.environment)["A"] == "1"
    a, b = keys(text), keys(text.replace("A=1", "A=2"))
    assert [i for i in a if a[i] != b[i]] == ["one 2", "two 1", "two 2"]


def test_an_image_that_files_are_copied_out_of():
    text = "FROM b\nCOPY --from=other:1 /x /\n"
    a = keys(text, bases={**BUSYBOX, "other:1": Base("one")})
    b = keys(text, bases={**BUSYBOX, "other:1": Base("two")})
    assert differ(a, b) == ["2"]


def test_link_stands_on_nothing_where_it_is_honoured():
    text = "FROM b\nRUN one\nCOPY --link a.txt /\nCOPY --link=false b.txt /\nRUN two\n"
    other = text.replace("RUN one", "RUN other")
    assert differ(keys(text), keys(other)) == ["2", "4", "5"]
    assert made(text).steps[2].inputs == ()
    assert made(text).steps[3].inputs == ("stage-0 2", "stage-0 3")
    assert differ(keys(text, link=False), keys(other, link=False)) == ["2", "3", "4", "5"]


# ---- mounts and here-documents ----


def test_mounts():
    text = "FROM b\nRUN --mount=type={} true\n"
    bind = text.format("bind,source=src,target=/m")
    assert differ(keys(bind), keys(bind, {**FILES, "src/x.c": "other"})) == ["2"]
    assert differ(keys(bind), keys(bind, {**FILES, "a.txt": "other"})) == []
    assert [p for p, _ in made(bind).steps[1].parts.files] == ["src", "src/x.c", "src/y.c"]
    for kind in ("cache,target=/c", "secret,id=k", "tmpfs,target=/t"):
        one = text.format(kind)
        assert differ(keys(one), keys(one, {**FILES, "src/x.c": "other"})) == []
        assert differ(keys(one), keys(one.replace("true", "false"))) == ["2"]
    stage = f"FROM b AS s\nCOPY a.txt /a\n{text.format('bind,from=s,source=/a,target=/m')}"
    a, b = keys(stage), keys(stage, {**FILES, "a.txt": "other"})
    assert [i for i in a if a[i] != b[i]] == ["s 2", "stage-1 2"]


def test_here_documents():
    text = 'FROM b\nARG V=1\nCOPY <<A <<"B" /d/\n$V\nA\n$V\nB\nRUN <<EOF\necho $V\nEOF\n'
    found = made(text)
    assert [s.instruction for s in found.steps] == ["FROM b", 'COPY <<A <<"B" /d/', "RUN <<EOF"]
    assert '["1\\n", "$V\\n"]' in found.steps[1].parts.does
    assert found.steps[1].parts.arguments == (("V", "1"),)
    assert differ(keys(text), keys(text.replace("echo", "printf"))) == ["3"]
    assert differ(keys(text), keys(text, args={"V": "2"})) == ["2", "3"]
    quoted = text.replace("<<A ", "<<'A' ")
    assert '["$V\\n", "$V\\n"]' in made(quoted).steps[1].parts.does
    assert made(quoted).steps[1].parts.arguments == ()


# ---- the classic builder ----


def test_for_the_classic_builder_each_instruction_counts():
    text = "FROM b\nLABEL a=1\nCOPY a.txt /\nRUN one\n"
    other = text.replace("a=1", "a=2")
    assert differ(keys(text), keys(other)) == []
    assert differ(keys(text, classic=True), keys(other, classic=True)) == ["2", "3"]
    comment = text.replace("LABEL", "# c\nLABEL")
    assert differ(keys(text, classic=True), keys(comment, classic=True)) == []


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "# only\n", "RUN x\n", "FROM\n", "FROM b\nCOPY\n", "FROM b\nCOPY x\n", "\0\1",
        "FROM b\nNOPE x\n", "FROM b\nRUN --mount=\n", "FROM b\nCOPY --from=nowhere /x /\n",
        "FROM b\nSHELL x\n", "FROM b\nENV\n", "FROM b\nWORKDIR\n", "FROM b\nARG\n",
        "FROM b\nUSER\n", "FROM b\nCOPY [] /\n", 'FROM b\nCOPY ["a"] /\n', "FROM b AS\nRUN x\n",
        "FROM b AS x\nFROM x AS x\nRUN y\n",
    ],
)  # fmt: skip
def test_any_text_can_be_planned(text: str):
    assert isinstance(made(text), Plan)
    assert isinstance(made(text, classic=True), Plan)
