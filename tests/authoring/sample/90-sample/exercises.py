"""The checks of the sample lesson."""

from helpers.engine import Engine, labels
from helpers.exercises import Right, Wrong, exercise


@exercise("90.1")
def box(machine: Engine) -> Right | Wrong:
    """There is a volume lbl-90-box, and it carries the course's label."""
    for volume in machine.client.volumes.list(filters={"name": "lbl-90-box"}):
        if volume.name == "lbl-90-box":
            if labels.ours(volume.attrs["Labels"]):
                return Right("lesson90.ex1.right", name=volume.name)
            return Wrong("lesson90.ex1.unlabelled", name=volume.name)
    return Wrong("lesson90.ex1.missing", name="lbl-90-box")
