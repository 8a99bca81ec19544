"""Somebody else's training: a log read into runs, judged and drawn.

training_log (the log as runs: run), of content (what was given as records of names and numbers: records), by text (its
bytes), documents (JSON), events (TensorBoard's), workbook with its limits (Excel's), table with heads, numbers and
numerals (CSV and its kin, by one convention of commas), console with ranks and alike (printed lines, of several
processes, thousands of one form) and columns (names); log_table, counting, labels and series (which column is the loss,
what counts, which rows are a run, the run); verdict and reading (what the runs say), report (the same as text), scene
and charts (how they are drawn), examples (three logs to try)
"""
