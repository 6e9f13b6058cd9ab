"""What the README and the notebook show must be so."""

import doctest
import json
import re
from pathlib import Path
from typing import Any

import pytest

from healthevents.extraction import BUNDLED_MODEL

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
NOTEBOOK: dict[str, Any] = json.loads((ROOT / "notebooks" / "quickstart.ipynb").read_text("utf-8"))

needs_model = pytest.mark.skipif(not (BUNDLED_MODEL / "model.onnx").is_file(), reason="the bundled model (src/healthevents/model) is not here yet")


def sessions(*, with_model: bool) -> str:
    """Return the README's interactive sessions: those that extract, or the others."""
    blocks = re.findall(r"```python\n(>>> .*?)```", README, re.DOTALL)
    return "\n".join(block for block in blocks if ("healthevents.extract(" in block) == with_model)


@pytest.mark.parametrize("with_model", [False, pytest.param(True, marks=needs_model)])
def test_the_readmes_examples_give_what_they_show(with_model: bool) -> None:
    source = sessions(with_model=with_model)
    test = doctest.DocTestParser().get_doctest(source, {}, "README.md", "README.md", 0)
    assert len(test.examples) >= 3
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)#:]+)\)", README))
def test_the_readmes_links_lead_somewhere(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", re.findall(r"^    (scripts/\w+)", README, re.MULTILINE))
def test_the_readmes_commands_can_be_run(path: str) -> None:
    assert (ROOT / path).stat().st_mode & 0o111


def test_the_readme_names_files_of_the_package() -> None:
    table = README.split("## How it works")[1].split("## Scores")[0]
    names = re.findall(r"`([\w/]+(?:\.py|/))`", table)
    assert len(names) > 8
    for name in names:
        assert (ROOT / "src" / "healthevents" / name).exists(), name


def test_the_notebook_is_valid() -> None:
    assert (NOTEBOOK["nbformat"], NOTEBOOK["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in NOTEBOOK["cells"]}) == len(NOTEBOOK["cells"])
    for cell in NOTEBOOK["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        assert set(cell) == (keys if cell["cell_type"] == "markdown" else keys | {"execution_count", "outputs"})
        assert all(line.endswith("\n") for line in cell["source"][:-1])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
            compile("".join(cell["source"]), cell["id"], "exec")


@needs_model
def test_the_notebook_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT / "notebooks")
    names: dict[str, Any] = {}
    for cell in NOTEBOOK["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    assert len(names["documents"]) == 5
    assert sum(len(records) for _, records in names["extracted"]) > 20
    shown = capsys.readouterr().out
    assert "Metric" in shown
    assert '"evidence"' in shown
