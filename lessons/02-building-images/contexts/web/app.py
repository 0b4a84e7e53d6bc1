"""A small web service: / greets, /health says how it is."""

import os
from pathlib import Path

from flask import Flask

app = Flask(__name__)


@app.get("/")
def greet():
    return f"{os.environ['GREETING']}\n"


@app.get("/health")
def health():
    if Path("/tmp/ill").exists():
        return "ill\n", 503
    return "well\n"
