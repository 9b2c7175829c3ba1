"""Pyodide and its wheels: from where, each file checked, never half; and what a build makes of it.

A small archive stands in for npm's, with a list of small wheels; the real one is tried by
`test_python_kernel.py`.
"""

import base64
import dataclasses
import hashlib
import io
import json
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from speechlab.site import __main__ as command
from speechlab.site import vendor
from speechlab.site.python import bundle, distribution, shipped, sources
from tests.support.building import served

WHEELS = {name: f"{name}-1.0-py3-none-any.whl" for name in ("numpy", "scipy", "matplotlib", "six")}
DEPENDS = {"scipy": ["numpy"], "matplotlib": ["numpy", "six"]}
OTHER = "pandas-1.0-py3-none-any.whl"  # in the list, and wanted by nobody


def content(file):
    """What the official file of that name holds."""
    return f"the official {file}".encode() * 100


def entry(name, file):
    """An item of the list."""
    digest = hashlib.sha256(content(file)).hexdigest()
    return {
        "name": name,
        "file_name": file,
        "sha256": digest,
        "depends": DEPENDS.get(name, []),
        "imports": [name],
    }


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder that has npm's archive and the wheels; no other source is in reach."""
    place = tmp_path / "place"
    place.mkdir()
    packages = {name: entry(name, file) for name, file in (WHEELS | {"pandas": OTHER}).items()}
    files = dict.fromkeys(distribution.CORE.files, b"x" * 3000)
    files[distribution.LOCK] = json.dumps({"packages": packages}).encode()
    archive = place / f"pyodide-{distribution.VERSION}.tgz"
    with tarfile.open(archive, "w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    for file in (*WHEELS.values(), OTHER):
        (place / file).write_bytes(content(file))
    digest = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    core = dataclasses.replace(distribution.CORE, sha512=digest)
    monkeypatch.setattr(distribution, "CORE", core)
    monkeypatch.setattr(shipped, "CORE", core)
    monkeypatch.setattr(sources, "CARRIER", "no-such-package==0")
    monkeypatch.setattr(sources.Package, "bring", lambda self, files, inbox: [f"no {self}"])
    monkeypatch.delenv(distribution.PLACE, raising=False)
    monkeypatch.delenv(distribution.SWITCH, raising=False)
    return place


@pytest.fixture
def folder(tmp_path):
    """Where it goes."""
    return tmp_path / "vendor"


def test_a_folder_that_the_user_names_has_it_all(place, folder):
    distribution.fetch(folder, str(place))
    there = {path.name for path in (folder / "pyodide").iterdir() if path.is_file()}
    assert there == {*distribution.CORE.files, *WHEELS.values(), "PACKAGE", "WHEELS"}
    assert distribution.problem(folder) is None
    licences = {path.name for path in (folder / "pyodide" / "licences").iterdir()}
    assert {"MPL-2.0.txt", "PSF-2.0.txt"} <= licences


def test_the_environment_may_name_it_and_nothing_is_fetched_twice(place, folder, monkeypatch):
    monkeypatch.setenv(distribution.PLACE, str(place))
    distribution.fetch(folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.whl")}
    for path in place.iterdir():
        path.unlink()
    distribution.fetch(folder)
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*.whl")} == before


@pytest.mark.parametrize("fault", ["damaged", "truncated", "missing"])
def test_a_wrong_wheel_is_named_and_none_is_kept(place, folder, fault):
    wrong = place / WHEELS["scipy"]
    good = wrong.read_bytes()
    if fault == "missing":
        wrong.unlink()
    else:
        wrong.write_bytes(good[:-1] + (b"!" if fault == "damaged" else b""))
    with pytest.raises(vendor.FetchError) as told:
        distribution.fetch(folder, str(place))
    assert WHEELS["scipy"] in str(told.value)
    assert vendor.COMMAND in str(told.value) and distribution.PLACE in str(told.value)
    assert str(place) in str(told.value)
    assert ("SHA-256" in str(told.value)) == (fault != "missing")
    assert not list(folder.rglob("*.whl")), "half of the wheels were kept"
    assert not (folder / "pyodide" / "WHEELS").exists()
    assert "wheels have not been fetched" in distribution.problem(folder)
    wrong.write_bytes(good)
    distribution.fetch(folder, str(place))
    assert distribution.problem(folder) is None


def test_a_wheel_that_spoils_later_is_named_and_fetched_again(place, folder):
    distribution.fetch(folder, str(place))
    (folder / "pyodide" / WHEELS["six"]).write_bytes(b"spoilt")
    assert f"{WHEELS['six']} is damaged" in distribution.problem(folder)
    distribution.fetch(folder, str(place))
    assert distribution.problem(folder) is None


def test_another_archive_is_refused(place, folder):
    (place / f"pyodide-{distribution.VERSION}.tgz").write_bytes(b"another")
    with pytest.raises(vendor.FetchError, match="not the pinned one"):
        distribution.fetch(folder, str(place))
    assert distribution.problem(folder) is not None


def test_wheels_come_from_a_mirror_too(place, folder, tmp_path):
    distribution.fetch(folder, str(place))
    for path in folder.rglob("*.whl"):
        path.unlink()
    with served(place) as address:
        distribution.fetch(folder, address)
        assert distribution.problem(folder) is None
        absent = sources.Address(address).bring(["none.whl"], tmp_path)
    assert len(absent) == 1 and "none.whl" in absent[0] and "404" in absent[0]
    gone = sources.Address(address).bring(["a.whl", "b.whl"], tmp_path)
    assert len(gone) == 1 and "out of reach" in gone[0]


def test_a_package_of_pypi_gives_its_wheels_and_nothing_else(tmp_path, monkeypatch):
    asked = []

    def download(command, **_options):
        asked.append(command)
        with zipfile.ZipFile(Path(command[-1]) / "carrier-1.0.whl", "w") as packed:
            packed.writestr("frontend/pyodide/six.whl", b"six")
            packed.writestr("frontend/secret.js", b"else")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(sources.subprocess, "run", download)
    absent = sources.Package("carrier==1.0").bring(["six.whl", "numpy.whl"], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["six.whl"]
    assert absent == ["numpy.whl is not in carrier==1.0"]
    assert "carrier==1.0" in asked[0] and "--only-binary=:all:" in asked[0]


def test_the_order_of_the_sources(tmp_path):
    script = "a=1,b.cdnUrl=f(x??`https://some.host/pyodide/v${U}/full/`)"
    (tmp_path / "pyodide.mjs").write_text(script)
    order = [str(source) for source in sources.sources("mine", tmp_path, "1.2")]
    assert order == ["mine", "https://some.host/pyodide/v1.2/full/", sources.CARRIER]
    assert isinstance(next(sources.sources("https://a.b/c", tmp_path, "1")), sources.Address)


def test_the_command_leaves_the_rest_usable(place, folder, monkeypatch, capsys):
    monkeypatch.setattr(vendor, "fetch", lambda **_given: None)
    monkeypatch.setattr(vendor, "missing", lambda *_given: [])
    refused = vendor.FetchError("numpy.whl is not to be had")
    monkeypatch.setattr(distribution, "fetch", lambda **_given: (_ for _ in ()).throw(refused))
    monkeypatch.setattr(distribution, "problem", lambda: "Its wheels have not been fetched.")
    assert command.main(["fetch"]) == 0
    said = capsys.readouterr()
    assert "without Python. numpy.whl is not to be had" in said.err
    assert f"pyodide {distribution.VERSION}: missing" in said.out
    assert command.main(["fetch", "--no-python"]) == 0
    assert capsys.readouterr().err == ""
    monkeypatch.setenv(distribution.SWITCH, "no")
    assert command.main(["fetch"]) == 0 and command.main(["status"]) == 0
    said = capsys.readouterr()
    assert said.err == "" and "left out" in said.out


def listed(static):
    """What the site says of its Python."""
    return json.loads((static / "speechlab" / "python" / "python.json").read_text())


def test_a_build_has_it_or_says_that_it_has_not(place, folder, tmp_path, monkeypatch):
    distribution.fetch(folder, str(place))
    static = tmp_path / "_static"
    shipped.ship(static, None, folder)
    files = listed(static)["files"]
    assert {*WHEELS.values(), *distribution.LOADED, "speechlab.zip"} == set(files)
    for name, says in files.items():
        home = "speechlab/python" if name == "speechlab.zip" else "vendor/pyodide"
        held = (static / home / name).read_bytes()
        assert says["bytes"] == len(held)
        assert says["sha256"] == hashlib.sha256(held).hexdigest()
        if "packed" in says:
            assert says["packed"] == (static / home / f"{name}.gz").stat().st_size
    before = {path: path.stat().st_mtime_ns for path in static.rglob("*")}
    shipped.ship(static, None, folder)
    again = {path: path.stat().st_mtime_ns for path in static.rglob("*")}
    assert again == before, "a second build without a change copied something"
    shipped.ship(static, "why", folder)
    assert listed(static) == {"pyodide": None, "why": shipped.LEFT_OUT}
    assert not list(static.rglob("*.whl")) and not list(static.rglob("*.zip"))
    monkeypatch.setenv(distribution.SWITCH, "no")
    assert distribution.SWITCH in shipped.reason()


def test_a_file_of_the_site_is_never_written_into(place, folder, tmp_path):
    """It may be the very file of the fetched copy, under a second name."""
    distribution.fetch(folder, str(place))
    shipped.ship(tmp_path / "_static", None, folder)
    held = tmp_path / "_static" / "vendor" / "pyodide" / WHEELS["six"]
    held.unlink()
    held.write_bytes(b"spoilt")
    shipped.ship(tmp_path / "_static", None, folder)
    assert held.read_bytes() == content(WHEELS["six"])


def test_the_archive_of_the_package_is_the_same_each_time():
    archive = shipped._archive()
    assert archive == shipped._archive()
    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()
    assert "speechlab/__init__.py" in names and names == sorted(set(names))
    assert not [name for name in names if "/site/" in name or not name.startswith("speechlab/")]
    assert not set(names) & set(bundle.large())
