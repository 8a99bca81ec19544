"""The story where PyTorch is not installed: all of it opens, and the three lessons about it say what is missing."""

from __future__ import annotations

import sys

import pytest

from core.story.lessons import LESSONS
from core.training.train import TORCH_MISSING

ABOUT_PYTORCH = {"backpropagation", "input_hidden_output", "without_gradients"}


@pytest.fixture
def no_pytorch(monkeypatch):
    """Importing torch fails, and so does what was imported with it before."""
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [name for name in sys.modules if name.startswith("core.") and ".torch_" in name]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.parametrize("lesson", [lesson.file for lesson in LESSONS])
def test_every_lesson_opens_and_says_what_is_missing(open_lesson, no_pytorch, lesson):
    said = open_lesson(lesson, gate="0").said()
    assert (TORCH_MISSING in said) == (lesson in ABOUT_PYTORCH)
