"""Edits that leave the files alone, or lie further back: options, lost results, earlier builds."""

from __future__ import annotations

from .bench import Edit, because, build, delete, failing, files, lose, sub, write

APP = {
    "Dockerfile": (
        "FROM lbl/busybox:1\nCOPY x.txt /\nCOPY y.txt /\nRUN cat /x.txt /y.txt > /one\n"
        "RUN cat /one > /two\n"
    ),
    "x.txt": "x1 SALT\n",
    "y.txt": "y1 SALT\n",
}
HITS = "base hit hit hit hit"
SECOND = {**APP, "other.Dockerfile": APP["Dockerfile"].replace("/two", "/three")}
OTHER = {"file": "other.Dockerfile"}
NO = because("no_cache")
FIRST = because("first")
# With the containerd store, a build after one record was removed finds none of those below it
# (Engine 28.5.2), though they are still listed.
ALL = "base blame follows follows follows"
UNKNOWN = because("unknown")
SPLIT = {
    "Dockerfile": (
        "FROM lbl/busybox:1 AS one\nCOPY x.txt /\nRUN cat /x.txt > /one\n"
        "FROM lbl/busybox:1\nCOPY --from=one /one /\nCOPY y.txt /\n"
    ),
    "x.txt": "x1 SALT\n",
    "y.txt": "y1 SALT\n",
}

EDITS = [
    Edit("nothing at all", APP, (), HITS),
    Edit("--no-cache", APP, (), "base blame follows follows follows",
         {"2": NO, "3": NO, "4": NO, "5": NO}, after={"no_cache": True}),
    Edit("the build after --no-cache", APP, (build(no_cache=True),), HITS),
    Edit("--no-cache with several stages", SPLIT, (),
         "base blame follows base follows follows",
         {s: NO for s in ("one 2", "one 3", "stage-1 2", "stage-1 3")}, after={"no_cache": True}),
    Edit("the last result was lost", APP, (lose("stage-0 5"),), "base hit hit hit blame",
         {"5": because("pruned")}, containerd=(ALL, {"2": UNKNOWN})),
    Edit("the last two results were lost", APP, (lose("stage-0 4", "stage-0 5"),),
         "base hit hit blame follows", {"4": because("pruned")},
         containerd=(ALL, {"2": UNKNOWN})),
    Edit("every result was lost", APP,
         (lose("stage-0 2", "stage-0 3", "stage-0 4", "stage-0 5"),),
         "base blame follows follows follows", {"2": because("pruned")}),
    Edit("a result was lost, and a file is another", APP,
         (lose("stage-0 4", "stage-0 5"), write("y.txt", "y2 SALT\n")),
         "base hit blame follows follows", {"3": files(changed="y.txt")},
         containerd=(ALL, {"2": UNKNOWN, "3": files(changed="y.txt")})),
    Edit("back to an earlier state", APP,
         (write("x.txt", "x2 SALT\n"), build(), write("x.txt", "x1 SALT\n")), HITS),
    Edit("back to an earlier Dockerfile", APP,
         (sub("/two", "/2"), build(), write("Dockerfile", APP["Dockerfile"])), HITS),
    Edit("back to a file that was removed", APP,
         (sub("COPY y.txt /\n", ""), sub("/x.txt /y.txt", "/x.txt"), delete("y.txt"), build(),
          write("Dockerfile", APP["Dockerfile"]), write("y.txt", "y1 SALT\n")), HITS),
    Edit("the combination of two earlier builds", APP,
         (write("x.txt", "x2 SALT\n"), write("y.txt", "y2 SALT\n"), build(),
          write("x.txt", "x1 SALT\n")), "base hit blame follows follows",
         {"3": because("combination", "stage-0 2", after="2")}),
    Edit("a new file on an earlier state", APP,
         (write("x.txt", "x2 SALT\n"), build(), write("x.txt", "x1 SALT\n"),
          write("y.txt", "y2 SALT\n")), "base hit blame follows follows",
         {"3": files(changed="y.txt")}),
    Edit("a build failed in between, and is mended", APP,
         (sub("> /two", "> /two && false"), failing, sub(" && false", "")), HITS),
    Edit("a failed build mended in another way", APP,
         (sub("> /two", "> /two && false"), failing, sub(" && false", " && true")),
         "base hit hit hit blame",
         {"5": because("instruction", before="RUN cat /one > /two && false",
                       after="RUN cat /one > /two && true")}),
    Edit("a failing build again, nothing mended", APP,
         (sub("> /two", "> /two && false"), failing), "base hit hit hit blame",
         {"5": FIRST}, fails=True),
    Edit("steps below a failed one, reached now", APP,
         (sub("/y.txt > /one", "/y.txt SALT > /one"), failing,
          lambda b: b.write("x.txt", "x3 SALT\n"), sub("/y.txt SALT > /one", "/y.txt > /one ")),
         "base blame follows follows follows",
         {"2": files(changed="x.txt"),
          "4": because("instruction", before="RUN cat /x.txt /y.txt SALT > /one",
                       after="RUN cat /x.txt /y.txt > /one")}),
    Edit("one of two Dockerfiles: the other one changed", SECOND, (sub("/two", "/2"),), HITS,
         before=OTHER, after=OTHER),
    Edit("one of two Dockerfiles changed", SECOND,
         (sub("/three", "/3", "other.Dockerfile"),), "base hit hit hit blame",
         {"5": because("instruction", before="RUN cat /one > /three",
                       after="RUN cat /one > /3")}, before=OTHER, after=OTHER),
    Edit("the other of two Dockerfiles", SECOND, (), "base hit hit hit blame",
         {"5": because("instruction", before="RUN cat /one > /two",
                       after="RUN cat /one > /three")}, after=OTHER),
]  # fmt: skip
