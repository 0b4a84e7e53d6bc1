"""What ``python -m helpers`` does: the environment, JupyterLab, the work copy, tests, clean-up."""
