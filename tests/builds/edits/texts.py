"""Edits of the Dockerfile's text: instructions, their order, and what only looks like a change."""

from __future__ import annotations

from .bench import Edit, because, build, files, sub, swap, write

APP = {
    "Dockerfile": (
        "FROM lbl/busybox:1\n"
        "COPY a.txt /app/\n"
        "RUN cat /app/*.txt > /one && \\\n"
        "    cat /one\n"
        "COPY b.txt /app/b.txt\n"
        "RUN ls /app > /two\n"
        "EXPOSE 80\n"
        'CMD ["cat", "/one"]\n'
    ),
    "a.txt": "a SALT\n",
    "b.txt": "b SALT\n",
}
HITS = "base hit hit hit hit"
HERE = {
    "Dockerfile": (
        "FROM lbl/busybox:1\nCOPY a.txt /\nRUN <<EOF\nset -e\necho one SALT > /one\nEOF\n"
        "COPY <<EOF /two\ntwo SALT\nEOF\nRUN cat /one /two\n"
    ),
    "a.txt": "a SALT\n",
}


def changed(before: str, after: str):
    return because("instruction", before=before, after=after)


EDITS = [
    Edit("a comment", APP, (sub("COPY a.txt", "# SALT\nCOPY a.txt"),), HITS),
    Edit("a comment inside an instruction", APP, (sub("    cat /one\n", "# SALT\n    cat /one\n"),),
         HITS),
    Edit("empty lines, and blanks at the ends of lines", APP,
         (sub("COPY b.txt", "\n\nCOPY b.txt"), sub("> /two\n", "> /two   \n")), HITS),
    Edit("an instruction in small letters", APP, (sub("RUN ls", "run ls"),), HITS),
    Edit("blanks between the words of a COPY", APP,
         (sub("COPY a.txt /app/", "COPY  a.txt   /app/"),), HITS),
    Edit("the JSON form of the same COPY", APP,
         (sub("COPY a.txt /app/", 'COPY ["a.txt", "/app/"]'),), HITS),
    Edit("line ends of the Dockerfile", APP,
         (lambda b: b.write("Dockerfile", (b.folder / "Dockerfile").read_text()
                            .replace("\n", "\r\n")),), HITS),
    Edit("a line broken elsewhere, the words the same", APP,
         (sub("RUN ls /app > /two", "RUN ls /app \\\n> /two"),), HITS),
    Edit("a line broken so that blanks come in", APP,
         (sub("RUN ls /app > /two", "RUN ls /app \\\n   > /two"),), "base hit hit hit blame",
         {"5": changed("RUN ls /app > /two", "RUN ls /app > /two")}),
    Edit("the text of a RUN", APP, (sub("ls /app", "ls -a /app"),), "base hit hit hit blame",
         {"5": changed("RUN ls /app > /two", "RUN ls -a /app > /two")}),
    Edit("the text of an early RUN", APP, (sub("    cat /one", "    cat /one /one"),),
         "base hit blame follows follows",
         {"3": changed("RUN cat /app/*.txt > /one && cat /one",
                       "RUN cat /app/*.txt > /one && cat /one /one")}),
    Edit("the exec form of a RUN", APP,
         (sub("RUN ls /app > /two", 'RUN ["ls", "/app"]'),), "base hit hit hit blame",
         {"5": changed("RUN ls /app > /two", 'RUN ["ls", "/app"]')}),
    Edit("an option of a RUN", APP, (sub("RUN ls", "RUN --network=none ls"),),
         "base hit hit hit blame",
         {"5": changed("RUN ls /app > /two", "RUN --network=none ls /app > /two")}),
    Edit("the destination of a COPY", APP, (sub("/app/b.txt", "/app/c.txt"),),
         "base hit hit blame follows",
         {"4": changed("COPY b.txt /app/b.txt", "COPY b.txt /app/c.txt")}),
    Edit("one more source of a COPY", APP, (sub("COPY a.txt", "COPY a.txt b.txt"),),
         "base blame follows follows follows",
         {"2": changed("COPY a.txt /app/", "COPY a.txt b.txt /app/")}),
    Edit("a COPY with --chmod", APP, (sub("COPY b.txt", "COPY --chmod=600 b.txt"),),
         "base hit hit blame follows",
         {"4": changed("COPY b.txt /app/b.txt", "COPY --chmod=600 b.txt /app/b.txt")}),
    Edit("a COPY with --chown", APP, (sub("COPY b.txt", "COPY --chown=1000 b.txt"),),
         "base hit hit blame follows",
         {"4": changed("COPY b.txt /app/b.txt", "COPY --chown=1000 b.txt /app/b.txt")}),
    Edit("an ADD in place of a COPY", APP, (sub("COPY b.txt", "ADD b.txt"),),
         "base hit hit blame follows", {"4": because("inserted")}),
    Edit("a step added in the middle", APP, (sub("COPY b.txt", "RUN echo SALT\nCOPY b.txt"),),
         "base hit hit blame follows follows", {"4": because("inserted")}),
    Edit("a step added at the end", APP, (sub("EXPOSE", "RUN echo SALT\nEXPOSE"),),
         "base hit hit hit hit blame", {"6": because("inserted")}),
    Edit("a step taken out", APP, (sub("COPY b.txt /app/b.txt\n", ""),), "base hit hit blame",
         {"4": because("removed", before="COPY b.txt /app/b.txt")}),
    Edit("the last step taken out", APP, (sub("RUN ls /app > /two\n", ""),), "base hit hit hit"),
    Edit("two steps exchanged", APP, (swap("COPY a.txt /app/", "COPY b.txt /app/b.txt"),),
         "base blame follows follows follows",
         {"2": because("moved"), "3": because("moved")}),
    Edit("only CMD, EXPOSE and LABEL", APP,
         (sub("EXPOSE 80", "EXPOSE 81\nLABEL a=SALT"), sub('"cat", "/one"', '"cat", "/two"')),
         HITS),
    Edit("LABEL, STOPSIGNAL, VOLUME and HEALTHCHECK above every step", APP,
         (sub("COPY a", "LABEL a=SALT\nSTOPSIGNAL 9\nVOLUME /v\nHEALTHCHECK NONE\nCOPY a"),), HITS),
    Edit("a here-document of a RUN", HERE, (sub("echo one", "echo eins"),),
         "base hit blame follows follows",
         {"3": changed("RUN <<EOF set -e echo one SALT > /one",
                       "RUN <<EOF set -e echo eins SALT > /one")}, recent=True),
    Edit("a here-document of a COPY", HERE, (sub("two SALT", "zwei SALT"),),
         "base hit hit blame follows",
         {"4": changed("COPY <<EOF /two two SALT", "COPY <<EOF /two zwei SALT")}, recent=True),
    Edit("a comment between here-documents", HERE, (sub("COPY <<EOF", "# SALT\nCOPY <<EOF"),),
         "base hit hit hit hit", recent=True),
    Edit("a word that breaks the build", APP, (sub("cat /one\n", "cat /nowhere\n"),),
         "base hit blame unreached unreached",
         {"3": changed("RUN cat /app/*.txt > /one && cat /one",
                       "RUN cat /app/*.txt > /one && cat /nowhere")}, fails=True),
    Edit("the text put back", APP,
         (sub("ls /app", "ls -a /app"), build(), sub("ls -a /app", "ls /app")), HITS),
    Edit("a step added and its file written anew", APP,
         (sub("COPY b.txt", "RUN echo SALT\nCOPY b.txt"), write("a.txt", "A SALT\n")),
         "base blame follows follows follows follows",
         {"2": files(changed="a.txt"), "4": because("inserted")}),
]  # fmt: skip
