"""Failures read out of what builders really wrote (recorded on the engines named)."""

from __future__ import annotations

from helpers.builds.failure import of_buildkit, of_classic

DOCKERFILE = "FROM lbl/busybox:1\n\nRUN true\nRUN echo one; \\\n  false\n"

# Engine 28.5.2, buildx 0.29.1
COMMAND = """\
#9 [4/4] RUN echo one;   false
#9 0.134 one
#9 ERROR: process "/bin/sh -c echo one;   false" did not complete successfully: exit code: 1
------
 > [4/4] RUN echo one;   false:
0.134 one
------
Dockerfile:4
--------------------
   3 |     RUN true
   4 | >>> RUN echo one; \\
   5 | >>>   false
   6 |
--------------------
ERROR: failed to build: failed to solve: process "/bin/sh -c echo one;   false" did not complete successfully: exit code: 1
"""  # noqa: E501
MISSING = """\
------
 > [2/2] COPY nope.txt /:
------
Dockerfile:2
--------------------
   1 |     FROM lbl/busybox:1
   2 | >>> COPY nope.txt /
   3 |
--------------------
ERROR: failed to build: failed to solve: failed to compute cache key: failed to calculate checksum of ref x::y: "/nope.txt": not found
"""  # noqa: E501
UNKNOWN = """\
Dockerfile:2
--------------------
   1 |     FROM lbl/busybox:1
   2 | >>> RNU x
   3 |
--------------------
ERROR: failed to build: failed to solve: dockerfile parse error on line 2: unknown instruction: RNU (did you mean RUN?)
"""  # noqa: E501
# Engine 26.1.5, buildx 0.13.1: no "failed to build", no frame
OLDER = 'ERROR: failed to solve: process "/bin/sh -c exit 7" did not complete: exit code: 7\n'
# Engine 20.10.24, buildx 0.29.1
OLDEST = """\
#5 [2/2] RUN echo before;   cat /nothing
#5 0.194 before
#5 ERROR: executor failed running [/bin/sh -c echo before;   cat /nothing]: exit code: 1
------
 > [2/2] RUN echo before;   cat /nothing:
0.194 before
------
ERROR: failed to build: failed to solve: executor failed running [/bin/sh -c echo before;   cat /nothing]: exit code: 1
"""  # noqa: E501
OLDEST_MISSING = """\
------
 > [2/2] COPY nope.txt /:
------
ERROR: failed to build: failed to solve: failed to compute cache key: "/nope.txt" not found: not found
"""  # noqa: E501
# Classic builder of Engine 28.5.2
CLASSIC = """\
Step 1/3 : FROM lbl/busybox:1
 ---> a039181b2b13
Step 2/3 : RUN true
 ---> Running in 3c6c0d7d0e5f
Removing intermediate container 3c6c0d7d0e5f
 ---> 0a6d2b8d9d7e
Step 3/3 : RUN echo one;   false
 ---> Running in 95b2a0e2ec5b
one
Removing intermediate container 95b2a0e2ec5b
"""


def test_a_failing_command_names_its_line_and_output():
    found = of_buildkit(COMMAND, DOCKERFILE)
    assert (found.line, found.instruction) == (4, "RUN echo one; false")
    assert (found.exit_code, found.tail, found.missing) == (1, "one", "")


def test_the_classic_builder_tells_the_same():
    error = "The command '/bin/sh -c echo one;   false' returned a non-zero code: 1"
    found = of_classic(CLASSIC, error, DOCKERFILE)
    same = of_buildkit(COMMAND, DOCKERFILE)
    for field in ("line", "instruction", "exit_code", "tail", "missing"):
        assert getattr(found, field) == getattr(same, field)


def test_a_missing_file():
    dockerfile = "FROM lbl/busybox:1\nCOPY nope.txt /\n"
    found = of_buildkit(MISSING, dockerfile)
    assert (found.line, found.missing, found.exit_code) == (2, "nope.txt", None)
    for error in (
        "COPY failed: file not found in build context or excluded by .dockerignore: "
        "stat nope.txt: file does not exist",
        "COPY failed: stat nope.txt: no such file or directory",
    ):
        log = "Step 1/2 : FROM lbl/busybox:1\n ---> x\nStep 2/2 : COPY nope.txt /\n"
        assert of_classic(log, error, dockerfile).missing == "nope.txt"


def test_an_unknown_instruction_in_the_same_words_everywhere():
    dockerfile = "FROM lbl/busybox:1\nRNU x\n"
    found = of_buildkit(UNKNOWN, dockerfile)
    assert (found.line, found.reason) == (2, "line 2: unknown instruction: RNU")
    error = "dockerfile parse error line 2: unknown instruction: RNU"
    assert of_classic("", error, dockerfile).line == 2


def test_without_a_frame_the_step_is_found_by_its_text():
    found = of_buildkit(OLDEST, "FROM a\n\nRUN echo before; \\\n  cat /nothing\n")
    assert (found.line, found.exit_code, found.tail) == (3, 1, "before")
    found = of_buildkit(OLDEST_MISSING, "FROM a\nCOPY nope.txt /\n")
    assert (found.line, found.missing) == (2, "nope.txt")


def test_no_frame_no_line():
    found = of_buildkit(OLDER, "FROM a\nRUN exit 7\n")
    assert (found.line, found.exit_code) == (None, 7)


def test_control_sequences_do_not_come_through():
    found = of_buildkit(COMMAND.replace("0.134 one", "0.134 \x1b[31mone\x1b[0m"), DOCKERFILE)
    assert found.tail == "one"


def test_a_long_output_is_cut_to_its_end():
    many = "".join(f"0.1 {n}\n" for n in range(100))
    found = of_buildkit(COMMAND.replace("------\n > [4", f"{many}------\n > [4").replace(
        "false:\n0.134 one\n", f"false:\n{many}"), DOCKERFILE)  # fmt: skip
    assert found.tail.split("\n")[-1] == "99" and len(found.tail.split("\n")) == 12
