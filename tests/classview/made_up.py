"""A class of thirty, for views: some through, some stuck at the same message, some just joined."""

from __future__ import annotations

from helpers.classview.model import Learner, Overview, Standing

NOW = 1_800_000_000.0
MISSING, NOT_ADDED = "lesson01.ex2.missing", "lesson01.ex2.not_added"
NAMES = (
    "Ada", "李明", "Grace", "王芳", "Linus", "张伟", "Margaret", "刘洋", "Dennis", "陈静",
    "Barbara", "杨帆", "Ken", "赵磊", "Radia", "黄丽", "Edsger", "周杰", "Frances", "吴敏",
    "Alan", "徐强", "Katherine", "孙悦", "Donald", "马超", "Hedy", "朱琳", "Tim", "Ada",
)  # fmt: skip


def standing(
    learner: int, exercise: str, message: str, minutes: float, tries: int = 1, same: int = 1
) -> Standing:
    """Return where a learner is who was told ``message`` first so many minutes ago."""
    right = message.endswith("right")
    at = NOW - 60 * minutes
    last = at if right else NOW - 60 * min(minutes, 1)
    through = at if right else None
    return Standing(learner, exercise, tries, right, through, at, last, message, same, at)


def thirty(names: tuple[str, ...] = NAMES) -> Overview:
    """Return the class."""
    learners, standings = [], []
    for number, name in enumerate(names, 1):
        learners.append(Learner(number, name, NOW - 3600, NOW - 45 * number))
        if number % 10 == 0:
            continue  # joined, and checked nothing
        standings.append(standing(number, "00.1", "lesson00.ex1.right", 50 - number / 2, 1))
        if number % 4 == 0:
            continue
        standings.append(standing(number, "01.1", "lesson01.ex1.right", 30 - number / 3, 3))
        if number % 5 == 1:
            standings.append(standing(number, "01.2", MISSING, number / 2, 4, 3))
        elif number % 5 == 2:
            standings.append(standing(number, "01.2", NOT_ADDED, number / 4, 2, 2))
        elif number % 5 == 3:
            standings.append(standing(number, "01.2", "lesson01.ex2.right", 3, 2))
    return Overview("main", NOW, tuple(learners), tuple(standings))
