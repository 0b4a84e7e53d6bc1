"""A small web service."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def greet():
    return "Good morning\n"
