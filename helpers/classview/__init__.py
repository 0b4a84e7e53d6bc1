"""How a class gets on: learners who joined tell the instructor's machine their verdicts.

Two sides that share `contract` (what is told) and `code` (where to, and how it is trusted):

- the learner's: `joining`, `membership`, `reporting`, `sending`;
- the instructor's: `classes`, `store`, `receiver`, and the views of what they hold.

docs/class-view.md lists each field that is sent and kept; a test compares.
"""
