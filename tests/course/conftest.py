"""What the exercises' tests have: a progress file of the test's own."""

from tests.exercises.conftest import progress_file  # noqa: F401
