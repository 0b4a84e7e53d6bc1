"""Two classes on one machine: apart, and the one stays when the other goes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.classroom import running
from helpers.classroom.settings import GIB, ClassroomError
from tests.classroom.conftest import Classroom, free
from tests.classroom.pupil import Pupil, Refused

pytestmark = [pytest.mark.daemon, pytest.mark.sweep]


def test_two_classes_do_not_meet(classroom: Classroom):
    first = classroom.pupils["ann-lee"]
    with pytest.raises(ClassroomError, match=str(classroom.settings.port)):
        running.check(replace(classroom.settings, name="other"))  # that port is taken
    other = replace(classroom.settings, name="other", port=free(), disk=2 * GIB,
                    language="zh-CN")  # fmt: skip
    card = next(c for c in running.add(other, ["Ann Lee"]) if c.user == "ann-lee")
    try:
        running.start(other)
        second = Pupil(other.url, other.folder / "door.crt", card.user, card.passphrase)
        assert "Username" in first.ask("GET", "hub/login").content.decode()
        assert "用户名" in second.ask("GET", "hub/login").content.decode()
        with pytest.raises(Refused):  # the same name, the other's passphrase
            replace(second, passphrase=first.passphrase).sign_in()
        for pupil in (first, second):
            pupil.sign_in()
            pupil.start()
        first.run("import socket, subprocess\nmine = 1")
        second.run("open('/root/second', 'w').close()")
        assert "False" in first.run("import os\nprint(os.path.exists('/root/second'))")
        knock = f"print(socket.socket().connect_ex(('10.0.2.2', {other.port})))"
        assert first.run(knock).strip() != "0"
    finally:
        running.remove(other)
    assert first.run("print(mine)").strip() == "1"
    assert running.answers(classroom.settings)
