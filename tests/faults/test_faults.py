"""The faults are fit to be tried: each changes one line that stands there once, and names tests that exist."""

import pytest

from tests.faults import FAULTS, ROOT, Fault

each_fault = pytest.mark.parametrize("fault", FAULTS, ids=[fault.name for fault in FAULTS])


def test_there_are_forty_or_more_each_under_a_name_of_its_own():
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@each_fault
def test_it_changes_one_line_that_stands_there_once(fault):
    sound = (ROOT / fault.file).read_text()
    lines, changed = sound.split("\n"), fault.put_into(sound).split("\n")
    assert len(lines) == len(changed)
    assert sum(one != other for one, other in zip(lines, changed, strict=True)) == 1


@each_fault
def test_its_tests_exist_and_are_whole_files_or_folders(fault):
    assert fault.tests
    for test in fault.tests:
        assert test.startswith("tests/")
        assert (ROOT / test).exists()


@pytest.mark.parametrize("text", ["nothing of it", "one = 1\none = 1\n"])
def test_what_stands_there_not_once_is_an_error_that_names_the_fault(text):
    fault = Fault(name="a slip", file="core/a.py", find="one = 1", replace="one = 2", tests=["tests"])
    with pytest.raises(ValueError, match=r"a slip: 'one = 1' must stand once in core/a\.py"):
        fault.put_into(text)
    assert fault.put_into("one = 1\n") == "one = 2\n"
