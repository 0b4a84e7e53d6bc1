"""A pytest plug-in that spares each notebook's process a grammar of internationalised addresses.

jsonschema, with which nbformat validates, loads the parser `rfc3987_syntax` if it is installed, to
check the format "iri", which no notebook has. Building its grammar takes 1.5 seconds of CPU.
"""

from __future__ import annotations

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type] - an import then fails
