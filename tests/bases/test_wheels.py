"""Wheels out of Debian's packages: what pip reads in them, for both architectures."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile

import pytest

from helpers import debian
from helpers.bases import python_root, wheels

NAMES = {
    "click-8.1.3-py3-none-any.whl",
    "flask-2.2.2-py3-none-any.whl",
    "gunicorn-20.1.0-py3-none-any.whl",
    "itsdangerous-2.1.2-py3-none-any.whl",
    "jinja2-3.1.2-py3-none-any.whl",
    "werkzeug-2.2.2-py3-none-any.whl",
}
COMPILED = {
    "amd64": "markupsafe-2.1.2-cp311-cp311-linux_x86_64.whl",
    "arm64": "markupsafe-2.1.2-cp311-cp311-linux_aarch64.whl",
}


@pytest.fixture(scope="module", params=["amd64", "arm64"])
def made(request):
    names = python_root.STACK
    debs = debian.fetch(names, python_root.SUITE, request.param)
    found = wheels.make(debs, request.param)
    assert wheels.make(debs, request.param) == found  # the same bytes, or no layer would be
    return request.param, {n: zipfile.ZipFile(io.BytesIO(data)) for n, data in found.items()}


def test_names_tell_what_each_runs_on(made):
    architecture, found = made
    assert set(found) == NAMES | {COMPILED[architecture]}


def test_the_record_holds_every_file_with_its_sum(made):
    for wheel in made[1].values():
        (record,) = [n for n in wheel.namelist() if n.endswith(".dist-info/RECORD")]
        rows = list(csv.reader(io.StringIO(wheel.read(record).decode())))
        assert sorted(row[0] for row in rows) == sorted(wheel.namelist())
        for path, digest, size in rows:
            if path == record:
                continue
            content = wheel.read(path)
            told = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            assert (digest, int(size)) == (f"sha256={told.decode()}", len(content))


def test_flask_names_what_it_needs_and_its_command(made):
    wheel = made[1]["flask-2.2.2-py3-none-any.whl"]
    metadata = wheel.read("flask-2.2.2.dist-info/METADATA").decode()
    head, _, description = metadata.partition("\n\n")
    needs = {row for row in head.split("\n") if row.startswith("Requires-Dist:")}
    wanted = {"click", "itsdangerous", "jinja2", "werkzeug"}
    assert needs == {f"Requires-Dist: {name}" for name in wanted}
    assert "Name: Flask\n" in head and "Version: 2.2.2\n" in head and len(description) > 500
    assert b"flask = flask.cli:main" in wheel.read("flask-2.2.2.dist-info/entry_points.txt")


def test_only_compiled_wheels_are_tied_to_a_processor(made):
    architecture, found = made
    for name, wheel in found.items():
        (path,) = [n for n in wheel.namelist() if n.endswith(".dist-info/WHEEL")]
        pure = b"Root-Is-Purelib: true" in wheel.read(path)
        assert pure is (name != COMPILED[architecture])
        assert pure is not any(n.endswith(".so") for n in wheel.namelist())
