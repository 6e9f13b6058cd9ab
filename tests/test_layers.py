"""Who may import whom, and what an import may cost."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "healthevents"

# The command line and what it alone uses stand above the library; evaluation stands beside it, and may use all of it.
ABOVE = {"cli", "batch", "tables", "report", "record_files", "writing", "runs", "workers", "evaluation", "arrow", "outputs", "engines", "__main__", "__init__"}
# From low to high: a module may not import from a higher layer.
LAYERS = [
    {"schema"},
    {"values", "annotations", "matching", "sentences", "encoding", "published"},
    {"labels"},
    {"backends", "torch_model"},
    {"tagging"},
    {"coreference"},
    {"assembly"},
]


def imports_of(path: Path) -> set[str]:
    """Return the modules that a file imports anywhere, also inside functions; names under TYPE_CHECKING too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively"
            found.update({node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)})
    return found


def modules() -> dict[str, set[str]]:
    """Map each module or subpackage of the library to those that it imports."""
    graph: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).with_suffix("").parts[0]
        own = {module.split(".")[1] for module in imports_of(path) if module.startswith("healthevents.")}
        graph.setdefault(name, set()).update(own - {name})
    return graph


def test_nothing_in_the_library_imports_training_or_tests() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert not [module for module in imports_of(path) if module.split(".")[0] in ("training", "tests")], path.name


def test_the_core_imports_neither_command_line_nor_evaluation() -> None:
    for name, imported in modules().items():
        if name not in ABOVE:
            assert not imported & (ABOVE - {"__init__"}), f"{name} imports {imported & ABOVE}"


def test_lower_layers_do_not_import_higher_ones() -> None:
    level = {name: i for i, layer in enumerate(LAYERS) for name in layer}
    for name, imported in modules().items():
        if name in level:
            upward = {other for other in imported if level.get(other, -1) > level[name]}
            assert not upward, f"{name} imports {upward}"


@pytest.mark.parametrize(
    ("statement", "unwanted"),
    [
        ("import healthevents", ("torch", "onnxruntime", "transformers", "numpy", "pydantic", "trafilatura")),
        ("import healthevents; healthevents.Document, healthevents.Funding, healthevents.Record", ("torch", "onnxruntime", "transformers", "trafilatura")),
        ("import healthevents; healthevents.records_to_table, healthevents.extract_table", ("pyarrow", "duckdb", "torch", "onnxruntime", "pandas")),
        ("import healthevents.values", ("torch", "onnxruntime", "transformers", "tokenizers", "trafilatura")),
        ("import healthevents; healthevents.Extractor", ("torch", "onnxruntime", "transformers", "datasets")),
    ],
)
def test_an_import_loads_no_more_than_it_needs(statement: str, unwanted: tuple[str, ...]) -> None:
    program = f"import sys; {statement}; print(*[name for name in {unwanted} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
