"""Teaching notes, routes, times, glossary and summary sheets, made out of the lessons.

``python -m helpers.teaching write`` makes what is committed below ``docs/``; nothing of it is
edited by hand. The modules are imported one by one, since most need every lesson.
"""
