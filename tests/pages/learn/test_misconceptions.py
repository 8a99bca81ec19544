"""Where each of eight common misconceptions is met by a demonstration: the lesson, and its words made from a real run.

The list is that of the research this lab is built on; the numbers are checked in tests/core/story/.
"""

from __future__ import annotations

MET = {
    "too high always zig-zags": (
        "too_high_too_low",
        "too high makes the loss zig-zag. Here it does not: at rate 1 it went up in **112 of 112** epochs",
    ),
    "flat means raise the rate": ("from_scratch", "**flat does not mean raise the rate**"),
    "a rising loss means a failed run": ("too_high_too_low", "a loss that rises means a failed run. At 2.5 it rose"),
    "there is one best rate": ("too_high_too_low", "**0.04226, 0.06535, 0.08114, 0.08311** for 1, 10, 100, 1,000"),
    "smaller is always safer": (
        "too_high_too_low",
        "a smaller rate is always the safer one. At 0.000001 nothing breaks",
    ),
    "no NaN means stable": ("too_high_too_low", "a run is stable as long as no NaN appears. At 0.085"),
    "a plateau means converged": ("from_scratch", "**a plateau does not mean converged**"),
    "schedules always help": ("what_made_it_deep", "Clean: constant **2\u00a0×\u00a010⁻⁴**, falling 0.003059"),
}


def test_each_belief_is_met_by_a_demonstration(open_lesson):
    for lesson in {lesson for lesson, _ in MET.values()}:
        page = open_lesson(lesson, gate="0")
        assert page.lacks({belief: words for belief, (where, words) in MET.items() if where == lesson}) == []


def test_all_eight_are_met():
    assert len(MET) == 8
