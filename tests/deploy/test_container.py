"""The image holds what the app runs on and no more, and its files agree with each other and with what they describe."""

from __future__ import annotations

import ast
import json
import re
import urllib.parse
from fnmatch import fnmatch
from pathlib import Path

import yaml

from core.instruments.log.limits import MOST_BYTES as LARGEST_TABLE
from core.instruments.log.text import MOST_BYTES as LARGEST_LOG
from deploy import front, serve
from tests.deploy.conftest import ROOT

DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
(COMPOSED,) = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"].values()
ABOUT = (ROOT / "deploy" / "README.md").read_text()


def instructions(word: str) -> list[str]:
    """What follows a word at the beginning of the Dockerfile's lines, continued lines joined."""
    return re.findall(rf"^\s*{word} (.*)$", DOCKERFILE.replace("\\\n", " "), re.M)


def imported(path: Path) -> set[str]:
    """The top-level names a file imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {module.split(".")[0] for module in modules}


def test_everything_the_app_imports_of_ours_is_let_into_the_image():
    ours = {path.parent.name for path in ROOT.glob("*/*.py")} - {".venv"}
    needed, waiting = set(), {"deploy", "pages"} | (imported(ROOT / "app.py") & ours)
    while waiting:
        folder = waiting.pop()
        needed.add(folder)
        found = set().union(*(imported(path) for path in (ROOT / folder).rglob("*.py")))
        waiting |= (found & ours) - needed
    assert needed >= {"core", "pages", "deploy"}
    assert IGNORED[0] == "*"
    assert {f"!{name}" for name in needed | {"app.py", "requirements.txt", ".streamlit", "LICENSE"}} <= set(IGNORED)
    assert not needed & {"tests", "benchmarks"}


def test_nothing_else_is_let_in():
    allowed = {line[1:] for line in IGNORED if line[0] == "!"}
    assert not any(fnmatch(name, pattern) for name in ("tests", "benchmarks", ".git", ".venv") for pattern in allowed)


def test_the_image_takes_exactly_the_torch_of_the_requirements():
    (command,) = [command for command in instructions("RUN") if "whl/cpu" in command]
    assert '"$(grep ^torch== requirements.txt)"' in command
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    (torch,) = [line for line in lines if re.match(r"^torch==", line)]
    assert urllib.parse.quote(torch.replace("==", "-") + "+cpu") in ABOUT
    assert f"`{torch}`" in ABOUT


def test_the_image_runs_as_an_ordinary_user_and_asks_itself_how_it_is():
    assert instructions("USER") == ["1000:1000"]
    port = str(serve._parser().get_default("port"))
    assert instructions("EXPOSE") == [port]
    (healthy,) = re.findall(r"HEALTHCHECK .*?CMD (\[.*\])", DOCKERFILE.replace("\\\n", " "))
    assert f"http://127.0.0.1:{port}/healthz" in json.loads(healthy)[-1]
    assert COMPOSED["ports"] == ["${PORT:-8501}:" + port]
    assert f"app_port: {port}" in ABOUT


def test_the_image_starts_what_make_serve_starts():
    (entry,) = instructions("ENTRYPOINT")
    assert json.loads(entry) == ["python", "-m", "deploy.serve"]
    for options in (json.loads(instructions("CMD")[-1]), [COMPOSED["command"][0], "2"]):
        assert serve._parser().parse_args(options).processes == 2


def test_the_container_is_locked_down():
    assert COMPOSED["read_only"] is True
    assert COMPOSED["cap_drop"] == ["ALL"]
    assert COMPOSED["security_opt"] == ["no-new-privileges:true"]
    assert [mount.split(":")[0] for mount in COMPOSED["tmpfs"]] == ["/tmp"]
    assert COMPOSED["mem_limit"] and "privileged" not in COMPOSED and "volumes" not in COMPOSED


def test_every_setting_of_ours_in_the_table_is_passed_into_the_container():
    named = re.findall(r"^\| `(LAB_\w+)` \|", ABOUT, re.M)
    assert named and COMPOSED["environment"] == named


def test_nginx_lets_the_largest_upload_in_and_little_more():
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", front.TEMPLATE.read_text())
    largest = max(LARGEST_LOG, LARGEST_TABLE)
    assert largest + 10_000 < int(megabytes) * 2**20 < 1.2 * largest


def test_the_configuration_has_every_process_first_once_and_as_a_stand_in_for_the_others():
    text = front.configuration("0.0.0.0", 80, [9001, 9002, 9003], Path("/tmp/lab"))
    assert not re.search(r"@[@{]", text)
    for number, port in enumerate((9001, 9002, 9003)):
        (block,) = re.findall(rf"upstream process_{number} {{(.*?)}}", text, re.S)
        assert re.findall(r":(\d+) .*?( backup)?;", block)[0] == (str(port), "")
        assert re.findall(r":(\d+) [^;]* backup;", block) == [str(p) for p in (9001, 9002, 9003) if p != port]
        assert f"{number} process_{number};" in text and f'"~:{port}$" {number};' in text


def test_every_file_the_page_on_hosting_links_to_exists():
    for link in re.findall(r"\]\(((?!http)[^)]+)\)", ABOUT):
        assert (ROOT / "deploy" / link).exists(), link


def test_every_make_target_and_variable_it_names_exists():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"make ([a-z]+) ?(?:[A-Z]|`|$)", ABOUT, re.M)):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for variable in set(re.findall(r"\b([A-Z]+)=[\d.]+", ABOUT)):
        assert f"$({variable})" in makefile, variable
