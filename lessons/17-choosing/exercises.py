"""What the exercises of lesson 17 look for: a decision, two images, and a service under trial."""

from __future__ import annotations

from helpers import capstone, choosing
from helpers.engine import Engine
from helpers.errors import CourseError
from helpers.exercises import Right, Wrong, exercise
from helpers.messages import text

# What the text of 17.1 says.
CASE = {"machines": "few", "loss": "machine", "people": "some", "place": "own", "aws": "no",
        "skills": "docker"}  # fmt: skip


@exercise("17.1")
def the_clinic(engine: Engine) -> Right | Wrong:
    """The answers are those of the case, and what was decided for fits."""
    found = choosing.decision(engine)
    if found is None:
        return Wrong("lesson17.ex1.nothing")
    platform, choice = found
    for question, answer in CASE.items():
        if question not in choice.answers:
            return Wrong("lesson17.ex1.open", question=question)
        if choice.answers[question] != answer:
            return Wrong("lesson17.ex1.other", question=question, answer=choice.answers[question])
    verdict = next(one for one in choice.verdicts if one.platform == platform)
    if platform not in choice.left:
        why = " ".join(reason.words for reason in verdict.shown[:1])
        return Wrong("lesson17.ex1.platform", name=verdict.name, why=why)
    return Right("lesson17.ex1.right", name=verdict.name)


@exercise("17.2")
def the_image(engine: Engine) -> Right | Wrong:
    """Two versions of a small image without root, without the key, in an order for the cache."""
    wrong = capstone.faults(engine)
    if wrong:
        return Wrong("lesson17.ex2.wrong", what=text(f"capstone.image.{wrong[0]}"), count=len(wrong))
    return Right("lesson17.ex2.right")


@exercise("17.3")
def the_service(engine: Engine) -> Right | Wrong:
    """What the platform says of the service, and what was seen of it under trial."""
    place = capstone.find(engine)
    if place is None:
        return Wrong("lesson17.ex3.no_place")
    try:
        state = place.state()
    except CourseError as error:
        return Wrong("lesson17.ex3.no_state", what=error.what)
    proof = place.record.proof
    wrong = state.faults() or proof.faults(state)
    if wrong:
        said = text(
            f"capstone.fault.{wrong[0]}", desired=state.desired, well=state.well,
            versions=", ".join(state.versions), lost=proof.updated, lost_back=proof.returned,
        )  # fmt: skip
        return Wrong("lesson17.ex3.wrong", place=place, what=said)
    return Right("lesson17.ex3.right", place=place, count=state.well)
