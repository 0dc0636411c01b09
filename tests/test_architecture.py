"""The house rules of docs/architecture.md, held by reading every module's syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("config", "digitize", "signing", "storage", "desk")
STRANGERS = {"digitize", "signing", "storage"}

# Each outside library has its home; a home that names a package covers the modules in it.
HOMES = {
    "pytesseract": ("digitize.ocr",),
    "tesserocr": ("digitize.fast_engine",),
    # Each looks at pictures for a purpose of its own: the copy that is read, the sheet on a desk,
    # how a page lies.
    "cv2": (
        "digitize.enhance",
        "digitize.photos",
        "digitize.stance",
        # Marks: masks, connected parts and rings are OpenCV's own words.
        "digitize.coloured_ink",
        "digitize.lifting",
        "digitize.marks",
        "digitize.pen",
        "digitize.seals",
        "digitize.stamp_frames",
        "digitize.masks",
        # Stamps that lean are found by their outlines, and turned level.
        "digitize.ink_layers",
        "digitize.leaning_frames",
        "digitize.framed_places",
        "digitize.stamp_places",
        # Coloured ink is taken off a look at a page, as glass of its colour would.
        "digitize.seen_through",
        "digitize.mark_shapes",
        "digitize.stamp_reading",
        # Words under seals are found by correlation.
        "digitize.own_print",
        "digitize.spotting",
    ),
    # Frames are decoded at one place; a piece of a page is written as PNG at another.
    "PIL": ("digitize.frames", "digitize.crops", "signing.appearance"),
    "pillow_heif": ("digitize.frames",),
    "pypdfium2": ("digitize.render",),
    "numpy": ("digitize",),
    "zxingcpp": ("digitize.barcodes",),
    "pdfplumber": ("digitize.images",),
    "pikepdf": (
        "digitize",
        "signing.structure",
        "signing.revision_views",
        "signing.page_tree",
        "signing.integrity",
        "signing.value_digests",
        "signing.stray_ranges",
    ),
    "pyhanko": ("signing",),
    "pyhanko_certvalidator": ("signing",),
    "asn1crypto": ("signing",),
    # To ask services; and the ear for officers' computers, which signing knows nothing of.
    "aiohttp": ("signing", "desk.remote.listener"),
    "yarl": ("signing.network",),
    # Blocks of signatures, outlines on cover sheets, text of reports: three ways to show letters.
    "fontTools": ("signing.appearance", "digitize.lettering", "digitize.letter_font"),
    "segno": ("desk.cover",),
    "pkcs11": ("signing",),
    # An agent and its station know each other by certificates of their own.
    "cryptography": (
        "signing",
        "storage.heads",
        "storage.vault",
        "desk.agent.identity",
        "desk.web",
    ),
    "sqlite_utils": ("storage",),
    # XML of packages, in and out, with its limits at one place.
    "lxml": ("storage.packages.xml",),
    "rapidfuzz": ("digitize.titles", "storage"),
    "watchdog": ("desk.watch",),
    "rich": ("desk.cli",),
    "certomancer": ("desk.demo",),
    "starlette": ("desk.web",),
    "jinja2": ("desk.web",),
    "markupsafe": ("desk.web",),
    "uvicorn": ("desk.web",),
    "argon2": ("desk.web",),
    # How soon a password is guessed; asked where one is chosen.
    "zxcvbn": ("desk.web.guessing",),
}

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_NESTING = 3
# Exceptions to the sizes, each with its reason: {"package/module.py": "why"}.
FILE_EXCEPTIONS: dict[str, str] = {}
FUNCTION_EXCEPTIONS: dict[str, str] = {}

BANNED_NAMES = {"utils", "helpers", "manager", "handler", "process", "do"}


Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Module:
    """One module of ours: dotted name, path, syntax tree and line count."""

    name: str
    path: Path
    tree: ast.Module
    lines: int

    @property
    def relative(self) -> str:
        return self.path.relative_to(ROOT).as_posix()


def _modules() -> list[Module]:
    found = []
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            source = path.read_text(encoding="utf-8")
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            name = dotted.removesuffix(".__init__")
            found.append(Module(name, path, ast.parse(source), source.count("\n") + 1))
    return found


MODULES = _modules()
NAMES = {module.name for module in MODULES}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in NAMES else node.module


def _within(name: str, home: str) -> bool:
    return name == home or name.startswith(f"{home}.")


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_imports_flow_from_config_through_the_strangers_to_desk(module: Module) -> None:
    package = module.name.partition(".")[0]
    for imported in _imports(module.tree):
        target = imported.partition(".")[0]
        if target not in PACKAGES or target == package:
            continue
        assert package != "config", f"config imports nothing of ours, but {imported}"
        assert target != "desk", f"{module.name} imports {imported}: nothing imports desk"
        assert not (package in STRANGERS and target in STRANGERS), (
            f"{module.name} imports {imported}: digitize, signing and storage are strangers"
        )
        is_settings = _within(imported, "config.settings")
        assert package == "desk" or not is_settings, (
            f"{module.name} reads settings; only desk does, and hands values down"
        )


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_each_outside_library_is_imported_only_at_its_home(module: Module) -> None:
    for imported in _imports(module.tree):
        homes = HOMES.get(imported.partition(".")[0])
        if homes is not None:
            assert any(_within(module.name, home) for home in homes), (
                f"{module.name} imports {imported}; its home is {', '.join(homes)}"
            )


def test_there_is_no_import_cycle_even_inside_functions() -> None:
    graph = {
        module.name: {
            name for name in _imports(module.tree) if name in NAMES and name != module.name
        }
        for module in MODULES
    }
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail[trail.index(name) :], name])
        if name in done:
            return
        for imported in graph[name]:
            visit(imported, (*trail, name))
        done.add(name)

    for name in graph:
        visit(name, ())


# What reads scans and draws letters takes forty megabytes of each process that answers pages: it
# is imported where it is used.
NOT_SERVED = {
    "cv2",
    "fontTools",
    "pdfplumber",
    "pyhanko.pdf_utils.font.opentype",
    "tesserocr",
    "zxingcpp",
    "watchdog",
    "rich",
    "zxcvbn",
}


def _imports_when_loaded(node: ast.AST) -> Iterator[str]:
    """Yield what a module imports at once: not inside functions, nor for types alone."""
    for child in ast.iter_child_nodes(node):
        is_for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield from _imports(ast.Module(body=[child], type_ignores=[]))
        elif not isinstance(child, Function) and not is_for_types:
            yield from _imports_when_loaded(child)


def test_who_answers_pages_loads_no_library_that_only_reading_and_drawing_need() -> None:
    trees = {module.name: module.tree for module in MODULES}
    reached, left = set[str](), ["desk.web.serving"]
    loaded: dict[str, str] = {}
    while left:
        name = left.pop()
        reached.add(name)
        for imported in _imports_when_loaded(trees[name]):
            loaded.setdefault(imported, name)
            if imported in trees and imported not in reached:
                left.append(imported)
    assert len(reached) > 100
    found = {
        library: by for library, by in loaded.items() for no in NOT_SERVED if _within(library, no)
    }
    assert found == {}, "import these inside the functions that use them"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_files_stay_readable_to_the_end(module: Module) -> None:
    if module.relative in FILE_EXCEPTIONS:
        return
    assert module.lines <= MAX_FILE_LINES, f"{module.relative}: {module.lines} lines"


def _functions(tree: ast.AST) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, Function):
            yield node


def _code_lines(function: Function, source: list[str]) -> int:
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring is not code
    if not body:
        return 0
    lines = source[body[0].lineno - 1 : body[-1].end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


_BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)


def _nesting(node: ast.AST, depth: int = 0) -> int:
    deepest = depth
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            continue
        is_elif = (
            isinstance(node, ast.If) and isinstance(child, ast.If) and child in node.orelse[:1]
        )
        deeper = isinstance(child, _BLOCKS) and not is_elif
        deepest = max(deepest, _nesting(child, depth + deeper))
    return deepest


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_functions_stay_within_the_limits(module: Module) -> None:
    source = module.path.read_text(encoding="utf-8").splitlines()
    for function in _functions(module.tree):
        where = f"{module.relative}:{function.lineno} {function.name}"
        if where.partition(":")[0] + f"::{function.name}" in FUNCTION_EXCEPTIONS:
            continue
        assert _code_lines(function, source) <= MAX_FUNCTION_LINES, where
        assert _nesting(function) <= MAX_NESTING, f"{where} is nested too deep"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_names_say_what_a_thing_does(module: Module) -> None:
    last = module.name.rpartition(".")[2]
    assert not BANNED_NAMES & set(last.split("_")), module.name
    for function in _functions(module.tree):
        assert not function.name.startswith(("do_", "handle_", "process_")), function.name


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_packages_re_export_nothing(module: Module) -> None:
    if module.path.name != "__init__.py":
        return
    for node in module.tree.body:
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        assert is_docstring or is_future, f"{module.relative} holds more than its docstring"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_programs_do_not_know_that_they_are_tested(module: Module) -> None:
    text = module.path.read_text(encoding="utf-8")
    for marker in ("PYTEST_CURRENT_TEST", "_called_from_test", "import pytest"):
        assert marker not in text, module.relative


def test_the_exceptions_still_exist() -> None:
    for path in FILE_EXCEPTIONS:
        assert (ROOT / path).exists(), path
    for entry in FUNCTION_EXCEPTIONS:
        path, _, name = entry.partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert any(function.name == name for function in _functions(tree)), entry


# Where an object may be deleted: what was decided on lawfully, and what no row ever named.
DELETING = {
    "storage.objects": "the store itself: a temporary file, and what it is told to remove",
    "storage.destruction": "papers whose destruction was decided on",
    "storage.orphans": "files that a crash left between store and row",
}
# The folder of objects, and files that are told apart from it by their own folders.
_DELETING_CALLS = {"unlink", "rmtree", "remove", "rmdir"}


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_objects_are_deleted_by_lawful_destruction_and_the_sweep_of_orphans_alone(
    module: Module,
) -> None:
    if module.name in DELETING:
        return
    for node in (node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute)):
        assert node.attr != "remove_unused", f"{module.relative}:{node.lineno} deletes objects"
    for call in (node for node in ast.walk(module.tree) if isinstance(node, ast.Call)):
        deletes = isinstance(call.func, ast.Attribute) and call.func.attr in _DELETING_CALLS
        told = ast.unparse(call) if deletes else ""
        assert "objects" not in told, f"{module.relative}:{call.lineno} deletes: {told}"


def test_rows_of_records_are_deleted_at_one_place() -> None:
    # Fields and signatures of a record that stays may be written anew.
    texts = {module.name: module.path.read_text(encoding="utf-8") for module in MODULES}
    for table in ("record", "page", "link"):
        statement = " ".join(("DELETE FROM", table, ""))
        assert [name for name, text in texts.items() if statement in text] == []
    callers = [name for name, text in texts.items() if "take_rows" in text]
    assert sorted(callers) == ["storage.destruction", "storage.paper_rows"]
