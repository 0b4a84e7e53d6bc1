"""What forests ask an engine, and what they make of bad answers: against a made-up daemon."""

from __future__ import annotations

import threading
import time

import pytest

from helpers.errors import EngineFailed, EngineLost
from helpers.images import layer_sizes, sharing, survey

from .fake_daemon import FakeDaemon


def daemon_with(
    images: dict[str, list[str]], tags: dict[str, list[str]] | None = None, **overrides
):
    """Answer for images (ID → diff IDs); ``overrides`` maps an ID to another answer."""
    tags = tags or {}

    def answer(path: str):
        if path == "/images/json":
            return 200, [{"Id": id, "RepoTags": tags.get(id, [f"{id}:1"])} for id in images]
        if path == "/containers/json?all=1":
            return 200, []
        if path == "/system/df?type=build-cache":
            records = [{"Size": 4, "Shared": True}, {"Size": 50, "Shared": False}]
            return 200, {"BuildCache": records}
        name = path.split("/")[2]
        if name in overrides:
            return overrides[name]
        id = next((i for i in images if name in (i, f"{i}:1", *(tags.get(i) or ()))), None)
        if id is None:
            return 404, {"message": f"no such image: {name}"}
        if path.endswith("/history"):
            return 200, [{"Size": 5, "CreatedBy": "RUN x"} for _ in images[id]]
        named = tags.get(id, [f"{id}:1"])
        return 200, {"Id": id, "RepoTags": named, "RootFS": {"Layers": images[id]}}

    return answer


@pytest.mark.parametrize("how", [{}, {"chunked": True}, {"requests_per_connection": 3}])
def test_many_images_over_kept_connections(how):
    images = {f"i{n}": [f"d{k}" for k in range(n % 4)] for n in range(60)}
    with FakeDaemon(daemon_with(images), **how) as daemon:
        found = survey.take(daemon.engine)
    assert {i.id: list(i.diff_ids) for i in found.images} == images
    assert daemon.most_open <= 9  # eight that inspect, one that listed
    if not how:
        assert len(daemon.asked) == 62  # one list, one inspect each, one look for containers


def test_an_image_removed_between_list_and_inspect_is_left_out():
    gone = {"b": (404, {"message": "No such image: b"})}
    with FakeDaemon(daemon_with({"a": ["d1"], "b": ["d1"], "c": ["d1"]}, **gone)) as daemon:
        forest = sharing.forest(engine=daemon.engine, sizes=None)
    assert [image.name for image in forest.images] == ["a:1", "c:1"]
    assert forest.skipped == ()


def test_an_image_that_cannot_be_opened_is_told():
    broken = {"b": (500, {"message": "content digest sha256:…: not found"})}
    with FakeDaemon(daemon_with({"a": ["d1"], "b": ["d2"]}, **broken)) as daemon:
        forest = sharing.forest(engine=daemon.engine, sizes=None)
        assert forest.skipped == ("b",)
        assert len(forest.images) == 1
        with pytest.raises(EngineFailed, match="not found"):
            sharing.forest("b", engine=daemon.engine)


def test_an_image_listed_twice_is_one_with_all_its_names():
    def answer(path):
        if path == "/images/json":
            return 200, [{"Id": "a", "RepoTags": ["x:1"]}, {"Id": "a", "RepoTags": ["y:1", "x:1"]}]
        return daemon_with({"a": ["d1"]})(path)

    with FakeDaemon(answer) as daemon:
        (image,) = survey.take(daemon.engine).images
    assert image.names == ("x:1", "y:1")


@pytest.mark.parametrize("tags", [None, [], ["<none>:<none>"]])
def test_dangling_images_have_no_names(tags):
    with FakeDaemon(daemon_with({"a": ["d1"]}, {"a": tags})) as daemon:
        forest = sharing.forest(engine=daemon.engine, sizes=None)
    assert forest.images[0].dangling


def test_the_same_image_by_several_names_is_one():
    answer = daemon_with({"a": ["d1"]}, {"a": ["x:1", "y:latest"]})
    with FakeDaemon(answer) as daemon:
        forest = sharing.forest(["y:latest", "x:1", "a", "x:1"], engine=daemon.engine, sizes=None)
    assert [image.name for image in forest.images] == ["y:latest"]


def test_containers_keep_their_image():
    def answer(path):
        if path == "/containers/json?all=1":
            return 200, [{"Id": "c" * 64, "Names": ["/web"], "ImageID": "a"}]
        return daemon_with({"a": ["d1"], "b": ["d2"]})(path)

    with FakeDaemon(answer) as daemon:
        forest = sharing.forest(engine=daemon.engine, sizes=None)
    assert [i.containers for i in forest.images] == [("web",), ()]
    assert forest.removal("a:1").in_use == ("a:1",)


@pytest.mark.parametrize(
    "half", [None, b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"rubbish\r\n"]
)
def test_a_daemon_that_dies_in_the_middle(half):
    images = {f"i{n}": ["d1"] for n in range(60)}
    whole = daemon_with(images)
    with (
        FakeDaemon(
            lambda path: half if path.startswith("/images/i30/") else whole(path),
            requests_per_connection=1,  # so that nothing follows the half answer
        ) as daemon,
        pytest.raises(EngineLost),
    ):
        sharing.forest(engine=daemon.engine, sizes=None)


def test_no_daemon_at_all():
    with FakeDaemon(daemon_with({})) as daemon:
        engine = daemon.engine
    with pytest.raises(EngineLost):
        sharing.forest(engine=engine, sizes=None)


def test_a_daemon_that_refuses_says_why():
    with (
        FakeDaemon(lambda path: (503, {"message": "starting up"})) as daemon,
        pytest.raises(EngineFailed, match="starting up"),
    ):
        sharing.forest(engine=daemon.engine, sizes=None)


def test_progress_counts_up_to_all():
    told = []
    with FakeDaemon(daemon_with({f"i{n}": ["d1"] for n in range(20)})) as daemon:
        sharing.forest(
            engine=daemon.engine,
            sizes=None,
            progress=lambda done, total: told.append((done, total)),
        )
    assert told[-1] == (20, 20)
    assert told == sorted(told)


def test_quick_forests_print_nothing_slow_ones_a_line(capsys, monkeypatch):
    with FakeDaemon(daemon_with({"a": ["d1"]})) as daemon:
        sharing.forest(engine=daemon.engine, sizes=None)
        assert capsys.readouterr() == ("", "")
        monkeypatch.setattr(sharing, "PATIENCE", -1)
        sharing.forest(engine=daemon.engine, sizes=None)
    out, err = capsys.readouterr()
    assert out == "" and "1 of 1" in err


def test_sizes_from_history_ask_only_the_tops_of_the_forest():
    images = {"base": ["d1", "d2"], "app": ["d1", "d2", "d3"]}
    with FakeDaemon(daemon_with(images)) as daemon:
        forest = sharing.forest(engine=daemon.engine)
    assert forest.unit == "engine"
    assert forest.once_bytes == 15
    assert forest.cached_bytes == forest.removal("app:1").cached == 4
    assert [p for p in daemon.asked if p.endswith("history")] == ["/v1.44/images/app/history"]


def test_old_engines_do_not_tell_of_their_cache():
    with FakeDaemon(daemon_with({"a": ["d1"]})) as daemon:
        daemon.engine.api_version = "1.41"
        assert survey.cached(daemon.engine) is None
        assert daemon.asked == []


@pytest.mark.parametrize(
    ("history", "layers", "expected"),
    [
        ([("RUN a", 5), ("ENV x=1", 0), ("COPY b", 7)], 2, [5, 7]),
        ([("RUN a", 5), ("WORKDIR /", 0), ("COPY b", 7)], 3, [5, 0, 7]),  # BuildKit: a layer
        ([("RUN a", 5), ("/bin/sh -c true", 0), ("ADD b", 7)], 2, [5, 7]),  # classic: none
        ([('/bin/sh -c #(nop)  CMD ["sh"]', 0), ("/bin/sh -c ls", 0)], 1, [0]),
        ([("RUN a", 5), ("RUN b", 0), ("RUN c", 0)], 2, None),  # which of the two?
        ([], 2, None),
        ([], 0, []),
    ],
)
def test_sizes_of_layers_in_a_history(history, layers, expected):
    steps = [{"CreatedBy": by, "Size": size} for by, size in history]
    assert layer_sizes.of_history(steps, layers) == expected


def test_a_slow_daemon_is_asked_a_few_things_at_a_time():
    gate = threading.Semaphore(8)

    def answer(path):
        if path.startswith("/images/i"):
            assert gate.acquire(blocking=False)
            time.sleep(0.01)
            gate.release()
        return daemon_with({f"i{n}": ["d1"] for n in range(40)})(path)

    with FakeDaemon(answer) as daemon:
        assert len(survey.take(daemon.engine).images) == 40
