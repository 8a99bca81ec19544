"""Somebody else's training: a log read into runs, judged and drawn.

training_log (the log as runs), of text (its bytes), table and numbers (its cells) and columns (its names); reading
(what the runs say), scene and charts (how they are drawn), examples (three logs to try)
"""
