"""Edits in Dockerfiles of several stages, of mounts, and of what is copied with --link."""

from __future__ import annotations

from .bench import BASE, Edit, base, because, files, sub, write

TWO = {
    "Dockerfile": (
        "FROM lbl/busybox:1 AS build\n"
        "COPY main.c /src/\n"
        "RUN grep -v '^//' /src/main.c > /program\n"
        "FROM lbl/busybox:1 AS docs\n"
        "COPY docs/ /docs/\n"
        "RUN ls /docs > /index\n"
        "FROM lbl/busybox:1\n"
        "COPY --from=build /program /bin/\n"
        "COPY --from=docs /index /\n"
        "RUN cat /bin/program /index\n"
    ),
    "main.c": "// one\nmain SALT\n",
    "docs/a.md": "a SALT\n",
}
HITS = "base hit hit base hit hit base hit hit hit"
BASES = {
    "Dockerfile": (
        "FROM lbl/busybox:1 AS common\nENV A=1\nRUN echo SALT > /common\n"
        "FROM common AS one\nRUN cat /common > /one\n"
        "FROM common AS two\nRUN cat /common > /two\n"
        "FROM common\nCOPY --from=one /one /\nCOPY --from=two /two /\n"
    ),
    "a.txt": "a\n",
}
FOLDER = {
    "Dockerfile": (
        "FROM lbl/busybox:1 AS src\nCOPY app/ /app/\n"
        "FROM lbl/busybox:1\nCOPY --from=src /app/lib /lib2/\nRUN ls /lib2\n"
    ),
    "app/lib/a.txt": "a SALT\n",
    "app/other.txt": "o\n",
}
MOUNTS = {
    "Dockerfile": (
        "FROM lbl/busybox:1\n"
        "RUN --mount=type=bind,source=data,target=/mnt cat /mnt/* > /one\n"
        "RUN --mount=type=cache,target=/cache date >> /cache/x; echo SALT > /two\n"
        "RUN --mount=type=secret,id=key cat /run/secrets/key > /dev/null; echo SALT > /three\n"
        "RUN --mount=type=tmpfs,target=/t echo SALT > /t/x\n"
    ),
    "data/a.txt": "a SALT\n",
    "key.txt": "secret one SALT\n",
}
KEY = {"secrets": {"key": "key.txt"}}
FROM_MOUNT = {
    "Dockerfile": (
        "FROM lbl/busybox:1 AS tools\nCOPY tool.txt /tool\n"
        "FROM lbl/busybox:1\n"
        "RUN --mount=type=bind,from=tools,source=/tool,target=/tool cat /tool; echo SALT\n"
        "RUN echo after > /after\n"
    ),
    "tool.txt": "tool SALT\n",
}
LINK = {
    "Dockerfile": (
        "FROM lbl/busybox:1\nCOPY a.txt /\nCOPY --link b.txt /\nCOPY --link c.txt /\n"
        "RUN cat /a.txt /b.txt /c.txt\n"
    ),
    "a.txt": "a SALT\n",
    "b.txt": "b SALT\n",
    "c.txt": "c SALT\n",
}
IMAGE = {
    "Dockerfile": f"FROM lbl/busybox:1\nCOPY a.txt /\nCOPY --from={BASE} /base /\nRUN cat /base\n",
    "a.txt": "a SALT\n",
}
OLD = (base("RUN echo old SALT > /base"),)


def stage(name: str):
    return because("stage", name)


EDITS = [
    Edit("a stage makes something else", TWO, (write("main.c", "// one\nother SALT\n"),),
         "base blame follows base hit hit base follows follows follows",
         {"build 2": files(changed="main.c"), "stage-2 2": stage("build")}),
    Edit("a stage runs again and makes the same", TWO, (write("main.c", "// two\nmain SALT\n"),),
         "base blame follows base hit hit base hit hit hit",
         {"build 2": files(changed="main.c")}),
    Edit("the other stage, whose output is copied second", TWO, (write("docs/b.md", "b SALT\n"),),
         "base hit hit base blame follows base hit follows follows",
         {"docs 2": files(added="docs/b.md"), "stage-2 3": stage("docs")}),
    Edit("a file's content that leaves the stage's output alone", TWO,
         (write("docs/a.md", "other SALT\n"),),
         "base hit hit base blame follows base hit hit hit",
         {"docs 2": files(changed="docs/a.md")}),
    Edit("both stages", TWO, (write("main.c", "x SALT\n"), write("docs/b.md", "b SALT\n")),
         "base blame follows base blame follows base follows follows follows",
         {"build 2": files(changed="main.c"), "docs 2": files(added="docs/b.md"),
          "stage-2 2": stage("build")}),
    Edit("the last stage alone", TWO, (sub("RUN cat /bin/program", "RUN cat -v /bin/program"),),
         "base hit hit base hit hit base hit hit blame",
         {"stage-2 4": because("instruction", before="RUN cat /bin/program /index",
                               after="RUN cat -v /bin/program /index")}),
    Edit("a stage's name", TWO,
         (sub("AS build", "AS maker"), sub("--from=build", "--from=maker")), HITS),
    Edit("a stage named by its number", TWO, (sub("--from=build", "--from=0"),), HITS),
    Edit("a stage that nobody needs is added", TWO,
         (sub("FROM lbl/busybox:1 AS docs", "FROM lbl/busybox:1 AS spare\nRUN echo SALT\n"
              "FROM lbl/busybox:1 AS docs"),),
         "base hit hit unreached unreached base hit hit base hit hit hit"),
    Edit("target= a stage: the file of another stage", TWO, (write("docs/b.md", "b SALT\n"),),
         "base hit hit unreached unreached unreached unreached unreached unreached unreached",
         before={"target": "build"}, after={"target": "build"}),
    Edit("target= a stage: its own file", TWO, (write("main.c", "x SALT\n"),),
         "base blame follows unreached unreached unreached unreached unreached unreached unreached",
         {"build 2": files(changed="main.c")}, before={"target": "build"},
         after={"target": "build"}),
    Edit("target= a stage, then everything", TWO, (),
         "base hit hit base blame follows base blame follows follows",
         {"docs 2": because("first"), "stage-2 2": because("first")},
         before={"target": "build"}),
    Edit("a stage that three others stand on", BASES, (sub("A=1", "A=2"),),
         "base blame base follows base follows base follows follows",
         {"common 2": because("environment", "A", before="1", after="2"),
          "one 2": because("environment", "A", before="1", after="2"),
          "two 2": because("environment", "A", before="1", after="2")}),
    Edit("one of two stages on a common one", BASES, (sub("/common > /two", "/common* > /two"),),
         "base hit base hit base blame base hit hit",
         {"two 2": because("instruction", before="RUN cat /common > /two",
                           after="RUN cat /common* > /two")}),
    Edit("a copied folder of a stage", FOLDER, (write("app/lib/a.txt", "b SALT\n"),),
         "base blame base follows follows",
         {"src 2": files(changed="app/lib/a.txt"), "stage-1 2": stage("src")}),
    Edit("beside the copied folder of a stage", FOLDER, (write("app/other.txt", "b SALT\n"),),
         "base blame base hit hit", {"src 2": files(changed="app/other.txt")}),
    Edit("COPY --from an image that was built anew", IMAGE, (base("RUN echo new SALT > /base"),),
         "base hit blame follows", {"3": because("base", BASE)}, first=OLD),
    # ---- mounts ----
    Edit("a file under a bind mount", MOUNTS, (write("data/a.txt", "b SALT\n"),),
         "base blame follows follows follows", {"2": files(changed="data/a.txt")},
         before=KEY, after=KEY),
    Edit("a file added under a bind mount", MOUNTS, (write("data/b.txt", "b SALT\n"),),
         "base blame follows follows follows", {"2": files(added="data/b.txt")},
         before=KEY, after=KEY),
    Edit("a secret", MOUNTS, (write("key.txt", "secret two SALT\n"),), "base hit hit hit hit",
         before=KEY, after=KEY),
    Edit("the target of a cache mount", MOUNTS, (sub("target=/cache", "target=/cache,id=SALT"),),
         "base hit blame follows follows",
         {"3": because("instruction",
              before="RUN --mount=type=cache,target=/cache date >> /cache/x; echo SALT > /two",
              after="RUN --mount=type=cache,target=/cache,id=SALT date >> /cache/x;"
                    " echo SALT > /two",
          )}, before=KEY, after=KEY),
    Edit("the size of a tmpfs mount", MOUNTS, (sub("target=/t", "size=1000000,target=/t"),),
         "base hit hit hit blame",
         {"5": because("instruction",
              before="RUN --mount=type=tmpfs,target=/t echo SALT > /t/x",
              after="RUN --mount=type=tmpfs,size=1000000,target=/t echo SALT > /t/x",
          )}, before=KEY, after=KEY),
    Edit("what a bind mount takes out of a stage", FROM_MOUNT, (write("tool.txt", "b SALT\n"),),
         "base blame base follows follows",
         {"tools 2": files(changed="tool.txt"), "stage-1 2": stage("tools")}),
    # ---- --link: only the containerd store lays layers on top of others without a look below ----
    Edit("a file below COPY --link", LINK, (write("a.txt", "A SALT\n"),),
         "base blame follows follows follows", {"2": files(changed="a.txt")}, recent=True,
         containerd=("base blame hit hit follows", {"2": files(changed="a.txt")})),
    Edit("the file of a COPY --link", LINK, (write("b.txt", "B SALT\n"),),
         "base hit blame follows follows", {"3": files(changed="b.txt")}, recent=True,
         containerd=("base hit blame hit follows", {"3": files(changed="b.txt")})),
]  # fmt: skip
