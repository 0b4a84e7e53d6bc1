"""Ignore files: what the rules say, and what BuildKit itself leaves out."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from helpers.builds import buildkit
from helpers.contexts import snapshots
from helpers.contexts.globs import BadPattern, clean, matcher, wild
from helpers.contexts.ignore import Ignore
from helpers.errors import BuildFailed
from tests.conftest import missing

# What github.com/moby/patternmatcher's own tests are about, one line a question: pattern, path,
# whether it is left out, its folders considered.
MATCHES = [
    ("**", "file", True),
    ("**", "dir/file", True),
    ("**/", "dir/file", True),
    ("**/**", "dir/file", True),
    ("***", "file", True),
    ("***", "dir/file", True),
    ("****", "dir/file", True),
    ("dir/**", "dir", False),
    ("dir/**", "dir/file", True),
    ("dir/**", "dir/sub/file", True),
    ("dir/**", "dirt/file", False),
    ("di**", "dir/file", True),
    ("**/dir", "dir", True),
    ("**/dir", "a/b/dir", True),
    ("**/dir", "dir/file", True),
    ("**/dir", "mydir", False),
    ("**dir", "mydir", True),
    ("**/sub/*", "dir/sub/file", True),
    ("**/sub/**", "dir/sub", False),
    ("**/sub/**", "dir/sub/a/b", True),
    ("**/file*", "dir/dir/file.txt", True),
    ("**/file*txt", "dir/file.txt", True),
    ("**/**/*.txt", "file.txt", True),
    ("**/**/*.txt2", "dir/file.txt", False),
    ("a**/*.txt", "a/b/c/file.txt", True),
    ("a**/*.txt", "b/file.txt", False),
    ("a**b", "ab", True),
    ("a**b", "a/x/b", True),
    ("a/**/b", "a/b", True),
    ("a/*.txt", "a/file.txt", True),
    ("a/*.txt", "a/dir/file.txt", False),
    ("a/*.txt**", "a/file.txt", True),
    ("*", "dir/file", True),
    ("*/*", "file", False),
    ("*/*", "dir/file", True),
    ("a*b*c", "a1b2c", True),
    ("a*b", "a/b", False),
    ("a?b", "a/b", False),
    ("a?b", "a☺b", True),
    ("a?b", "ab", False),
    ("a[b-d]e", "ace", True),
    ("a[b-d]e", "aae", False),
    ("a[^b-d]e", "aze", True),
    ("a[^b-d]e", "ace", False),
    ("[a-ζ]*", "α", True),
    ("*[a-ζ]", "A", False),
    (r"[\]a]", "]", True),
    (r"[x\-]", "-", True),
    (r"[x\-]", "z", False),
    ("[[:digit:]]*", "7up", True),
    ("[[:digit:]]*", "up", False),
    (r"a\*b", "a*b", True),
    (r"a\*b", "axb", False),
    (r"a\\b", "a\\b", True),
    (".*", ".foo", True),
    (".*", "foo", False),
    ("abc.def", "abcZdef", False),
    ("**/.foo", "bar.foo", False),
    ("a(b)c/def", "a(b)c/def", True),
    ("a.|)$(}+{bc", "a.|)$(}+{bc", True),
    ("a.|)$(}+{b*", "a.|)$(}+{bc", True),
    ("dist/p-2.4.0rc3.dev36+g08-*.whl", "dist/p-2.4.0rc3.dev36+g08-py3.whl", True),
    ("a^b", "a^b", True),
    ("docs/", "docs/README.md", True),
    ("/docs", "docs", True),
    ("./docs/../src/", "src/a", True),
    ("..", "a", False),
    (".", "a", False),
    ("/", "a", False),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "path", "out"), MATCHES)
def test_one_pattern(pattern, path, out):
    assert Ignore.parse(pattern).excludes(path) is out


@pytest.mark.parametrize(
    ("rules", "path", "out"),
    [
        ("docs !docs/README.md", "docs/README.md", False),
        ("docs !docs/README.md", "docs/other", True),
        ("docs/* !docs/README.md", "docs/README.md", False),
        ("!a.go *.go", "a.go", True),
        ("*.go !a.go", "a.go", False),
        ("** !util/web", "util/web/foo", False),
        ("** !util/web util/web/foo", "util/web/foo", True),
        ("** !dist/*.whl", "dist/a+b.whl", False),
        ("* !src src/*.log !src/keep.log", "src/keep.log", False),
        ("* !src src/*.log !src/keep.log", "src/x.log", True),
        ("a/b !a", "a/b", True),  # nothing had left out `a`, so the exception was never asked
        ("a !**/c", "a/b/c", False),
        ("a !a/b/c", "a/b/d", True),
    ],
)
def test_several_patterns(rules, path, out):
    assert Ignore.parse("\n".join(rules.split())).excludes(path) is out


def test_lines():
    rules = Ignore.parse("\ufefftest1\r\n/test2\n\n  a/./b/../c  \n# no\n #yes\n! /x/y\n!!z\n")
    found = [("!" if p.exception else "") + p.text for p in rules.patterns]
    assert found == ["test1", "test2", "a/c", "#yes", "!x/y", "!!z"]
    assert [p.line for p in rules.patterns] == [1, 2, 4, 6, 7, 8]


def test_no_pattern_leaves_nothing_out():
    for text in ("", "\n\n", "# only a comment\n"):
        rules = Ignore.parse(text)
        assert not rules and not rules.excludes("any/path")


@pytest.mark.parametrize(
    "pattern",
    [
        "!",
        "! ",
        "!/",
        "[",
        "[^",
        "[^bc",
        "a[",
        "[]a]",
        "[-]",
        "[x-]",
        "[-x]",
        "[a-b-c]",
        "\\",
        "a\\",
    ],
)
def test_a_malformed_pattern_is_named_with_its_line(pattern):
    with pytest.raises(BuildFailed) as caught:
        Ignore.parse(f"fine\n{pattern}\n", "app.dockerignore")
    assert caught.value.what.startswith("Line 2 of app.dockerignore is no pattern: ")


def test_what_is_no_expression_is_refused_when_it_is_asked():
    """Go's Match lets ``[z-a]`` pass; as an expression it is an error, once it is tried."""
    rules = Ignore.parse("![z-a]\nx\n[z-a]")
    with pytest.raises(BuildFailed, match=r"Line 3 of \.dockerignore"):
        rules.excludes("y")
    assert not Ignore.parse("![z-a]").excludes("y")  # never tried: nothing was left out


def test_many_stars_do_not_take_for_ever():
    rules = Ignore.parse("/".join(["**"] * 40) + "/*.nope")
    assert not rules.excludes("/".join(["folder"] * 40))


@pytest.mark.parametrize(
    ("rules", "folder", "closed"),
    [
        ("a", "a", True),
        ("a\n!b/c", "a", True),
        ("a\n!a/b", "a", False),
        ("a\n!a/b/**", "a/b", False),
        ("a\n!a/b/**", "a/c", True),
        ("a\n!**/x", "a", False),
        ("a\n!ab/c", "a", True),
    ],
)
def test_which_folders_need_not_be_looked_into(rules, folder, closed):
    assert Ignore.parse(rules).closed(folder) is closed


def test_the_dockerfiles_own_ignore_file_counts_first(tmp_path):
    (tmp_path / ".dockerignore").write_text("a\n")
    assert Ignore.of(tmp_path).excludes("a")
    (tmp_path / "Dockerfile.dockerignore").write_text("b\n")
    assert not Ignore.of(tmp_path).excludes("a") and Ignore.of(tmp_path).excludes("b")
    assert Ignore.of(tmp_path, "./Dockerfile").file == "Dockerfile.dockerignore"
    assert Ignore.of(tmp_path, "app.Dockerfile").file == ".dockerignore"
    (tmp_path / "app.Dockerfile.dockerignore").write_text("")
    assert Ignore.of(tmp_path, "app.Dockerfile").file == "app.Dockerfile.dockerignore"


# Go's filepath.Match


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("*.txt", "a.txt", True),
        ("*.txt", "d/a.txt", False),
        ("d/*.t?t", "d/a.txt", True),
        ("[a-c]x", "bx", True),
        ("[^a-c]x", "bx", False),
        ("[z-a]x", "bx", False),
        ("[^z-a]x", "bx", True),
        (r"\*", "*", True),
        (r"\*", "a", False),
        ("a.c", "abc", False),
        (r"[\]]", "]", True),
    ],
)
def test_match(pattern, path, matches):
    assert bool(matcher(pattern).fullmatch(path)) is matches


@pytest.mark.parametrize("pattern", ["[", "[]", "[a", "[^", "[a-", "[-a]", "a\\", "[\\"])
def test_match_refuses(pattern):
    with pytest.raises(BadPattern):
        matcher(pattern)


def test_clean_and_wild():
    assert [clean(p) for p in ("", "a//b/", "/../a", "//a", "a/..")] == [
        ".",
        "a/b",
        "/a",
        "/a",
        ".",
    ]
    assert [wild(p) for p in ("a", "a*", r"a\*", "[x]", r"\\?")] == [False, True, False, True, True]


# The same questions to BuildKit

TREE = [
    "a.txt", "b.log", "[x]", "#hash", "dir/a.txt", "dir/b.log", "dir/sub/a.txt", "dir/sub/b.log",
    "dir/sub/deep/a.txt", "dir2/a.txt", "dir2/keep/x/y.txt", ".hidden", ".git/config", "src/a.go",
    "src/lib/a.go", "src/lib/a_test.go", "node_modules/m/a.js", "node_modules/m/README.md",
    "sp ace/f le.txt", "ünï/cödé.txt", "empty.d/", "dir/empty.d/", "a+b(c).txt", "docs/README.md",
    "docs/api/README.md", "docs/api/index.md", "9lives", "back\\slash", "st*r", "out/bin/tool",
]  # fmt: skip

CASES = [
    "", "# nothing\n", "*", "**", "*\n!dir", "*\n!dir/sub", "*\n!dir/sub/a.txt", "**\n!**/a.txt",
    "*.log", "**/*.log", "/dir", "dir/", "dir/*\n!dir/sub", "dir/**\n!dir/sub/deep", "*/*.txt",
    "*/*/a.txt", "dir\n!dir/sub/deep/a.txt\n", "node_modules\n!node_modules/*/README.md",
    "**/README.md\n!docs/README.md", "docs\n!docs/**/README.md", "dir/sub\n!dir", "!dir\ndir",
    "src\n!src/lib\nsrc/lib/*_test.go", "*\n!src/**\n**/*_test.go", "[a-d]*", "[^a-d]*",
    "[[:digit:]]*", r"\#hash", r"\[x\]", " #hash", "[*]", "st[*]r", r"back\\slash", "a+b(c).txt",
    "*(c)*", "sp ace", "ünï/*", ".*", "..", ".", "./dir/../dir2/", "dir2\n!dir2/keep/x",
    "dir2\n!dir2/keep/x/nothing", "empty.d", "**/empty.d\n!dir/empty.d", "di**", "**dir",
    "*\n!*/\ndir", "out\n!out/b*/t?ol", "***", "*/**/a.txt", "  dir  \r\n\r\n  b.log\t",
    "\ufeffdir", ".dockerignore\n*Dockerfile*", "d?r*\n!dir2\n!dir", "**/sub/**\n!**/deep/**",
    "dir/sub/deep/**",
]  # fmt: skip


@pytest.fixture
def builds(engine):
    if not buildkit.available(engine):
        missing("no docker client with buildx")


def plant(place: Path, rules: str) -> None:
    for path in TREE:
        target = place / path
        (target if path.endswith("/") else target.parent).mkdir(parents=True, exist_ok=True)
        if not path.endswith("/"):
            target.write_text(path)
    (place / ".dockerignore").write_bytes(rules.encode())


def arrived(folder: Path, engine, *flags: str) -> set[str] | str:
    """Build; return the paths in the image, or the builder's words if it fails."""
    command = ["docker", "buildx", "build", "--output", "type=tar,dest=-", *flags, "."]
    ran = subprocess.run(
        command, cwd=folder, env=buildkit.environment(engine), capture_output=True, timeout=120
    )
    if ran.returncode:
        return ran.stderr.decode(errors="replace")
    with tarfile.open(fileobj=io.BytesIO(ran.stdout)) as tar:
        return {member.name.rstrip("/") for member in tar}


@pytest.mark.daemon
def test_buildkit_leaves_the_same_out(tmp_path, engine, builds):
    """One build out of many contexts, each with an ignore file of its own."""
    names = [f"c{number:02}" for number in range(len(CASES))]
    for name, rules in zip(names, CASES, strict=True):
        plant(tmp_path / name, rules)
    lines = ["FROM scratch", *(f"COPY --from={name} / /{name}/" for name in names)]
    (tmp_path / "Dockerfile").write_text("\n".join(lines))
    flags = [word for name in names for word in ("--build-context", f"{name}={name}")]
    found = arrived(tmp_path, engine, *flags)
    assert isinstance(found, set), found
    for name, rules in zip(names, CASES, strict=True):
        theirs = {path.partition("/")[2] for path in found if path.startswith(f"{name}/")}
        assert set(snapshots.snapshot(tmp_path / name).files) == theirs, repr(rules)


@pytest.mark.daemon
@pytest.mark.parametrize("rules", CASES[::12])
def test_of_the_main_context_too(tmp_path, engine, builds, rules):
    plant(tmp_path, rules)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    assert set(snapshots.snapshot(tmp_path).files) == arrived(tmp_path, engine)


@pytest.mark.daemon
@pytest.mark.parametrize("rules", ["!", "[", "fine\n[z-a]", "a\\"])
def test_buildkit_refuses_the_same(tmp_path, engine, builds, rules):
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / ".dockerignore").write_text(rules)
    with pytest.raises(BuildFailed, match="no pattern"):
        snapshots.snapshot(tmp_path)
    assert "ERROR" in arrived(tmp_path, engine)


@pytest.mark.daemon
@pytest.mark.parametrize("own", ["", "b\n", "# nothing\n"])
def test_buildkit_takes_the_same_file(tmp_path, engine, builds, own):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (tmp_path / ".dockerignore").write_text("a\n")
    (tmp_path / "Dockerfile.dockerignore").write_text(own)
    assert set(snapshots.snapshot(tmp_path).files) == arrived(tmp_path, engine)
