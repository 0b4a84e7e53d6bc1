"""Build images as `docker build` does; see every hit, explain every miss, predict the next."""

from .advice import Advice, Advices
from .advise import advise
from .explain import explain
from .exporting import try_exports
from .model import Cause, Explanation, Forecast, Prediction, Reason, Score, Step, Trace
from .predict import Edit, predict
from .pruning import prune
from .run import Build, run
from .workbench import Workbench, workbench

__all__ = [
    "Advice",
    "Advices",
    "Build",
    "Cause",
    "Edit",
    "Explanation",
    "Forecast",
    "Prediction",
    "Reason",
    "Score",
    "Step",
    "Trace",
    "Workbench",
    "advise",
    "explain",
    "predict",
    "prune",
    "run",
    "try_exports",
    "workbench",
]
