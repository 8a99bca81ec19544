"""Settings are read from the environment alone, and what can't be is told all at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.settings import Settings, SettingsError, read, table

ROOT = Path(__file__).parents[2]


def test_without_a_word_all_is_as_usual_and_other_variables_are_nobodys_business():
    assert read({"PATH": "/bin", "LABEL": "x"}) == Settings()


def test_each_variable_sets_its_field():
    asked = read(
        {
            "LAB_MAX_SESSIONS": "40",
            "LAB_MAX_SESSIONS_PER_ADDRESS": "30",
            "LAB_ALLOWED_HOSTS": "lab.example.edu, *.Example.org",
            "LAB_MAX_UPLOADS_MB": "100",
            "LAB_FRAME_ANCESTORS": "https://course.example.org, http://localhost:8000",
            "LAB_MESSAGES_PER_SECOND": "2.5",
            "LAB_MESSAGE_BURST": "7",
            "LAB_MAX_FRAME_KB": "250",
        }
    )
    assert asked == Settings(
        max_sessions=40,
        max_sessions_per_address=30,
        allowed_hosts=("lab.example.edu", "*.example.org"),
        max_uploads_mb=100,
        frame_ancestors=("https://course.example.org", "http://localhost:8000"),
        messages_per_second=2.5,
        message_burst=7,
        max_frame_kb=250,
    )


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("LAB_MAX_SESSIONS", "0", "must be a whole number from 1 to 10,000, got '0'"),
        ("LAB_MAX_SESSIONS", "many", "must be a whole number from 1 to 10,000, got 'many'"),
        ("LAB_MAX_SESSIONS", "1.5", "must be a whole number"),
        ("LAB_MAX_SESSIONS", "", "must be a whole number"),
        ("LAB_MESSAGES_PER_SECOND", "nan", "must be a number from 0.1 to 1,000, got 'nan'"),
        ("LAB_MESSAGES_PER_SECOND", "inf", "must be a number"),
        ("LAB_ALLOWED_HOSTS", "https://lab.example.edu", "without scheme, port or path"),
        ("LAB_ALLOWED_HOSTS", "lab.example.edu:8501", "without scheme, port or path"),
        ("LAB_ALLOWED_HOSTS", " , ", "must be host names"),
        ("LAB_FRAME_ANCESTORS", "course.example.org", "must be self, or sites as in https://course.example.edu"),
        ("LAB_FRAME_ANCESTORS", "https://x.org; script-src *", "must be self, or sites"),
        ("LAB_MAX_SESSION", "5", "is no setting of the lab; LAB_MAX_SESSIONS is"),
        ("LAB_COLOUR", "red", "is no setting of the lab; these are: LAB_MAX_SESSIONS, LAB_"),
    ],
)
def test_what_can_not_be_is_told_with_its_name_and_the_remedy(name, text, said):
    with pytest.raises(SettingsError) as problem:
        read({name: text})
    assert name in str(problem.value)
    assert said in str(problem.value)


def test_this_machine_may_always_ask_how_the_lab_is():
    assert read({}).hosts() == ("*",)
    assert read({"LAB_ALLOWED_HOSTS": "lab.example.edu"}).hosts() == ("lab.example.edu", "localhost", "127.0.0.1")


def test_all_problems_are_told_at_once():
    with pytest.raises(SettingsError) as problem:
        read({"LAB_MAX_SESSIONS": "x", "LAB_MAX_FRAME_KB": "y"})
    assert "LAB_MAX_SESSIONS" in str(problem.value)
    assert "LAB_MAX_FRAME_KB" in str(problem.value)


def test_a_discussion_is_advised_between_two_bounds_in_their_order():
    assert read({"LAB_DISCUSS_FROM_PERCENT": "50"}).discuss_from_percent == 50
    with pytest.raises(SettingsError, match="must be at most LAB_DISCUSS_TO_PERCENT, got 80 and 70"):
        read({"LAB_DISCUSS_FROM_PERCENT": "80"})


def test_a_server_with_a_wrong_setting_does_not_start_and_says_why_without_a_trace():
    command = [sys.executable, "-c", "import app"]
    told = subprocess.run(command, cwd=ROOT, env={"LAB_MAX_SESSIONS": "x"}, capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr.startswith("The lab was not started. LAB_MAX_SESSIONS must be a whole number")
    assert "Traceback" not in told.stderr


def test_the_documented_table_is_that_of_the_code():
    assert table() in (ROOT / "deploy" / "README.md").read_text()
