"""Edits of files in the build context, and of the rules that leave files out."""

from __future__ import annotations

from .bench import (
    Edit,
    added,
    because,
    build,
    chmod,
    delete,
    files,
    link,
    move,
    removed,
    sub,
    tar,
    touch,
    write,
)  # fmt: skip

APP = {
    "Dockerfile": (
        "FROM lbl/busybox:1\n"
        "COPY needs.txt /app/\n"
        "RUN cat /app/*.txt > /installed\n"
        "COPY src/ /app/src/\n"
        "COPY run.sh /app/\n"
        "RUN ls /app > /built\n"
        'CMD ["/app/run.sh"]\n'
    ),
    "needs.txt": "one SALT\n",
    "src/a.py": "a SALT\n",
    "src/b.py": "b\n",
    "src/old.log": "log\n",
    "src/lib/c.py": "c\n",
    "run.sh": "echo SALT\n",
    "notes.txt": "nobody copies this\n",
    ".dockerignore": "**/*.log\n",
}
SRC = "base hit hit blame follows follows"
RUN = "base hit hit hit blame follows"
HITS = "base hit hit hit hit hit"

GLOB = {
    "Dockerfile": "FROM lbl/busybox:1\nCOPY src/*.c /c/\nCOPY notes?.txt /n/\nRUN cat /c/*\n",
    "src/a.c": "a SALT\n",
    "src/b.c": "b\n",
    "src/h.h": "h\n",
    "notes1.txt": "1 SALT\n",
}
ALL = {
    "Dockerfile": "FROM lbl/busybox:1\nCOPY . /all/\nRUN ls /all\n",
    "a.txt": "a SALT\n",
    "docs/keep.md": "keep\n",
    "docs/drop.md": "drop\n",
    "docs/deep/x.md": "x\n",
    ".dockerignore": "docs\n!docs/keep.md\n",
}
LINKS = {
    "Dockerfile": "FROM lbl/busybox:1\nCOPY links/ /links/\nCOPY named /named\nRUN ls /links\n",
    "links/one.txt": "1 SALT\n",
    "links/two.txt": "2\n",
    "real.txt": "real SALT\n",
}
PLANT = (link("links/at", "one.txt"), link("named", "real.txt"))
ADD = {
    "Dockerfile": "FROM lbl/busybox:1\nADD a.txt /\nADD pack.tar /pack/\nRUN ls /pack\n",
    "a.txt": "a SALT\n",
}
MOVED = (write("src/z.py", "b\n"), delete("src/b.py"))

EDITS = [
    Edit("a file's content", APP, (write("src/a.py", "A SALT\n"),), SRC,
         {"4": files(changed="src/a.py")}),
    Edit("a file deep in a folder", APP, (write("src/lib/c.py", "C SALT\n"),), SRC,
         {"4": files(changed="src/lib/c.py")}),
    Edit("the first file that is copied", APP, (write("needs.txt", "two SALT\n"),),
         "base blame follows follows follows follows", {"2": files(changed="needs.txt")}),
    Edit("only the mode of a file", APP, (chmod("run.sh", 0o755),), RUN,
         {"5": files(mode="run.sh")}),
    Edit("mode and content", APP, (write("run.sh", "echo more SALT\n", 0o755),), RUN,
         {"5": files(changed="run.sh")}),
    Edit("a file added to a copied folder", APP, (write("src/c.py", "c SALT\n"),), SRC,
         {"4": added("src/c.py")}),
    Edit("a folder added with a file in it", APP, (write("src/new/d.py", "d SALT\n"),), SRC,
         {"4": added("src/new/d.py")}),
    Edit("an empty folder added", APP, (lambda b: (b.folder / f"src/{b.salt}").mkdir(),), SRC,
         {"4": added("src/SALT")}),
    Edit("a hidden file added", APP, (write("src/.env", "e SALT\n"),), SRC,
         {"4": added("src/.env")}),
    Edit("a file removed", APP, (delete("src/b.py"),), SRC, {"4": removed("src/b.py")}),
    Edit("a file renamed", APP, (move("src/b.py", "src/z.py"),), SRC,
         {"4": files(removed="src/b.py", added="src/z.py")}),
    Edit("line ends of a file", APP, (write("needs.txt", "one SALT\r\n"),),
         "base blame follows follows follows follows", {"2": files(changed="needs.txt")}),
    Edit("two files of one step", APP,
         (write("src/a.py", "A SALT\n"), chmod("src/b.py", 0o600)), SRC,
         {"4": files(changed="src/a.py", mode="src/b.py")}),
    Edit("files of two steps: the later one would have run anyway", APP,
         (write("src/a.py", "A SALT\n"), chmod("run.sh", 0o700)), SRC,
         {"4": files(changed="src/a.py"), "5": files(mode="run.sh")}),
    Edit("a file that nobody copies", APP, (write("notes.txt", "n SALT\n"),), HITS),
    Edit("an ignored file added", APP, (write("src/x.log", "x SALT\n"),), HITS),
    Edit("an ignored file changed", APP, (write("src/old.log", "x SALT\n"),), HITS),
    Edit("nothing but the time of every file", APP, (touch,), HITS),
    Edit("the mode of a folder", APP, (chmod("src", 0o700),), HITS),
    Edit("a file written again with the same content", APP,
         (delete("src/a.py"), write("src/a.py", "a SALT\n")), HITS),
    Edit("there and back again", APP,
         (write("src/a.py", "A SALT\n"), build(), write("src/a.py", "a SALT\n")), HITS),
    # ---- wildcards ----
    Edit("a file that a wildcard takes is new", GLOB, (write("src/new.c", "n SALT\n"),),
         "base blame follows follows", {"2": added("src/new.c")}),
    Edit("a file beside those that a wildcard takes", GLOB, (write("src/i.h", "i SALT\n"),),
         "base hit hit hit"),
    Edit("a file renamed under a wildcard", GLOB, (move("src/b.c", "src/z.c"),),
         "base blame follows follows", {"2": files(removed="src/b.c", added="src/z.c")}),
    Edit("one more file for a question mark", GLOB, (write("notes2.txt", "2 SALT\n"),),
         "base hit blame follows", {"3": added("notes2.txt")}),
    # ---- COPY . and .dockerignore ----
    Edit("COPY . takes the Dockerfile too: a comment in it", ALL,
         (sub("RUN ls", "# a comment SALT\nRUN ls"),), "base blame follows",
         {"2": files(changed="Dockerfile")}),
    Edit("an ignore rule lets a file in", ALL, (sub("docs\n", "docs/deep\n", ".dockerignore"),),
         "base blame follows",
         {"2": files(changed=".dockerignore", added="docs/drop.md")}),
    Edit("an ignore rule keeps a file out", APP, (write(".dockerignore", "**/*.log\nsrc/b.py\n"),),
         SRC, {"4": removed("src/b.py")}),
    Edit("an ignore rule no longer keeps files out", APP, (write(".dockerignore", "# none\n"),),
         SRC, {"4": added("src/old.log")}),
    Edit("an ignore rule for one Dockerfile", APP,
         (write("Dockerfile.dockerignore", "**/*.py\n!src/a.py\n**/*.log\n"),), SRC,
         {"4": removed("src/b.py", "src/lib/c.py")}),
    Edit("an ignore file changed to no effect", APP,
         (write(".dockerignore", "# SALT\n**/*.log\nnowhere\n"),), HITS),
    Edit("an excepted file in an ignored folder", ALL, (write("docs/keep.md", "k SALT\n"),),
         "base blame follows", {"2": files(changed="docs/keep.md")}),
    Edit("another file in that folder", ALL, (write("docs/drop.md", "d SALT\n"),),
         "base hit hit"),
    # ---- links ----
    Edit("a link in a folder leads elsewhere", LINKS, (link("links/at", "two.txt"),),
         "base blame follows follows", {"2": files(changed="links/at")}, first=PLANT),
    Edit("what a named link leads to", LINKS, (write("real.txt", "other SALT\n"),),
         "base hit blame follows", {"3": files(changed="real.txt")}, first=PLANT),
    Edit("a file in place of a link", LINKS,
         (delete("links/at"), write("links/at", "1 SALT\n")),
         "base blame follows follows", {"2": files(changed="links/at")}, first=PLANT),
    # ---- ADD ----
    Edit("a file for ADD", ADD, (write("a.txt", "b SALT\n"),), "base blame follows follows",
         {"2": files(changed="a.txt")}, first=(tar("pack.tar", "p SALT"),)),
    Edit("an archive for ADD", ADD, (tar("pack.tar", "q SALT"),), "base hit blame follows",
         {"3": files(changed="pack.tar")}, first=(tar("pack.tar", "p SALT"),)),
    # ---- a file that is not there any more ----
    Edit("a named file removed: the build fails", APP, (delete("run.sh"),),
         "base hit hit hit blame unreached", {"5": removed("run.sh")}, fails=True),
    Edit("a COPY of another file with the same content", APP,
         (write("same.txt", "one SALT\n"), sub("COPY needs.txt", "COPY same.txt")),
         "base blame follows follows follows follows",
         {"2": because("instruction", before="COPY needs.txt /app/",
                       after="COPY same.txt /app/")}),
    Edit("the same file out of another folder", APP,
         (write("lib/needs.txt", "one SALT\n"), sub("COPY needs.txt", "COPY lib/needs.txt")), HITS),
]  # fmt: skip
