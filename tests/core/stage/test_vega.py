"""Vega as one script: the versions that vl-convert says it has, and nothing left behind in the page but one name."""

from __future__ import annotations

import subprocess

import pytest
import vl_convert

from core.stage import vega

PROGRAM = """
import { text } from 'node:stream/consumers';
import vm from 'node:vm';
const before = new Set(Object.getOwnPropertyNames(globalThis));
globalThis.window = globalThis;
const script = await text(process.stdin);
vm.runInThisContext(script);
vm.runInThisContext(script);  // as two pictures on a page might
const left = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name));
console.log(left.join(), typeof vegaEmbed);
"""


def test_it_defines_one_name_and_has_the_versions_that_vl_convert_says():
    run = ["node", "--input-type=module", "-e", PROGRAM]
    said = subprocess.run(run, input=vega.javascript(), capture_output=True, text=True, check=True).stdout
    assert said == "window,vegaEmbed function\n"
    for version in (vl_convert.get_vega_version(), vl_convert.get_vegalite_versions()[-1]):
        assert f'"{version}' in vega.javascript()


def test_a_bundle_that_names_its_clips_in_another_way_is_refused(monkeypatch):
    monkeypatch.setattr(vega, "_NAMES", {'"no-such-name"+': ""})
    with pytest.raises(RuntimeError, match="no-such-name"):
        vega.javascript.__wrapped__()


def test_another_vl_convert_has_another_version(monkeypatch):
    here = vega.version()
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.0.1")
    assert vega.version.__wrapped__() != here
    assert vega.version() == here
