"""Every resource that a lesson makes in AWS is tagged, wherever its API takes tags."""

from __future__ import annotations

from typing import Any

from botocore.model import OperationModel, Shape

from ..engine import labels

__all__ = ["TAG", "tag_what_is_made", "tagged"]

TAG = labels.COURSE  # AWS takes letters, digits and ``+ - = . _ : / @`` in a tag's key
MAKING = ("Create", "Register", "Run", "Put", "Allocate", "Start", "Request")
# A tag there would say something else: of an object's content, of a metric.
NOT = ("PutObject", "PutMetricData", "RegisterTargets", "CreateTags", "RegisterContainerInstance",
       "RunInstances")  # fmt: skip


def tag_what_is_made(client: Any, lesson: str | None) -> None:
    """Add the course's tags to each request of a client that makes something.

    Parameters
    ----------
    client: a boto3 client.
    lesson: the lesson that the things belong to.
    """
    wanted = labels.make(lesson)

    def add(params: dict, model: OperationModel, **_: object) -> None:
        tagged(params, model, wanted)

    client.meta.events.register("provide-client-params", add)


def tagged(params: dict, model: OperationModel, wanted: dict[str, str]) -> None:
    """Put tags into the parameters of one call, in the form that its model has for them.

    Tags that the caller gives stay, and win.
    """
    if not model.name.startswith(MAKING) or model.name in NOT or model.input_shape is None:
        return
    if params.get("Overwrite"):  # Parameter Store takes no tags then
        return
    members = model.input_shape.members
    for name in ("tags", "Tags", "ResourceTags"):
        if name in members:
            params[name] = _merged(params.get(name), members[name], wanted)
            return
    if "TagSpecifications" in members:
        given = params.get("TagSpecifications") or [{"ResourceType": _kind(model.name)}]
        shape = members["TagSpecifications"].member.members["Tags"]
        params["TagSpecifications"] = [
            {**one, "Tags": _merged(one.get("Tags"), shape, wanted)} for one in given
        ]


def _merged(given: Any, shape: Shape, wanted: dict[str, str]) -> Any:
    if shape.type_name == "map":
        return {**wanted, **(given or {})}
    key, value = ("key", "value") if "key" in shape.member.members else ("Key", "Value")
    rows = list(given or [])
    names = {row[key] for row in rows}
    return [*rows, *({key: k, value: v} for k, v in wanted.items() if k not in names)]


def _kind(operation: str) -> str:
    """``CreateSecurityGroup`` makes a ``security-group``: EC2's name of what it makes."""
    name = operation
    for verb in MAKING:
        name = name.removeprefix(verb)
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip(
        "-"
    )
