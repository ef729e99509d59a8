"""The limits of an emulated session hold, and a plan of repo2docker that is another one is seen."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from binder.check import image, ports
from binder.check.limits import limited
from binder.check.plan import Plan, base_lock
from binder.check.report import BREAKS, FINE, UNTRIED, Report

ALLOCATE = "import sys; block = b'x' * (int(sys.argv[1]) << 20); print(len(block))"
CONNECT = "import socket, sys; socket.create_connection(('127.0.0.1', int(sys.argv[1])), 5)"


def run(words, program, *arguments):
    command = [*words, sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_memory_beyond_the_limit_is_not_given():
    with limited("darkdays-test", memory=256 << 20) as limits:
        if any("not limited: no control group" in one for one in limits.means):
            pytest.skip("neither control groups nor prlimit here")
        assert run(limits.words, ALLOCATE, 16).stdout == f"{16 << 20}\n"
        assert run(limits.words, ALLOCATE, 1024).returncode != 0
        assert limits.peak is None or 16 << 20 < limits.peak <= 256 << 20


@pytest.mark.skipif(not ports.is_possible(), reason="Landlock 4 is not there")
def test_only_the_ports_allowed_can_be_connected_to():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert run([], CONNECT, port).returncode == 0
        closed = run([sys.executable, ports.__file__, "80,443"], CONNECT, port)
        assert "PermissionError" in closed.stderr
        assert run([sys.executable, ports.__file__, f"80,{port}"], CONNECT, port).returncode == 0
        with limited("darkdays-test") as limits:
            assert run(limits.words, CONNECT, port).returncode != 0
            assert run(limits.without_ports(), CONNECT, port).returncode == 0


def test_interpreters_are_found_by_version():
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found = image.find_python(here)
    assert found is not None
    asked = [found, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    assert subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip() == here
    assert image.find_python("3.99") is None


SAID = "Building conda environment for python=3.13\n"
DOCKERFILE = """
COPY --chown=1000:1000 src/binder/environment.yml ${REPO_DIR}/binder/environment.yml
RUN mamba env update -p ${NB_PYTHON_PREFIX} --file "binder/environment.yml"
COPY --chown=1000:1000 src/ ${REPO_DIR}/
RUN ./binder/postBuild
ENV R2D_ENTRYPOINT="${REPO_DIR}/binder/start"
"""


@pytest.mark.parametrize(
    ("dockerfile", "said", "complaints"),
    [
        (DOCKERFILE, SAID, []),
        (DOCKERFILE, SAID.replace("3.13", "3.10"), ["Python 3.10, not 3.13"]),
        (DOCKERFILE, "", ["Python unknown, not 3.13"]),
        ("", "a\nValueError: no environment\n", ["ValueError: no environment"]),
        ("", "", ["no plan"]),
        (DOCKERFILE.replace("RUN ./binder/postBuild\n", ""), SAID, ["postBuild is not run"]),
        (DOCKERFILE.replace("/start", "/other"), SAID, ["start is not used"]),
        (DOCKERFILE.replace("COPY --chown=1000:1000 src/binder", "RUN true src/binder"), SAID,
         ["the environment is built anew at every commit"]),
        (DOCKERFILE.replace("mamba env update", "true"), SAID,
         ["the environment is not installed"]),
    ],
)  # fmt: skip
def test_another_plan_is_seen(dockerfile, said, complaints):
    assert Plan(dockerfile, said).problems("3.13") == complaints


def test_python_packages_of_the_base_are_read_from_its_lock(tmp_path):
    folder = tmp_path / "lib/python3.11/site-packages/repo2docker/buildpacks/conda"
    folder.mkdir(parents=True)
    (folder / "environment.py-3.13-linux-64.lock").write_text(
        "@EXPLICIT\n"
        "https://conda.anaconda.org/conda-forge/noarch/jupyterlab-4.4.9-pyhd8ed1ab_0.conda#0c5\n"
        "https://conda.anaconda.org/conda-forge/linux-64/pyzmq-27.1.0-py313h1234_0.conda#9ab\n"
        "https://conda.anaconda.org/conda-forge/linux-64/zlib-1.3.1-hb9d3cd8_2.conda#c2b\n",
        encoding="utf-8",
    )
    assert base_lock(tmp_path, "3.13") == {"jupyterlab": "4.4.9", "pyzmq": "27.1.0"}
    with pytest.raises(FileNotFoundError):
        base_lock(tmp_path, "3.12")


def test_what_breaks_stands_first_and_fails(capsys):
    report = Report()
    assert report.outcome("scripts", "", "three", "no image")
    report.add("browser", UNTRIED, "no Chromium")
    assert report.is_fine
    assert not report.outcome("server", "it ended", "", "a launch that never ends")
    assert not report.is_fine
    assert [row.result for row in report.rows] == [FINE, UNTRIED, BREAKS]
    capsys.readouterr()
    report.print_table()
    printed = capsys.readouterr().out
    assert printed.index("it ended") < printed.index("no Chromium") < printed.index("three")
    assert "a launch that never ends" in printed
    assert "binder-check: 1 fine, 1 BREAKS, 1 not tried" in printed
