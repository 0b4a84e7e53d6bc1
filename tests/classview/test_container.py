"""A learner's machine that is a container reports to the instructor's, by an address of that.

A private engine has no bridge on the host; its containers reach the host's own address through
slirp4netns, and its loopback not at all.
"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from helpers.bases import python_root
from helpers.classview import classes
from helpers.classview.receiver import Receiver
from helpers.engine import Engine
from helpers.paths import ROOT
from tests.conftest import missing

from .conftest import overview, serving

REPORT = """
import sys; sys.path.insert(0, "/course")
from helpers.classview import code, contract, sending
event = contract.Event("0" * 16, "01.2", False, "lesson01.ex2.missing", 0.0)
report = contract.Report("Ada", "a" * 32, (event,))
print(sending.post(code.read(sys.argv[1]), "/report", report.write()).status)
"""


def own_address() -> str:
    """Return the address that this machine shows to others; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("198.51.100.1", 9))  # RFC 5737: nobody's
        except OSError:
            missing("this machine is in no network")
        return probe.getsockname()[0]


@pytest.mark.daemon
@pytest.mark.sweep
def test_a_container_reports(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image, address = python_root.python(engine), own_address()
    monkeypatch.setenv("LAYER_BY_LAYER_HOME", str(tmp_path / "instructor"))
    room = classes.open_()

    def change(receiver: Receiver) -> None:
        receiver.addresses = (address,)

    with serving(room, change):
        said = engine.client.containers.run(
            image,
            ["python3", "-c", REPORT, str(room.code(address))],
            volumes={str(ROOT): {"bind": "/course", "mode": "ro"}},
            remove=True,
        )
    assert said == b"200\n"
    assert [one.name for one in overview(room).learners] == ["Ada"]
