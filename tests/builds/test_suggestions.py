"""Suggestions and rewriting, without a daemon: what may be moved, and that nothing else changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpers.builds import suggestions
from helpers.builds.edits import apply, choose, marked
from helpers.builds.plan import plan
from helpers.builds.request import Request
from helpers.builds.rewriting import Rewriting
from helpers.builds.suggestions import Change, Sight
from helpers.builds.suggestions.commands import Place, needs
from helpers.contexts import snapshot

SOURCES = {"requirements.txt": "flask\n", "app.py": "print(1)\n"}


@pytest.fixture
def look(tmp_path):
    def look(dockerfile: str, files: dict[str, str] | None = None, **options: object) -> Sight:
        for name, content in {**(SOURCES if files is None else files)}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())
        (tmp_path / "Dockerfile").write_bytes(dockerfile.encode())
        asked = Request.of(tmp_path, **options)
        found = snapshot(tmp_path)
        return Sight(asked, dockerfile, found, plan(dockerfile, found, {}, target=asked.target))

    return look


def found(sight: Sight, kind: str = "order") -> list[str]:
    """The changed Dockerfiles, or ignore files, that are suggested."""
    return [next(iter(d.files.values())) for d in suggestions.find(sight) if d.kind == kind]


def test_every_other_byte_stays(look):
    before = (
        "# syntax=docker/dockerfile:1\r\n\r\nFROM a\r\n\r\n# the program\r\n# all of it\r\n"
        "COPY  . /app/ \r\n\r\n# a gap\r\n\r\nWORKDIR /app\r\n# what it needs\r\n"
        "RUN  pip   install \\\r\n"
        "  # quietly\r\n  -q \\\r\n  -r requirements.txt\r\n\r\nCMD x\r\n# end"
    )
    assert found(look(before)) == [
        "# syntax=docker/dockerfile:1\r\n\r\nFROM a\r\n\r\nCOPY requirements.txt /app/\r\n"
        "\r\n# a gap\r\n\r\nWORKDIR /app\r\n# what it needs\r\nRUN  pip   install \\\r\n"
        "  # quietly\r\n  -q \\\r\n  -r requirements.txt\r\n# the program\r\n# all of it\r\n"
        "COPY  . /app/ \r\n\r\nCMD x\r\n# end"
    ]


def test_a_rewriting_without_a_change_is_the_text_itself():
    for text in (
        "", "FROM a", "\n\nFROM a\n\n", "FROM a\nRUN <<EOF\n# no comment\n\nEOF\n# c\n\nCMD b",
        "# escape=`\nFROM a\nRUN b `\n # c\n\n d\n", "\ufeffFROM a\r\nRUN b \\\r\n c",
    ):  # fmt: skip
        assert str(Rewriting(text)) == text


def test_a_file_without_an_end_of_line_gets_one_where_it_is_needed(look):
    before = "FROM a\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt"
    assert found(look(before)) == [
        "FROM a\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
        "COPY . .\n"
    ]


ORDERED = {  # what stands between FROM and CMD → what is suggested
    "COPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt": (
        "COPY requirements.txt /app/\nWORKDIR /app\nRUN pip install -r requirements.txt\n"
        "COPY . /app"
    ),
    "WORKDIR /a\nCOPY app.py requirements.txt ./\nRUN pip3 install -qr requirements.txt": (
        "WORKDIR /a\nCOPY requirements.txt ./\nRUN pip3 install -qr requirements.txt\n"
        "COPY app.py requirements.txt ./"
    ),
    "COPY --chown=1:1 . /a\nRUN pip install -r /a/requirements.txt": (
        "COPY --chown=1:1 requirements.txt /a/\nRUN pip install -r /a/requirements.txt\n"
        "COPY --chown=1:1 . /a"
    ),
    "WORKDIR /a\nCOPY app.py .\nCOPY requirements.txt .\nRUN pip install -r requirements.txt": (
        "WORKDIR /a\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY app.py ."
    ),
    "COPY app.py /\nUSER root\nRUN apt-get update && apt-get install -y curl": (
        "USER root\nRUN apt-get update && apt-get install -y curl\nCOPY app.py /"
    ),
    "COPY app.py /b\nCOPY requirements.txt /b\nRUN apt-get install -y c\nRUN cat /b && cat /*": (
        "RUN apt-get install -y c\nCOPY app.py /b\nCOPY requirements.txt /b\nRUN cat /b && cat /*"
    ),
    "COPY *.py /\nENV A=1\nRUN --mount=type=cache,target=/root/.cache pip install flask": (
        "ENV A=1\nRUN --mount=type=cache,target=/root/.cache pip install flask\nCOPY *.py /"
    ),
    "WORKDIR /a\nCOPY . .\nRUN python -m pip install -r requirements.txt\nRUN python app.py": (
        "WORKDIR /a\nCOPY requirements.txt .\nRUN python -m pip install -r requirements.txt\n"
        "COPY . .\nRUN python app.py"
    ),
}


@pytest.mark.parametrize("before", ORDERED, ids=range(len(ORDERED)))
def test_a_copy_goes_below_what_does_not_need_it(look, before):
    sight = look(f"FROM a\n{before}\nCMD b\n")
    assert found(sight) == [f"FROM a\n{ORDERED[before]}\nCMD b\n"]


@pytest.mark.parametrize(
    "between",
    [
        "WORKDIR /\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .",  # good
        "COPY requirements.txt /a/\nRUN pip install -r /a/requirements.txt",  # no more than needed
        "COPY . .\nRUN pip install .",  # of the sources
        "COPY . .\nRUN pip install -e . -r requirements.txt",
        "COPY . .\nRUN make",
        "COPY . .\nRUN ls",
        "COPY . .\nRUN cat *",
        "COPY . .\nRUN cat $(ls)",
        "COPY . .\nRUN pip install -r $FILE",
        "COPY . .\nRUN cd /x && pip install -r requirements.txt",
        "COPY . .\nRUN python app.py && pip install -r requirements.txt",
        "COPY . .\nRUN chmod +x app.py",  # its mode would be lost
        "COPY . .\nRUN echo x > app.py",  # what it wrote would be lost
        "COPY . /b/\nRUN rm -rf /b",
        "COPY . .\nRUN [\"pip\", \"install\", \"-r\", \"requirements.txt\"]",
        "COPY . .\nRUN <<EOF\npip install -r requirements.txt\nEOF",
        "COPY . .\nWORKDIR /b\nRUN apt-get install -y c",  # another target
        "COPY $A /b\nARG A\nRUN apt-get install -y c",
        "ADD . /b\nRUN apt-get install -y c",
        "COPY --from=x /y /z\nRUN apt-get install -y c",
        "COPY --parents . /b\nRUN apt-get install -y c",
        "COPY app.py /b\nCOPY requirements.txt /b\nRUN pip install -r /b",  # the one over the other
        "COPY app.py /b/\nVOLUME /b\nRUN apt-get install -y c",
        "COPY app.py /b/\nSHELL [\"c\"]\nRUN apt-get install -y c",
        "COPY app.py /b/\nRUN --mount=type=bind,target=/d apt-get install -y c",
        "COPY app.py /b/\nRUN apt-get install -y ./b/c.deb",
    ],
)  # fmt: skip
def test_nothing_is_moved_where_it_may_matter(look, between):
    assert found(look(f"FROM a\n{between}\nCMD b\n")) == []


@pytest.mark.parametrize(
    ("files", "command", "needed"),
    [
        ({"requirements.txt": "-r more.txt\nflask # web\n", "more.txt": "a\n"},
         "pip install -r requirements.txt", "more.txt requirements.txt"),
        ({"requirements.txt": "-e .\n"}, "pip install -r requirements.txt", None),
        ({"requirements.txt": "./local\n"}, "pip3 install --requirement=requirements.txt", None),
        ({"requirements.txt": "a @ file:///b\n"}, "uv pip install -r requirements.txt", None),
        ({"package.json": "{}", "package-lock.json": "{}"}, "npm ci --omit=dev",
         "package-lock.json package.json"),
        ({"package.json": '{"scripts": {"postinstall": "x"}}'}, "npm install", None),
        ({"package.json": '{"dependencies": {"a": "file:./a"}}'}, "npm install", None),
        ({"package.json": '{"workspaces": ["a"]}'}, "yarn install", None),
        ({"package.json": "{}", "yarn.lock": ""}, "yarn", "package.json yarn.lock"),
        ({"package.json": "{}"}, "npm run build", None),
        ({"go.mod": "module a\n", "go.sum": ""}, "go mod download", "go.mod go.sum"),
        ({"go.mod": "replace b => ../b\n"}, "go mod download", None),
        ({"Gemfile": "gem 'a'\n", "Gemfile.lock": ""}, "bundle install", "Gemfile Gemfile.lock"),
        ({"Gemfile": "gemspec\n"}, "bundle install", None),
        ({"pom.xml": "<project/>"}, "mvn dependency:go-offline", "pom.xml"),
        ({"pom.xml": "<project/>"}, "mvn package", None),
        ({"a": "", "b": ""}, "sleep 1 && wc -w < a > /c; sort b | head -n 1", "a b"),
        ({"run.sh": "#!/bin/sh\nset -e\n# all\ncat a \\\n  > /b\n", "a": ""}, "sh run.sh",
         "a run.sh"),
        ({"run.sh": "cat $1\n", "a": ""}, "sh run.sh a", None),
        ({"run.sh": "for f in *; do cat $f; done\n"}, "./run.sh", None),
        ({"d/a": ""}, "cat d", None),
        ({"d/a": ""}, "cp d/a /x", "d/a"),
    ],
)  # fmt: skip
def test_what_commands_need(files, command, needed):
    place = Place("/w", {f"/w/{name}": name for name in files}, files.get)
    need = needs(command, place)
    told = None if need is None else " ".join(sorted(p.removeprefix("/w/") for p in need.reads))
    assert told == needed


def test_a_version_goes_to_its_first_use(look):
    before = "FROM a\nARG VERSION=1\n# p\nRUN apt-get install -y b\nRUN echo $VERSION > /v\n"
    after = "FROM a\n# p\nRUN apt-get install -y b\nARG VERSION=1\nRUN echo $VERSION > /v\n"
    assert found(look(before)) == [after]
    assert found(look(after)) == []


@pytest.mark.parametrize(
    "dockerfile",
    [
        "FROM a\nARG VERSION=1\nRUN curl b/$VERSION\n",
        "FROM a\nARG PYTHON_VERSION=1\nRUN apt-get install -y b\n",  # it seldom changes
        "FROM a\nARG DEBIAN_FRONTEND=x\nRUN apt-get install -y b\n",  # it is used without a word
        "FROM a\nARG VERSION\nCOPY app.py .\nRUN ./app.py\n",  # that may read it
        "ARG VERSION=1\nFROM a:$VERSION\nRUN b\n",
    ],
)
def test_a_variable_stays_where_it_may_be_used(look, dockerfile):
    assert found(look(dockerfile, {"app.py": "import os\nos.environ['VERSION']\n"})) == []


LITTER = {
    ".git/HEAD": "x", "pkg/__pycache__/a.pyc": "x", ".env": "A=1", "server.pem": "x", "a.log": "x",
    "pkg/b.log": "x", ".env.example": "A=", "app.py": "print(1)\n",
}  # fmt: skip


def test_what_no_program_needs_is_left_out(look):
    (text,) = found(look('FROM a\nCOPY . .\nCMD ["python", "app.py"]\n', LITTER), "ignore")
    patterns = text.splitlines()
    assert sorted(patterns) == sorted(
        [".git", "Dockerfile", "**/__pycache__", "**/*.log", ".env", "*.pem", ".dockerignore"]
    )
    (draft,) = suggestions.find(look("FROM a\nCOPY . .\n", {}))
    assert draft.said == ("ignore.litter", "ignore.secrets")
    assert set(draft.values["secrets"]) == {".env", "*.pem"}


@pytest.mark.parametrize(
    ("files", "dockerfile"),
    [
        ({**LITTER, ".dockerignore": ".git\n.env\n*.pem\n**/*.log\n**/__pycache__\nDockerfile\n"},
         "FROM a\nCOPY . .\n"),
        (LITTER, "FROM a\nCOPY app.py .\n"),  # nothing of it is copied
        ({".git/HEAD": "x"}, "FROM a\nCOPY .git /x\nCOPY --from=b Dockerfile /\n"),  # on purpose
        ({"server.pem": "x"}, "FROM a\nCOPY server.pem /x\n"),
        ({"src/.env": "x", "src/app.py": "from dotenv import load_dotenv\n"},
         "FROM a\nCOPY src /x\n"),
        ({"src/s.pem": "x", "src/app.py": "open('s.pem')\n"}, "FROM a\nCOPY src /x\n"),
        ({"src/node_modules/a.js": "x", "src/app.js": "x"}, "FROM a\nCOPY src /x\nCMD node app\n"),
        ({"src/venv/bin/python": "x"}, "FROM a\nCOPY src /x\nCMD /x/venv/bin/python\n"),
        ({"src/.env.example": "x", "src/id_rsa.pub": "x"}, "FROM a\nCOPY src /x\n"),
        ({"src/.env": "x", ".dockerignore": "*\n!src/.env\n"}, "FROM a\nCOPY src /x\n"),
    ],
)  # fmt: skip
def test_nothing_is_left_out_that_may_be_needed(look, files, dockerfile):
    assert found(look(dockerfile, files), "ignore") == []


def test_entries_are_added_to_what_is_there(look):
    sight = look("FROM a\nCOPY . .\n", {"a.log": "x", ".dockerignore": "# mine\r\nDockerfile"})
    assert found(sight, "ignore") == ["# mine\r\nDockerfile\r\n*.log\r\n"]


JOINED = {
    "RUN fetch > /tmp/big\n# away\nRUN rm -f /tmp/big\n": (
        "RUN fetch > /tmp/big \\\n# away\n && rm -f /tmp/big\n"
    ),
    "RUN fetch > /big\nRUN read /big\nLABEL x=y\nRUN rm /big\nCMD c": (
        "RUN fetch > /big \\\n && read /big \\\n && rm /big\nLABEL x=y\nCMD c"
    ),
    "RUN apt-get update \\\n && apt-get install -y b\nCOPY app.py /\n"
    "RUN rm -rf /var/lib/apt/lists/*": (
        "RUN apt-get update \\\n && apt-get install -y b \\\n && rm -rf /var/lib/apt/lists/*\n"
        "COPY app.py /\n"
    ),
    "RUN apt-get update && apt-get install -y b\n": (
        "RUN apt-get update && apt-get install -y b \\\n && rm -rf /var/lib/apt/lists/*\n"
    ),
    "RUN pip install flask\nRUN apk add curl\n": (
        "RUN pip install --no-cache-dir flask\nRUN apk add curl\n",
        "RUN pip install flask\nRUN apk add --no-cache curl\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("before", JOINED, ids=range(len(JOINED)))
def test_a_layer_is_left_tidy(look, before):
    wanted = JOINED[before]
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    assert found(look(f"FROM a\n{before}"), "clean-up") == [f"FROM a\n{each}" for each in wanted]


@pytest.mark.parametrize(
    "between",
    [
        "RUN fetch > /big && rm /big",
        "RUN fetch > /big\nRUN other\nRUN rm /big",  # which may still use it
        "RUN fetch > /big\nCOPY app.py /big/\nRUN rm -rf /big",
        "RUN fetch > /big\nUSER x\nRUN rm /big",
        "RUN fetch > /big\nRUN rm /big && other",
        "RUN cd /x && fetch > /big\nRUN read /big\nRUN rm /big",  # it would read elsewhere
        "RUN fetch > /big # now\nRUN rm /big",
        "RUN fetch > big\nRUN rm big",
        "RUN apt-get update\nRUN apt-get install -y b",  # that one needs the lists
        "RUN apt-get update && apt-get install -y b && rm -rf /var/lib/apt/lists/*",
        "RUN pip install --no-cache-dir flask",
        "RUN --mount=type=cache,target=/root/.cache/pip pip install flask",
    ],
)
def test_no_layer_is_touched_where_it_may_matter(look, between):
    for text in found(look(f"FROM a\n{between}\nCMD c\n"), "clean-up"):
        # lists that a later RUN fetches itself
        assert between.startswith("RUN apt-get update\n") and text.count("rm -rf") == 1
        assert text.endswith("install -y b \\\n && rm -rf /var/lib/apt/lists/*\nCMD c\n")


def test_other_stages_and_targets(look):
    text = "FROM a AS one\nRUN fetch > /big\nRUN rm /big\nFROM a AS two\nCMD b\n"
    assert found(look(text), "clean-up") == []  # they are in no layer of the image
    assert len(found(look(text, target="one"), "clean-up")) == 1


def test_the_usual_edit(look, tmp_path):
    files = {
        "notes.txt": "a", "util.py": "b\n", "main.py": "c", "requirements.txt": "d", "x.log": "e",
        "logo": "\0",
    }  # fmt: skip
    sight = look('FROM a\nCOPY . .\nCMD ["python", "main.py"]\n', files)
    assert choose(sight).name == "main.py"
    assert choose(sight, ("notes.txt", "util.py", "logo")).name == "util.py"
    assert choose(sight, ("requirements.txt", "logo", "x.log")) == Change()
    done = apply(sight, tmp_path, choose(sight), {}, "0a0b0c0d")
    assert (tmp_path / "main.py").read_text() == "c\n# edited 0a0b0c0d\n"
    done.undo()
    assert (tmp_path / "main.py").read_text() == "c"


def test_marks_do_no_harm():
    assert marked("a.c", "x;\n", "ab") == "x;\n// edited ab\n"
    assert marked("a.html", "x", "ab") == "x\n<!-- edited ab -->\n"
    assert marked("run", "#!/bin/sh\n", "ab") == "#!/bin/sh\n# edited ab\n"
    assert marked("a.json", "{}", "ffffffff") != marked("a.json", "{}", "fffffffe")
    assert marked("a.json", "{}", "ffffffff").split() == ["{}"]
    assert marked("logo", b"\x89\0", "ab") == b"\x89\0"


def test_a_sight_reads_and_does_not_write(look, tmp_path):
    sight = look("FROM a\nCOPY . .\nRUN pip install -r requirements.txt\n")
    before = {p: p.read_bytes() for p in Path(tmp_path).rglob("*")}
    assert list(suggestions.find(sight))
    assert {p: p.read_bytes() for p in Path(tmp_path).rglob("*")} == before
