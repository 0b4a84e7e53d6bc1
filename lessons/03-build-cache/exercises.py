"""What the exercises of lesson 03 look for in the daemon."""

from __future__ import annotations

from helpers import images
from helpers.engine import Engine, build_cache
from helpers.exercises import Right, Wrong, exercise, state

KITCHEN, MOST = "lbl/03-kitchen:1", 2  # steps that may run after an edit
QUIET = "lbl/03-quiet:1"
KEPT, MOUNT = "lbl/03-keep:1", "/keep"
STAMP, ARGUMENT = "lbl/03-stamp:7", "RELEASE=7"
COMPILER = "usr/lib/"  # the object files of GCC itself lie there


def _places(image: images.Image, end: str) -> list[int]:
    """Return which layers hold a file whose path ends so, counted from 0 at the bottom."""
    return [
        number
        for number, layer in enumerate(image.layers)
        if any(f"/{entry.path}".endswith(end) and entry.kind == "file" for entry in layer.entries)
    ]


def _lacks(image: images.Image, *paths: str) -> str:
    """Return the first of these paths that no container of the image would see, else ``""``."""
    whole = images.tree.merged(image)
    return next((f"/{path}" for path in paths if whole.find(path) is None), "")


@exercise("03.1")
def two_steps(engine: Engine) -> Right | Wrong:
    """The program lies above what pip installed, in the last layers but one at most.

    A step that copies the program, and every step that stands on it, runs after an edit; each makes
    a layer. So the layers tell, whoever built the image.
    """
    image = state.image(engine, KITCHEN)
    if image is None:
        return Wrong("lesson03.ex1.missing", name=KITCHEN)
    if path := _lacks(image, "app/app.py", "app/requirements.txt", "orders"):
        return Wrong("lesson03.ex1.lacks", path=path)
    program, flask = _places(image, "/app/app.py"), _places(image, "/flask/__init__.py")
    if not flask:
        return Wrong("lesson03.ex1.no_flask")
    if flask[0] >= program[0]:
        return Wrong("lesson03.ex1.installs")
    run = len(image.layers) - program[0]
    if run > MOST:
        return Wrong("lesson03.ex1.more", count=run)
    return Right(f"lesson03.ex1.right{run}")


@exercise("03.2")
def quiet(engine: Engine) -> Right | Wrong:
    """No log was copied, in whatever layer; the rest was."""
    image = state.image(engine, QUIET)
    if image is None:
        return Wrong("lesson03.ex2.missing", name=QUIET)
    logs = [e.path for layer in image.layers for e in layer.entries if e.path.endswith(".log")]
    if logs:
        return Wrong("lesson03.ex2.log", path=f"/{logs[0]}")
    if path := _lacks(image, "app/count.sh", "app/text.txt", "app/count.txt"):
        return Wrong("lesson03.ex2.lacks", path=path)
    return Right("lesson03.ex2.right")


@exercise("03.3")
def mounted(engine: Engine) -> Right | Wrong:
    """The program is in the image, its objects are not, and the builder keeps a mount for them."""
    image = state.image(engine, KEPT)
    if image is None:
        return Wrong("lesson03.ex3.missing", name=KEPT)
    if path := _lacks(image, "src/program"):
        return Wrong("lesson03.ex3.lacks", path=path)
    paths = [e.path for layer in image.layers for e in layer.entries]
    objects = [p for p in paths if p.endswith(".o") and not p.startswith(COMPILER)]
    if objects:
        return Wrong("lesson03.ex3.objects", path=f"/{objects[0]}")
    described = build_cache.described(engine).values()
    if not any(words.startswith(f"cached mount {MOUNT} ") for words in described):
        return Wrong("lesson03.ex3.no_mount", path=MOUNT)
    return Right("lesson03.ex3.right")


@exercise("03.4")
def last_step_alone(engine: Engine) -> Right | Wrong:
    """Of the steps that ran with the argument, there is one, and it made the topmost layer."""
    image = state.image(engine, STAMP)
    if image is None:
        return Wrong("lesson03.ex4.missing", name=STAMP)
    if path := _lacks(image, "tools.txt", "libraries.txt", "release.txt"):
        return Wrong("lesson03.ex4.lacks", path=path)
    # Both builders note the arguments that a RUN could see: "RUN |1 RELEASE=7 /bin/sh -c …"
    history = [line["CreatedBy"] for line in engine.client.api.history(STAMP)]  # newest first
    seen = [words for words in history if f" {ARGUMENT} /bin/sh" in words]
    if not seen:
        return Wrong("lesson03.ex4.no_argument", argument=ARGUMENT)
    if len(seen) > 1:
        return Wrong("lesson03.ex4.several", count=len(seen))
    if _places(image, "/release.txt") != [len(image.layers) - 1]:
        return Wrong("lesson03.ex4.not_last")
    return Right("lesson03.ex4.right")
