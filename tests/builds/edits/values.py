"""Edits of what steps stand on: ARG, ENV, USER, WORKDIR, SHELL, the base image."""

from __future__ import annotations

from .bench import BASE, Edit, base, because, sub, write

APP = {
    "Dockerfile": (
        "ARG FROM=lbl/busybox:1\n"
        "FROM ${FROM}\n"
        "ENV EARLY=SALT\n"
        "COPY a.txt /\n"
        "RUN cat /a.txt > /one\n"
        "ARG VERSION=1\n"
        "ENV MODE=slow\n"
        "COPY b.txt /b/\n"
        "RUN cat /b/b.txt > /two\n"
        "USER 0\n"
        "RUN id > /dev/null\n"
    ),
    "a.txt": "a SALT\n",
    "b.txt": "b SALT\n",
}
HITS = "base hit hit hit hit hit"
LATE = "base hit hit hit blame follows"
LAST = "base hit hit hit hit blame"
NAMED = {
    "Dockerfile": (
        "FROM lbl/busybox:1\nARG NAME=a.txt\nENV PLACE=/x/\nCOPY a.txt /first/\n"
        "COPY ${NAME} ${PLACE}\nRUN ls /x\n"
    ),
    "a.txt": "a SALT\n",
    "b.txt": "a SALT\n",
}
PLACES = {
    "Dockerfile": (
        "FROM lbl/busybox:1\nCOPY a.txt /first/\nWORKDIR /work\nCOPY a.txt ./\nRUN ls > /one\n"
    ),
    "a.txt": "a SALT\n",
}
SHELL = {
    "Dockerfile": (
        "FROM lbl/busybox:1\nCOPY a.txt /\n"
        'SHELL ["/bin/sh", "-c"]\n'
        'RUN ["cat", "/a.txt"]\n'
        "RUN cat /a.txt > /one\nCOPY a.txt /b.txt\n"
    ),
    "a.txt": "a SALT\n",
}
ON_BASE = {
    "Dockerfile": f"FROM {BASE}\nCOPY a.txt /\nRUN cat /a.txt > /one\n",
    "a.txt": "a SALT\n",
}
OLD = (base("RUN echo old SALT > /base\nENV KIND=old\nLABEL a=1"),)


def env(*names: str, before: str = "", after: str = ""):
    return because("environment", *names, before=before, after=after)


def arg(*names: str, before: str = "", after: str = ""):
    return because("argument", *names, before=before, after=after)


EDITS = [
    # ---- ENV ----
    Edit("an ENV above every step: COPY hits, RUN does not", APP, (sub("EARLY=SALT", "EARLY=new"),),
         "base hit blame follows follows follows", {"3": env("EARLY", before="SALT", after="new"),
          "5": env("EARLY", before="SALT", after="new"),
          "6": env("EARLY", before="SALT", after="new")}),
    Edit("an ENV in the middle", APP, (sub("MODE=slow", "MODE=fast"),), LATE,
         {"5": env("MODE", before="slow", after="fast"),
          "6": env("MODE", before="slow", after="fast")}),
    Edit("an ENV that no command uses is added", APP, (sub("USER 0", "ENV UNUSED=1\nUSER 0"),),
         LAST, {"6": env("UNUSED", after="1")}),
    Edit("an ENV is taken out", APP, (sub("ENV MODE=slow\n", ""),), LATE,
         {"5": env("MODE", before="slow"), "6": env("MODE", before="slow")}),
    Edit("two ENVs at once", APP, (sub("MODE=slow", "MODE=fast MORE=1"),), LATE,
         {"5": env("MODE", "MORE"), "6": env("MODE", "MORE")}),
    Edit("an ENV at the end", APP, (sub("/dev/null\n", "/dev/null\nENV LATE=1\n"),), HITS),
    Edit("an ENV written in the other form", APP, (sub("ENV MODE=slow", "ENV MODE slow"),), HITS),
    Edit("an ENV that a COPY names", NAMED, (sub("PLACE=/x/", "PLACE=/x/y/"),),
         "base hit blame follows", {"3": env("PLACE", before="/x/", after="/x/y/"),
          "4": env("PLACE", before="/x/", after="/x/y/")}),
    # ---- ARG ----
    Edit("the default of an ARG", APP, (sub("VERSION=1", "VERSION=2"),), LATE,
         {"5": arg("VERSION", before="1", after="2"), "6": arg("VERSION", before="1", after="2")}),
    Edit("--build-arg", APP, (), LATE,
         {"5": arg("VERSION", before="1", after="3"), "6": arg("VERSION", before="1", after="3")},
         after={"args": {"VERSION": "3"}}),
    Edit("another --build-arg", APP, (), LATE,
         {"5": arg("VERSION", before="3", after="4"), "6": arg("VERSION", before="3", after="4")},
         before={"args": {"VERSION": "3"}}, after={"args": {"VERSION": "4"}}),
    Edit("--build-arg with the value of the default", APP, (), HITS,
         after={"args": {"VERSION": "1"}}),
    Edit("--build-arg that no ARG declares", APP, (), HITS, after={"args": {"NOWHERE": "1"}}),
    Edit("--build-arg of a proxy", APP, (), HITS, after={"args": {"HTTP_PROXY": "http://x"}}),
    Edit("an ARG declared below the steps", APP, (sub("USER 0", "ARG LATE=1\nUSER 0"),), LAST,
         {"6": arg("LATE", after="1")}),
    Edit("an ARG below every step", APP, (sub("id > /dev/null\n", "id > /dev/null\nARG LATE=1\n"),),
         HITS),
    Edit("an ARG that a COPY names: the other file is the same", NAMED, (),
         "base hit blame follows", {"3": arg("NAME", before="a.txt", after="b.txt"),
          "4": arg("NAME", before="a.txt", after="b.txt")}, after={"args": {"NAME": "b.txt"}}),
    Edit("an ARG under an ENV of the same name", APP, (), HITS,
         first=(sub("ENV MODE=slow", "ARG MODE=1\nENV MODE=slow"),), after={"args": {"MODE": "2"}}),
    # ---- USER, WORKDIR, SHELL ----
    Edit("USER", APP, (sub("USER 0", "USER 1000"),), LAST,
         {"6": env("USER", before="0", after="1000")}),
    Edit("WORKDIR", PLACES, (sub("WORKDIR /work", "WORKDIR /other"),),
         "base hit blame follows follows",
         {"3": because("instruction", before="WORKDIR /work", after="WORKDIR /other"),
          "4": env("WORKDIR", before="/work", after="/other"),
          "5": env("WORKDIR", before="/work", after="/other")}),
    Edit("SHELL: the exec form does not see it", SHELL, (sub('"-c"', '"-ec"'),),
         "base hit hit blame follows",
         {"4": env("SHELL", before="/bin/sh -c", after="/bin/sh -ec")}),
    # ---- the base image ----
    Edit("the base image built anew with another file", ON_BASE,
         (base("RUN echo new SALT > /base\nENV KIND=old\nLABEL a=1"),), "base blame follows",
         {"2": because("base", BASE)}, first=OLD),
    Edit("the base image built anew with another ENV", ON_BASE,
         (base("RUN echo old SALT > /base\nENV KIND=new\nLABEL a=1"),), "base hit blame",
         {"3": env("KIND", before="old", after="new")}, first=OLD),
    Edit("the base image built anew with another label", ON_BASE,
         (base("RUN echo old SALT > /base\nENV KIND=old\nLABEL a=2"),), "base hit hit", first=OLD),
    Edit("the base image built anew to the same", ON_BASE,
         (base("RUN echo new SALT > /base"), *OLD), "base hit hit", first=OLD),
    Edit("another base image in FROM", ON_BASE, (sub(f"FROM {BASE}", "FROM lbl/busybox:1"),),
         "base blame follows", {"2": because("base", BASE, "lbl/busybox:1"),
          "3": env("KIND", before="old")}, first=OLD),
    Edit("the global ARG of FROM", APP, (),
         "base blame follows follows follows follows",
         {"2": because("base", "lbl/busybox:1", BASE), "3": env("KIND", after="old"),
          "5": env("KIND", after="old"), "6": env("KIND", after="old")},
         first=OLD, after={"args": {"FROM": BASE}}),
    Edit("the base image and a file", ON_BASE,
         (base("RUN echo new SALT > /base"), write("a.txt", "A SALT\n")), "base blame follows",
         {"2": because("base", BASE), "3": env("KIND", before="old")}, first=OLD),
]  # fmt: skip
