"""What nginx reads: its configuration, and Streamlit's own files, compressed once instead of for every visitor."""

import gzip
import importlib.util
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).parent / "nginx.conf"
COMPRESSIBLE = {".css", ".js", ".json", ".svg"}  # pictures and fonts are compressed as they are


class _Filled(Template):
    """@{name} is filled in, as nginx itself uses the dollar."""

    delimiter = "@"


def written(folder: Path, address: str, port: int, processes: Sequence[int]) -> Path:
    """Write all that nginx reads into a folder; the path of the configuration."""
    static_files(folder / "static")
    settings = folder / "nginx.conf"
    settings.write_text(configuration(address, port, processes, folder))
    return settings


def static_files(target: Path) -> None:
    """Copy the files Streamlit's page asks for to target, each text with its .gz beside it."""
    source = _streamlit() / "static" / "static"
    for path in [path for path in source.rglob("*") if path.is_file()]:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        if path.suffix in COMPRESSIBLE:
            copy.with_name(f"{copy.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 9))


def configuration(address: str, port: int, processes: Sequence[int], folder: Path) -> str:
    """The template, filled in for an address to listen at and the ports of the processes."""
    numbered = list(enumerate(processes))
    return _Filled(TEMPLATE.read_text()).substitute(
        address=address,
        port=port,
        folder=folder,
        static=folder / "static",
        sockets=os.environ.get("LAB_MAX_SESSIONS_PER_ADDRESS", "400"),  # each process checks that it is a number
        upstreams="\n".join(_upstream(number, processes) for number, _ in numbered),
        servers="\n".join(f"        {_server(port)}" for port in processes),
        in_turn="\n".join(f"        server 127.0.0.1:{port} max_fails=0;" for port in 2 * list(processes)),
        by_cookie="\n".join(f"        {number} process_{number};" for number, _ in numbered),
        to_address="\n".join(f'        "~:{port}$" process_{number};' for number, port in numbered),
        by_address="\n".join(f'        "~:{port}$" {number};' for number, port in numbered),
    )


def _streamlit() -> Path:
    found = importlib.util.find_spec("streamlit")  # not imported: it takes a second, and here nothing needs it
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def _upstream(number: int, processes: Sequence[int]) -> str:
    others = [port for other, port in enumerate(processes) if other != number]
    servers = [_server(processes[number]), *(_server(port, " backup") for port in others)]
    lines = "\n".join(f"        {line}" for line in servers)
    return f"    upstream process_{number} {{\n{lines}\n    }}"


def _server(port: int, role: str = "") -> str:
    return f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s{role};"
