"""Whatever form a log comes in, the same numbers come back; what can hurt is refused in time."""

from __future__ import annotations

import gzip
import io
import json
import random
import string
import time

import numpy as np
import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import read_log
from core.instruments.log import text as log_text
from core.instruments.log.text import UnreadableLog
from tests.cases import for_each

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: float(f"{value:.6g}"))
ROWS = st.lists(st.tuples(NUMBERS, NUMBERS, st.floats(1e-6, 10).map(lambda rate: float(f"{rate:.3g}"))), min_size=3)


def csv(rows):
    return "step,loss,val_loss,lr\n" + "".join(f"{k},{a!r},{b!r},{c!r}\n" for k, (a, b, c) in enumerate(rows))


def markdown(rows):
    head = "| step | loss | val_loss | lr |\n|---|---|---|---|\n"
    return head + "".join(f"| {k} | {a!r} | {b!r} | {c!r} |\n" for k, (a, b, c) in enumerate(rows))


def aligned(rows):
    head = f"{'step':>8}  {'loss':>12}  {'val_loss':>12}  {'lr':>8}\n"
    return head + "".join(f"{k:>8}  {a!r:>12}  {b!r:>12}  {c!r:>8}\n" for k, (a, b, c) in enumerate(rows))


def long_table(rows):
    text = "step,metric,value\n"
    for k, each in enumerate(rows):
        text += "".join(f"{k},{name},{value!r}\n" for name, value in zip(NAMES[1:], each, strict=True))
    return text


NAMES = ("step", "loss", "val_loss", "lr")
SPELLINGS = {
    "csv": csv,
    "tabs": lambda rows: csv(rows).replace(",", "\t"),
    "markdown": markdown,
    "aligned": aligned,
    "one metric a row": long_table,
    "json": lambda rows: json.dumps([dict(zip(NAMES, (k, *row), strict=True)) for k, row in enumerate(rows)]),
    "json lines": lambda rows: "".join(
        json.dumps(dict(zip(NAMES, (k, *row), strict=True))) + "\n" for k, row in enumerate(rows)
    ),
    "a history": lambda rows: json.dumps(
        {"history": dict(zip(NAMES, zip(*((k, *row) for k, row in enumerate(rows)), strict=True), strict=True))}
    ),
    "dictionaries": lambda rows: "".join(f"{dict(zip(NAMES, (k, *row), strict=True))}\n" for k, row in enumerate(rows)),
    "colons": lambda rows: "".join(
        f"2024-05-01 12:00:00,123 INFO train.py:88 - step: {k}, loss: {a!r}, val_loss: {b!r}, lr: {c!r}\n"
        for k, (a, b, c) in enumerate(rows)
    ),
    "equals": lambda rows: "".join(
        f"[{k}/999] step={k} loss={a!r} val_loss={b!r} lr={c!r}\n" for k, (a, b, c) in enumerate(rows)
    ),
    "words": lambda rows: "".join(
        f"Step {k} | Train loss {a!r} | Validation loss {b!r} | Learning rate {c!r}\n"
        for k, (a, b, c) in enumerate(rows)
    ),
    "colours": lambda rows: "".join(
        f"\x1b[32mstep\x1b[0m {k} \x1b[1mloss\x1b[0m {a!r} val_loss {b!r} lr {c!r}\n"
        for k, (a, b, c) in enumerate(rows)
    ),
    "carriage returns": lambda rows: "".join(
        f"\rstep {k} loss 9 ...\rstep {k} loss {a!r} val_loss {b!r} lr {c!r}\n" for k, (a, b, c) in enumerate(rows)
    ),
    "lines of their own": lambda rows: "".join(
        f"step {k}: loss {a!r}, lr {c!r}\nEvaluation at step {k}: loss {b!r}\n" for k, (a, b, c) in enumerate(rows)
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@settings(max_examples=20)
@given(rows=ROWS)
def test_a_log_comes_back_whatever_it_is_written_in(spelling, rows):
    (run,) = read_log(SPELLINGS[spelling](rows)).runs
    loss, held, rates = map(np.array, zip(*rows, strict=True))
    np.testing.assert_allclose(run.loss, loss, rtol=1e-12)
    np.testing.assert_allclose(run.validation, held, rtol=1e-12)
    np.testing.assert_allclose(run.learning_rate, rates, rtol=1e-12)
    assert run.steps.tolist() == list(range(len(rows)))


@for_each("lines", [100, 5_000])
def test_long_logs_of_lines_that_differ_in_numbers_alone_are_read_as_short_ones_are(lines):
    losses = np.random.default_rng(0).random(lines).round(5)
    text = "".join(
        f"it {k}: loss {value}, lr 1e-3\n" + (f"validation at it {k}: loss {value + 1:.5f}\n" if k % 10 == 0 else "")
        for k, value in enumerate(losses)
    )
    (run,) = read_log(text).runs
    np.testing.assert_array_equal(run.loss, losses)
    np.testing.assert_allclose(run.validation, losses[::10] + 1, rtol=1e-9)


@for_each(
    "text",
    [
        "".join(f"{'abcdefgh'[k % 8] * (k % 199 + 1)} step {k}: loss 0.5\n" for k in range(110_000)),
        "".join(f"{chr(97 + k % 26)}{k * 7919 % 9973 * 'x'}\n" for k in range(2_500)),
    ],
)
def test_many_megabytes_in_lines_of_many_kinds_are_refused_before_they_are_parsed(text):
    with pytest.raises(UnreadableLog, match=r"million characters in lines of many kinds; 12 are allowed"):
        read_log(text)


def test_very_many_lines_of_several_processes_are_refused_with_what_to_keep():
    with pytest.raises(UnreadableLog, match="14 are allowed: keep those of one"):
        read_log("".join(f"[rank{k % 4}] step {k // 4}: loss 0.512345, lr 1e-3\n" for k in range(400_000)))


def test_very_many_printed_dictionaries_are_read_whatever_text_stands_in_them():
    text = "".join(f"{{'step': {k}, 'note': \"it's\", 'loss': 0.{k % 7 + 1}}}\n" for k in range(40_000))
    assert len(read_log(text).runs[0].loss) == 40_000


@for_each("gap", [", ", " - ", " "])
def test_numbers_of_lines_alike_are_never_taken_for_each_other(gap):
    lines = [
        f"[{k},{k}] a {k * 2}{gap}loss {'+' * (k % 2)}{k % 9}.5{gap}b {k * 3}{gap}lr 1e-{k % 9}{gap}c {k}"
        for k in range(3_000)
    ]
    (run,) = read_log("\n".join(lines)).runs
    assert run.loss.tolist() == [k % 9 + 0.5 for k in range(3_000)]
    np.testing.assert_allclose(run.learning_rate, [10.0 ** -(k % 9) for k in range(3_000)])


def test_gzip_is_unpacked_and_never_beyond_what_is_read():
    assert read_log(gzip.compress(b"step,loss\n0,2\n1,1\n")).runs[0].loss.tolist() == [2, 1]
    with pytest.raises(UnreadableLog, match=r"Unpacked, the log has over 20 MB"):
        read_log(gzip.compress(b"0" * (log_text.MOST_BYTES + 2)))
    with pytest.raises(UnreadableLog, match="damaged"):
        read_log(gzip.compress(b"step,loss\n0,2\n1,1\n")[:-9])


def test_the_first_sheet_of_a_workbook_is_a_log():
    book = openpyxl.Workbook()
    for row in [("epoch", "loss", "val_loss"), *((k, 3 - k / 4, 3.5 - k / 4) for k in range(5))]:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    (run,) = read_log(file.getvalue()).runs
    assert (run.loss.tolist(), run.validation[-1], run.axis) == ([3, 2.75, 2.5, 2.25, 2], 2.5, "epoch")


def test_the_reader_may_choose_other_columns():
    text = "epoch,loss,other,val_loss,lr\n" + "".join(f"{k},{9 - k},{5 - k},{8 - k},0.1\n" for k in range(5))
    found = read_log(text)
    assert found.columns == ("epoch", "loss", "other", "val_loss", "lr")
    assert found.chosen == {"counter": "epoch", "loss": "loss", "validation": "val_loss", "rate": "lr", "run": ""}
    (run,) = read_log(text, choice={"loss": "other", "validation": "", "rate": "", "counter": ""}).runs
    assert (run.loss.tolist(), run.validation, run.learning_rate, run.axis) == ([5, 4, 3, 2, 1], None, None, "record")


def test_a_run_has_its_verdict():
    assert read_log("loss\n" + "".join(f"{0.9**k}\n" for k in range(60))).runs[0].diagnosis.role == "good"
    assert read_log("loss\n1\n2\n4\n8\n16\n32\n64\n128\ninf\n").runs[0].diagnosis.label == "diverged"


LARGE = 1_000_000  # characters
PIECES = [
    *"1,;|[{(\"'\n\r\b\t-=#e_/.",
    "a",
    "1 ",
    "loss",
    "loss 1 ",
    "loss: 1\n",
    "[1] ",
    "1/2 ",
    "{'loss':1}\n",
    "{}\n",
]
PIECES += [
    "nan ",
    "a (b ",
    "step,loss\n",
    "loss=[1 2 3]\n",
    "[[1,2],",
    "a:1:b:2 ",
    "2024-01-01 ",
    "\x1b[",
    "a  1\n",
    "²",
]


def random_text(letters: str, seed: int) -> str:
    return "".join(random.Random(seed).choices(letters, k=LARGE))


@pytest.mark.slow
@for_each(
    "text",
    [
        *((piece * (LARGE // len(piece) + 1))[:LARGE] for piece in PIECES),
        *(random_text(string.printable, seed) for seed in range(2)),
        *(random_text("0123456789.,-+eE \n\t:=[]/|loss", seed) for seed in range(2)),
        random_text('{}[]":,0123456789 \nloss', 0),
        "".join(f"a{k}b loss_{k} = {k} " for k in range(LARGE // 20)),
        "".join(f'{{"n{k}": {k}}}\n' for k in range(LARGE // 16)),
    ],
)
def test_any_megabyte_is_read_or_refused_in_seconds(text):
    began = time.process_time()
    try:
        read_log(text)
    except UnreadableLog as refused:
        assert "\n" not in str(refused) and str(refused).endswith(".")
    assert time.process_time() - began < 6  # three, on a machine that does nothing else
