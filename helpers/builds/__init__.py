"""Build images as `docker build` does; see every hit, explain every miss, predict the next."""

from .explain import explain
from .model import Cause, Explanation, Forecast, Prediction, Reason, Score, Step, Trace
from .predict import Edit, predict
from .run import Build, run
from .workbench import Workbench, workbench

__all__ = [
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
    "explain",
    "predict",
    "run",
    "workbench",
]
