"""Dockerfiles, contexts and edits for builds on a real engine, made from a case's number.

The features that are drawn from: COPY of files, folders, globs and ``.``; ADD; ``--chmod``;
``--link``; here-documents; ``--from`` a stage (files and folders, copied or made there); bind,
cache and secret mounts; ARG (global, with a default, given), ENV, WORKDIR, USER; one to five
stages, some on others; ``.dockerignore`` with negation. Every RUN writes a digest of all it can
see, so that it writes something else whenever something that it sees is different.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

FILES = (
    "a.txt", "b.txt", "run.sh", "src/main.c", "src/util.c", "src/lib/x.txt", "src/lib/y.log",
    "conf/app.conf", "conf/dev.conf", "docs/readme.md", "docs/big.log", ".hidden/token",
)  # fmt: skip
IGNORES = (
    "",
    "",
    "*.log\n",
    "docs\n",
    "**/*.log\n!src/lib/y.log\n",
    "*\n!src\n!a.txt\n!b.txt\n!conf\n!run.sh\n",
    "docs/*\n!docs/readme.md\n",
    "# a comment\n.hidden\n**/*.md\n",
    "conf/*.conf\n!conf/app.conf\n",
)
# Everything that a RUN can see and that a build may change. `stat` and not `ls -l`: times differ
# from build to build. What the engine lays over /etc, and the base image, are left out.
SEE = (
    "{ env | grep -v -e SHLVL -e PWD; id -u; pwd;"
    " for f in $(find / /mnt -xdev ! -type d ! -path '/etc/*' ! -path '/bin/*'"
    " ! -path '/usr/*' ! -path '/dev/*' 2>/dev/null | sort);"
    " do stat -c '%n %a' $f; cat $f; done; } 2>/dev/null | sha256sum"
)


def see(to: str) -> str:
    """Return a command that writes a digest of everything it can see."""
    return f"x=$({SEE}); mkdir -p {to.rpartition('/')[0]}; echo $x > {to}"


@dataclass(frozen=True)
class Case:
    """A context with its Dockerfile, and what the build is given."""

    files: dict[str, tuple[str, int]]
    ignore: str
    stages: tuple[tuple[str, tuple[str, ...]], ...]
    top: tuple[str, ...] = ()
    args: dict[str, str] = field(default_factory=dict)
    secret: str = "s"

    @property
    def dockerfile(self) -> str:
        lines = list(self.top)
        for origin, steps in self.stages:
            lines += [origin, *steps]
        return "\n".join(lines) + "\n"

    def write(self, folder: Path) -> None:
        """Bring a folder into this state; files that stay the same keep their time."""
        wanted = {p: c for p, (c, _) in self.files.items()}
        wanted |= {"Dockerfile": self.dockerfile}
        if self.ignore:
            wanted[".dockerignore"] = self.ignore
        for path in [p for p in folder.rglob("*") if p.is_file()]:
            if path.relative_to(folder).as_posix() not in wanted:
                path.unlink()
        for name, content in wanted.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text() != content:
                path.write_text(content)
            mode = self.files.get(name, ("", 0o644))[1]
            if path.stat().st_mode & 0o777 != mode:
                path.chmod(mode)
        (folder.parent / f"{folder.name}.secret").write_text(self.secret)


class Maker:
    """Draws a case and edits of it; ``salt`` makes its texts new to a builder that has seen it."""

    def __init__(self, number: int, salt: str = "") -> None:
        self.dice = random.Random(number)
        self.number = f"{number}{salt}"
        self.count = 0

    def word(self) -> str:
        """Return text that no other case and no earlier call had."""
        self.count += 1
        return f"w{self.number}x{self.count}"

    def case(self) -> Case:
        dice = self.dice
        files = {name: (f"{self.word()}\n", dice.choice((0o644, 0o644, 0o755))) for name in FILES}
        ignore = dice.choice(IGNORES)
        count = dice.choice((1, 2, 3, 3, 4, 4, 5))
        top = (f"ARG TOP={self.word()}",) if dice.random() < 0.3 else ()
        stages: list[tuple[str, tuple[str, ...]]] = []
        for index in range(count):
            last = index == count - 1
            name = f"s{index}"
            below = "lbl/busybox:1"
            if index and dice.random() < 0.15:
                below = f"s{dice.randrange(index)}"
            origin = f"FROM {below}" + ("" if last and dice.random() < 0.5 else f" AS {name}")
            # independent stages make hits below an edit; each needs something of its own
            steps = [f"RUN : {self.word()}; {see(f'/id{index}/id')}"]
            steps += [self.step(index, ignore, bool(top)) for _ in range(dice.randint(1, 4))]
            stages.append((origin, tuple(steps)))
        # the last stage takes something out of each other one, so that all are needed
        origin, steps = stages[-1]
        taken = []
        for index in range(count - 1):
            path = dice.choice(self.makes(stages[index][1]))
            taken.append(f"COPY --from=s{index} {path} /from{index}/")
        at = dice.randint(1, len(steps))
        stages[-1] = (origin, (*steps[:at], *taken, *steps[at:]))
        return Case(files, ignore, tuple(stages), top, {}, self.word())

    @staticmethod
    def makes(steps: tuple[str, ...]) -> list[str]:
        """Return paths that the steps of a stage are known to make."""
        found = []
        for step in steps:
            words = step.split()
            if step.startswith("RUN") and "> " in step and "<<" not in step:
                found.append(step.rpartition("> ")[2].split()[0])
            elif step.startswith(("COPY a.txt", "COPY --link a.txt", "COPY src/")):
                found.append(words[-1].rstrip("/"))
        return found

    def sent(self, ignore: str) -> list[str]:
        """Return files that surely get into the context."""
        if ignore.startswith("*\n"):
            return ["a.txt", "b.txt", "src/main.c", "conf/app.conf", "run.sh"]
        return ["a.txt", "b.txt", "src/main.c", "src/util.c", "conf/app.conf", "run.sh"]

    def step(self, stage: int, ignore: str, top: bool) -> str:
        dice = self.dice
        one = dice.choice(self.sent(ignore))
        n = dice.randint(0, 99)
        out = f"/out{stage}/{self.word()}"
        kinds = {
            "copy": f"COPY {one} /c{n}/",
            "copy2": f"COPY {one} /y{n}.txt",
            "several": f"COPY a.txt {one} /e{n}/",
            "folder": f"COPY src/ /src{n}/",
            "conf": f"COPY conf /conf{n}",
            "glob": f"COPY src/*.c /g{n}/",
            "glob2": f"COPY *.txt /h{n}/",
            "all": f"COPY . /all{n}/",
            "chmod": f"COPY --chmod={dice.choice(('600', '755'))} {one} /m{n}/",
            "link": f"COPY --link a.txt /l{n}/a.txt",
            "link2": f"COPY --link src/ /lk{n}/",
            "add": f"ADD {one} /add{n}/",
            "here": f"COPY <<EOF /here{n}\n{self.word()}\nEOF",
            "run": f"RUN {see(out)}",
            "run2": f"RUN {see(out)}",
            "runhere": f"RUN <<EOF\nset -e\nmkdir -p /rh{n}\necho {self.word()} > /rh{n}/f\nEOF",
            "bind": f"RUN --mount=type=bind,source=src,target=/mnt {see(out)}",
            "bind2": f"RUN --mount=type=bind,source={one},target=/mnt/f {see(out)}",
            "cache": f"RUN --mount=type=cache,target=/var/k{n} {see(out)}",
            "secret": f"RUN --mount=type=secret,id=key {see(out)}",
            "arg": f"ARG V{n}={self.word()}\nRUN {see(out)}",
            "env": f"ENV E{n}={self.word()}\nRUN {see(out)}",
            "argcopy": f"ARG P{n}={one}\nCOPY $P{n} /p{n}/",
            "workdir": f"WORKDIR /w{n}/{self.word()}\nCOPY {one} ./",
            "user": f"USER 1000\nRUN {SEE}\nUSER 0",
        }
        if top:
            kinds["top"] = f"ARG TOP\nRUN {see(out)}"
        return dice.choice(list(kinds.values()))

    # ---- edits ----

    def edit(self, case: Case) -> tuple[str, Case]:
        """Return a name and the case after one edit."""
        dice = self.dice
        edits = [
            *[self.content] * 6, *[self.mode] * 3, *[self.add] * 2, self.remove, self.ignored,
            *[self.instruction] * 6, *[self.insert] * 3, *[self.delete] * 2,
            *[self.argument] * 4, *[self.environment] * 4,
            self.rules, self.secret, self.comment, self.touch,
        ]  # fmt: skip
        while True:
            chosen = dice.choice(edits)
            after = chosen(case)
            if after is not None:
                return chosen.__name__, after

    def content(self, case: Case) -> Case:
        name = self.dice.choice(FILES)
        old = case.files[name]
        return replace(case, files={**case.files, name: (f"{self.word()}\n", old[1])})

    def mode(self, case: Case) -> Case:
        name = self.dice.choice(FILES)
        content, mode = case.files[name]
        changed = 0o755 if mode == 0o644 else 0o644
        return replace(case, files={**case.files, name: (content, changed)})

    def add(self, case: Case) -> Case:
        name = self.dice.choice(
            ("new.txt", "src/new.c", "src/lib/new.log", "conf/new.conf", "docs/n")
        )
        return replace(case, files={**case.files, name: (f"{self.word()}\n", 0o644)})

    def remove(self, case: Case) -> Case | None:
        # none that a step names, or the build fails
        name = self.dice.choice(
            ("src/lib/x.txt", "docs/readme.md", "docs/big.log", ".hidden/token")
        )
        if name not in case.files:
            return None
        return replace(case, files={k: v for k, v in case.files.items() if k != name})

    def ignored(self, case: Case) -> Case:
        name = self.dice.choice(("docs/big.log", "src/lib/y.log", ".hidden/token", "conf/dev.conf"))
        old = case.files.get(name, ("", 0o644))
        return replace(case, files={**case.files, name: (f"{self.word()}\n", old[1])})

    def touch(self, case: Case) -> Case:
        return replace(case)  # the test touches every file

    def _stages(self, case: Case, index: int, steps: tuple[str, ...]) -> Case:
        stages = list(case.stages)
        stages[index] = (stages[index][0], steps)
        return replace(case, stages=tuple(stages))

    def instruction(self, case: Case) -> Case | None:
        index = self.dice.randrange(len(case.stages))
        steps = case.stages[index][1]
        runs = [n for n, step in enumerate(steps) if step.startswith("RUN ") and "<<" not in step]
        at = self.dice.choice(runs)
        step = steps[at]
        if "x=$(" not in step:
            return None
        changed = step.replace("x=$({", f"x=$({{ echo {self.word()};", 1)
        return self._stages(case, index, (*steps[:at], changed, *steps[at + 1 :]))

    def insert(self, case: Case) -> Case:
        index = self.dice.randrange(len(case.stages))
        steps = case.stages[index][1]
        at = self.dice.randint(1, len(steps))
        made = f"RUN : {self.word()}; {see('/inserted')}"
        return self._stages(case, index, (*steps[:at], made, *steps[at:]))

    def delete(self, case: Case) -> Case | None:
        index = self.dice.randrange(len(case.stages))
        steps = case.stages[index][1]
        # what another stage may copy must stay
        safe = [
            n for n, s in enumerate(steps) if s.startswith(("RUN <<", "COPY <<", "ADD ", "COPY ."))
        ]
        if not safe:
            return None
        at = self.dice.choice(safe)
        return self._stages(case, index, (*steps[:at], *steps[at + 1 :]))

    def argument(self, case: Case) -> Case | None:
        text = case.dockerfile
        names = [
            w.split("=")[0] for w in text.split() if w[0] == "V" and w[1:2].isdigit() and "=" in w
        ]
        names += ["TOP"] if case.top else []
        if not names:
            return None
        return replace(case, args={self.dice.choice(names): self.word()})

    def environment(self, case: Case) -> Case | None:
        for index, (_, steps) in enumerate(case.stages):
            for at, step in enumerate(steps):
                if step.startswith("ENV "):
                    head, _, tail = step.partition("\n")
                    changed = f"{head.partition('=')[0]}={self.word()}\n{tail}"
                    return self._stages(case, index, (*steps[:at], changed, *steps[at + 1 :]))
        return None

    def rules(self, case: Case) -> Case | None:
        kept = "*\n" in case.ignore
        extra = self.dice.choice(("docs/*.log\n", "src/lib\n", "conf/dev.conf\n", "**/*.md\n"))
        return None if kept else replace(case, ignore=case.ignore + extra)

    def secret(self, case: Case) -> Case:
        return replace(case, secret=self.word())

    def comment(self, case: Case) -> Case:
        return replace(case, top=(f"# {self.word()}", *case.top))
