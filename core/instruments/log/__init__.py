"""Somebody else's training: a log read into runs, judged and drawn.

training_log (the log as runs), of content (what was given as records of names and numbers: records), by text (its
bytes), documents (JSON), events (TensorBoard's), workbook with its limits (Excel's), table with heads, numbers and
numerals (CSV and its kin, by one convention of commas), console with ranks (printed lines, of several processes) and
columns (names); verdict and reading (what the runs say), report (the same as text), scene and charts (how they are
drawn), examples (three logs to try)
"""
