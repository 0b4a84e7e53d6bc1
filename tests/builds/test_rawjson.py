"""Reading ``--progress=rawjson``: what builders and clients really wrote, and what they should not.

The payloads were recorded on Engine 28.5.2 with buildx 0.29.1, and shortened.
"""

from __future__ import annotations

import base64
import json
import random
import time
import tracemalloc

import pytest

from helpers.builds import rawjson
from helpers.builds.rawjson import Progress, Vertex

A, B = "sha256:aaaa", "sha256:bbbb"
RECORDED = [
    b'{"vertexes":[{"digest":"sha256:aaaa","name":"[1/2] FROM docker.io/lbl/busybox:1","started":'
    b'"2025-11-25T00:10:11.000000001Z"}]}\n',
    b'{"vertexes":[{"digest":"sha256:aaaa","name":"[1/2] FROM docker.io/lbl/busybox:1","started":'
    b'"2025-11-25T00:10:11.000000001Z","completed":"2025-11-25T00:10:11.25Z","cached":true}]}\n',
    b'{"vertexes":[{"digest":"sha256:bbbb","inputs":["sha256:aaaa"],"name":"[2/2] RUN echo hi",'
    b'"started":"2025-11-25T00:10:12.5+00:00"}]}\n',
    b'{"logs":[{"vertex":"sha256:bbbb","stream":1,"data":"aGkK","timestamp":'
    b'"2025-11-25T00:10:12.6Z"}]}\n',
    b'{"statuses":[{"id":"x","vertex":"sha256:bbbb","current":3,"timestamp":"2025-11-25T00:10:13Z"'
    b"}]}\n",
    b'{"vertexes":[{"digest":"sha256:bbbb","name":"[2/2] RUN echo hi","completed":'
    b'"2025-11-25T00:10:13.123456789Z"}]}\n',
]
ERROR = b"ERROR: failed to build: failed to solve: boom"


def fed(*lines: bytes) -> Progress:
    progress = Progress()
    for line in lines:
        progress.feed(line)
    return progress


def log(data: bytes, vertex: str = B) -> bytes:
    told = {"vertex": vertex, "data": base64.b64encode(data).decode()}
    return json.dumps({"logs": [told]}).encode()


def vertex(**told: object) -> bytes:
    return json.dumps({"vertexes": [told]}).encode()


def told(progress: Progress) -> list[tuple]:
    return [
        (v.digest, v.name, v.inputs, v.started, v.completed, v.cached, v.error, v.text)
        for v in progress.vertices.values()
    ]


def test_a_recorded_build() -> None:
    progress = fed(*RECORDED)
    first, second = progress.vertices.values()
    assert (first.place, first.words) == (("", 1), "FROM docker.io/lbl/busybox:1")
    assert (first.started, first.completed, first.cached) == (0.0, 0.25, True)
    assert (second.place, second.words, second.inputs) == (("", 2), "RUN echo hi", (A,))
    assert second.started == 1.5 and second.completed == pytest.approx(2.123456, abs=1e-5)
    assert (second.cached, second.error, second.text) == (False, "", "hi\n")
    assert progress.seconds == pytest.approx(2.123456, abs=1e-5)
    assert not progress.words


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("[2/7] RUN x", ("", 2)),
        ("[ 2/17] RUN x", ("", 2)),
        ("[build 3/5] RUN x", ("build", 3)),
        ("[build  3/15] RUN x", ("build", 3)),
        ("[stage-1 3/5] RUN x", ("stage-1", 3)),
        ("[linux/arm64 3/5] RUN x", ("", 3)),
        ("[linux/arm64 build 3/5] RUN x", ("build", 3)),
        ("[linux/arm/v7 build 3/5] RUN x", ("build", 3)),
        ("[internal] load build context", None),
        ("exporting to image", None),
        ("", None),
        ("[2/7]", None),
        ("RUN echo [2/7] x", None),
    ],
)
def test_the_place_of_a_step(name: str, place: tuple | None) -> None:
    if name.startswith("[linux/arm64 3"):
        assert Vertex("d", name).place[1] == 3  # a platform alone reads as a stage's name
    else:
        assert Vertex("d", name).place == place


# ---- errors among the objects ----


def test_an_error_on_its_own_line() -> None:
    progress = fed(*RECORDED, ERROR + b"\n")
    assert list(progress.words) == [ERROR.decode()]
    assert told(progress) == told(fed(*RECORDED))


def test_an_error_before_an_object() -> None:
    lines = [RECORDED[0], ERROR + RECORDED[1], *RECORDED[2:]]
    progress = fed(*lines)
    assert told(progress) == told(fed(*RECORDED))
    assert list(progress.words) == [ERROR.decode()]


def test_an_error_behind_an_object() -> None:
    lines = [RECORDED[0].rstrip() + ERROR + b"\n", *RECORDED[1:]]
    progress = fed(*lines)
    assert told(progress) == told(fed(*RECORDED))
    assert list(progress.words) == [ERROR.decode()]


def test_two_objects_and_an_error_on_one_line() -> None:
    progress = fed(b"".join(line.rstrip() for line in RECORDED) + ERROR)
    assert told(progress) == told(fed(*RECORDED))
    assert list(progress.words) == [ERROR.decode()]


@pytest.mark.parametrize(("at", "said"), [(1, True), (20, False), (60, False), (99, False)])
def test_an_error_in_the_middle_of_an_object(at: int, said: bool) -> None:
    """Inside of one of its strings it cannot be told from that; the object is dropped."""
    torn = RECORDED[2][:at] + ERROR + RECORDED[2][at:]
    progress = fed(*RECORDED[:2], torn, *RECORDED[3:])
    assert any("boom" in words for words in progress.words) or not said
    assert A in progress.vertices  # what was whole is known
    assert progress.seconds > 2


def test_an_error_that_holds_braces() -> None:
    error = b'ERROR: bad {thing} in {"a": 1}\n'
    progress = fed(RECORDED[0], error, *RECORDED[1:])
    assert told(progress) == told(fed(*RECORDED))
    assert [words.strip() for words in progress.words] == [error.decode().strip()]


def test_the_frame_of_a_failed_dockerfile() -> None:
    frame = b"Dockerfile:2\n--------------------\n   1 |     FROM a\n   2 | >>> RNU x\n"
    progress = fed(*RECORDED, *frame.splitlines(keepends=True), ERROR)
    assert "\n".join(progress.words).splitlines() == [*frame.decode().splitlines(), ERROR.decode()]


@pytest.mark.parametrize("length", range(0, 150, 11))
def test_half_a_line(length: int) -> None:
    progress = fed(RECORDED[0], RECORDED[1][:length], *RECORDED[2:])
    assert B in progress.vertices and progress.vertices[B].text == "hi\n"


@pytest.mark.parametrize("line", [b"", b"\n", b"   \r\n", b"\t"])
def test_empty_lines(line: bytes) -> None:
    progress = fed(line, *RECORDED, line)
    assert told(progress) == told(fed(*RECORDED)) and not progress.words


# ---- what should not come, and may ----


def test_unknown_keys_and_vertices() -> None:
    progress = fed(
        b'{"vertexes":[{"digest":"d","name":"n","new":{"a":[1]}}],"progressGroups":[{}]}',
        b'{"unheard":1}',
        b'{"logs":[{"vertex":"nobody","data":"aGkK"}]}',
        b'{"warnings":[{"vertex":"d","short":"eA=="}]}',
    )
    assert [v.name for v in progress.vertices.values()] == ["n"]
    assert progress.vertices["d"].text == ""
    assert list(progress.words) == ['{"unheard":1}']  # no progress: the client's own words


@pytest.mark.parametrize(
    "line",
    [
        b"null", b"3", b'"x"', b"[]", b"[{}]", b"{}", b"{", b"}", b"{}{}", b"[1, {]",
        b'{"vertexes":null}', b'{"vertexes":3}', b'{"vertexes":"x"}', b'{"vertexes":{}}',
        b'{"vertexes":[null]}', b'{"vertexes":[3, "x", []]}', b'{"vertexes":[{}]}',
        b'{"vertexes":[{"digest":null}]}', b'{"vertexes":[{"digest":3}]}',
        b'{"vertexes":[{"digest":["x"]}]}', b'{"vertexes":[{"digest":"d","inputs":3}]}',
        b'{"vertexes":[{"digest":"d","inputs":"abc"}]}',
        b'{"vertexes":[{"digest":"d","inputs":[1,null]}]}',
        b'{"vertexes":[{"digest":"d","name":3,"error":{},"cached":"yes"}]}',
        b'{"vertexes":[{"digest":"d","started":3,"completed":"never"}]}',
        b'{"vertexes":[{"digest":"d","started":"2025-13-45T99:99:99Z"}]}',
        b'{"vertexes":[{"digest":"d","started":"0001-01-01T00:00:00Z"}]}',
        b'{"logs":3}', b'{"logs":[null]}', b'{"logs":[[]]}', b'{"logs":[{}]}',
        b'{"logs":[{"vertex":3,"data":"aGkK"}]}', b'{"logs":[{"vertex":["x"],"data":"aGkK"}]}',
        b'{"logs":[{"vertex":"sha256:bbbb","data":3}]}',
        b'{"logs":[{"vertex":"sha256:bbbb","data":"no base64!"}]}',
        b'{"logs":[{"vertex":"sha256:bbbb","data":"\xc3\xa9"}]}', b"\xff\xfe{\x00}",
        b'{"vertexes":[{"digest":"d","name":"\\ud800"}]}',
        b'{"a":' * 5000 + b"1" + b"}" * 5000, b"[" * 100_000,
        b'{"vertexes":[{"digest":"d","cached":1e999}]}',
    ],
    ids=lambda line: line[:40].decode(errors="replace"),
)  # fmt: skip
def test_wrong_types_disturb_nothing(line: bytes) -> None:
    progress = fed(line, *RECORDED[:3], line, *RECORDED[3:])
    assert progress.vertices[B].text == "hi\n"
    assert progress.vertices[B].words == "RUN echo hi"
    for one in progress.vertices.values():
        assert all(isinstance(i, str) for i in one.inputs)
        assert isinstance(one.name, str) and (one.place is None or one.place[1] > 0)


def test_noise_of_any_kind_is_no_error() -> None:
    dice = random.Random(7)
    lines = [RECORDED[n % 6] for n in range(60)]
    for n in range(2000):
        line = bytearray(lines[n % 60])
        for _ in range(dice.randint(1, 5)):
            at = dice.randrange(len(line))
            line[at : at + dice.randint(0, 4)] = dice.randbytes(dice.randint(0, 4))
        Progress().feed(bytes(line))
        progress = fed(*RECORDED[:3], bytes(line))
        assert {A, B} <= progress.vertices.keys()


# ---- logs ----


def test_a_log_is_put_together_again() -> None:
    word = "中文 naïve\x1b[31m".encode()
    progress = fed(*RECORDED[:3], *(log(word[n : n + 1]) for n in range(len(word))))
    assert progress.vertices[B].text == word.decode()


def test_bytes_that_are_no_utf8() -> None:
    progress = fed(*RECORDED[:3], log(b"a\xff\x00b\n"))
    assert progress.vertices[B].text == "a\ufffd\x00b\n"


def test_a_log_that_says_nothing() -> None:
    progress = fed(*RECORDED[:3], log(b""), b'{"logs":[{"vertex":"sha256:bbbb"}]}')
    assert progress.vertices[B].text == ""


def test_of_many_lines_the_last_are_kept_in_bounded_memory() -> None:
    progress = fed(*RECORDED[:3])
    lines = [log(b"".join(b"line %d\n" % n for n in range(m, m + 100)))
             for m in range(0, 1_000_000, 100)]  # fmt: skip
    tracemalloc.start()
    began = time.monotonic()
    for line in lines:
        progress.feed(line)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert progress.vertices[B].text.endswith("line 999998\nline 999999\n")
    assert len(progress.vertices[B].text) <= rawjson.LOG_BYTES
    assert peak < 10 * rawjson.LOG_BYTES
    assert time.monotonic() - began < 30


def test_one_enormous_line_is_kept_to_its_end() -> None:
    progress = fed(*RECORDED[:3], log(b"begin"), log(b"x" * 5_000_000 + b"end"))
    text = progress.vertices[B].text
    assert text.endswith("xend") and len(text) <= rawjson.LOG_BYTES


def test_the_clients_own_words_are_bounded() -> None:
    progress = fed(*(b"word %d\n" % n for n in range(10_000)))
    assert len(progress.words) == rawjson.WORDS and progress.words[-1] == "word 9999"
    progress = fed(b"w" * 50_000_000)
    assert sum(map(len, progress.words)) <= rawjson.LOG_BYTES


def test_changes_are_told_once() -> None:
    heard: list[tuple[str, bool, int]] = []

    def tell(one: Vertex) -> None:
        heard.append((one.digest, one.completed is not None, len(one.log)))

    progress = Progress(tell)
    for line in [*RECORDED, RECORDED[-1], RECORDED[0]]:
        progress.feed(line)
    assert heard == [(A, False, 0), (A, True, 0), (B, False, 0), (B, False, 1), (B, True, 1)]
