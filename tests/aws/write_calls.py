"""Write docs/aws-calls.md anew: ``python -m tests.aws.write_calls``."""

from __future__ import annotations

from helpers.aws import calls
from tests.aws import rehearsal
from tests.aws.test_calls import TABLE

if __name__ == "__main__":
    found = {lesson: rehearsal.play(lesson).all for lesson in rehearsal.LESSONS}
    TABLE.write_text(calls.table(found), "utf-8")
