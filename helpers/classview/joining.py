"""``join``, ``joined`` and ``leave``: what a learner calls in a lesson."""

from __future__ import annotations

import os
import secrets
import time
from dataclasses import dataclass

from ..errors import ClassFailed, CourseError
from ..messages import text
from . import code as codes
from . import contract, membership, reporting, sending
from .contract import Report
from .membership import Membership

__all__ = ["Joined", "join", "joined", "leave"]


@dataclass(frozen=True)
class Joined:
    """Whether this machine reports to a class, what it tells, and how to end it."""

    membership: Membership | None
    state: reporting.State

    def __str__(self) -> str:
        if self.membership is None:
            return text("classview.not_joined")
        lines = [
            text("classview.joined", title=self.membership.title, name=self.membership.name),
            text("classview.told"),
        ]
        if self.state.sent or self.state.waiting:
            counts = {"sent": self.state.sent, "waiting": self.state.waiting}
            lines.append(text("classview.counts", **counts))
        if self.state.trouble:
            lines.append(text(f"classview.trouble.{self.state.trouble}"))
        until = time.strftime("%Y-%m-%d %H:%M", time.localtime(self.membership.until))
        lines.append(text("classview.ends", until=until))
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        from ..exercises.verdict import box  # here, since exercises import this module

        return {"text/plain": str(self), "text/html": box(str(self), "info")}


def join(name: str = "", code: str | None = None) -> Joined:
    """Let a class's instructor see how far you are: ``join("Ada", "192.168.1.20:8765/7K3M-…")``.

    From then on, after each ``check``, the instructor's machine is told: the name that you typed
    here, the exercise, whether it was right, which of the check's messages you saw (without names
    or values of yours), and how long ago that was. Nothing else. Your verdicts, hints and progress
    stay as they are, and a check never waits for it. ``leave()`` ends it; otherwise it ends by
    itself after three days. ``joined()`` says how it stands.

    Parameters
    ----------
    name: what the instructor shall call you, up to 40 characters. It need not be your real name.
    code: what the instructor shows. In a classroom where you were given a machine, leave it out.

    Raises
    ------
    ClassFailed: no name, or not the code of a class; the instructor's machine cannot be reached,
        or refuses. Nothing has changed then.
    NotWritable: the course's folder cannot be written.
    """
    try:
        name = contract.clean_name(name)
    except ValueError:
        raise ClassFailed("classview.bad_name", most=contract.LONGEST_NAME) from None
    code = code or os.environ.get(codes.VARIABLE)
    if not code:
        raise ClassFailed("classview.no_code")
    where = codes.read(code)
    before = membership.current()
    same = before is not None and codes.read(before.code) == where
    seat = before.seat if same else secrets.token_hex(16)  # another name is not another learner
    answer = sending.post(where, "/report", Report(name, seat).write())
    _judge(answer.status)
    title = answer.title or where.host
    until = time.time() + membership.LASTS
    membership.keep(Membership(str(where), name, seat, title, until))
    return joined()


def _judge(status: int) -> None:
    if status == 401:
        raise ClassFailed("classview.wrong_code")
    if status == 409:
        raise ClassFailed("classview.full")
    if status != 200:
        raise ClassFailed("classview.refused", status=status)


def joined() -> Joined:
    """Return whether this machine reports to a class, and how this kernel's reports went."""
    return Joined(membership.current(), reporting.state())


def leave(*, erase: bool = False) -> Joined:
    """Tell the instructor's machine nothing more; what it was told stays there.

    Parameters
    ----------
    erase: also let it forget all that this machine told.

    Raises
    ------
    ClassFailed: it cannot be reached, or refuses to forget; you have left all the same.
    """
    before = membership.current()
    membership.drop()
    if erase and before is not None:
        body = Report(before.name, before.seat).write()
        try:
            status = sending.post(codes.read(before.code), "/erase", body).status
        except CourseError as error:
            raise ClassFailed("classview.not_erased", reason=error.what) from None
        if status != 200:
            raise ClassFailed("classview.not_erased", reason=f"HTTP {status}")
    return joined()
