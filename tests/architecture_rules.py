"""What must not stand in Strata's own source, found in its syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def broken_rules(source: str, path: Path) -> list[str]:
    """One line for each place that breaks a rule; `path` is relative to the repository."""
    tree = ast.parse(source, str(path))
    return [f"{path}:{node.lineno}: {rule}" for node in ast.walk(tree) for rule in _rules_broken_by(node, path)]


def _rules_broken_by(node: ast.AST, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from _import_rules(node, path)
    if isinstance(node, ast.Attribute) and node.attr == "session_state" and path != Path("builder/ui/session/tab.py"):
        yield "only builder/ui/session/tab.py touches st.session_state"
    if isinstance(node, ast.Call):
        yield from _call_rules(node)


def _import_rules(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[str]:
    imported = [alias.name for alias in node.names]
    modules = {name.split(".")[0] for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else imported)}
    if "streamlit" in modules and not _is_screen(path):
        yield "only app.py, pages and builder/ui import streamlit"
    if "streamlit" in modules and "session_state" in imported:
        yield "st.session_state is not imported by name"
    if modules & UNPICKLERS:
        yield "nothing is unpickled"


def _is_screen(path: Path) -> bool:
    return path == Path("app.py") or path.parts[0] == "pages" or path.parts[:2] == ("builder", "ui")


def _call_rules(call: ast.Call) -> Iterator[str]:
    called = ast.unparse(call.func)
    last = called.rpartition(".")[2]
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if called in {"eval", "exec", "compile", "__import__", "builtins.eval", "builtins.exec"}:
        yield "no text is executed"
    if last in {"query", "eval"} and _may_be_of_pandas(call, called):
        yield "no text is evaluated by pandas"
    if last in {"read_pickle", "to_pickle"}:
        yield "nothing is unpickled"
    if called == "torch.load" and not _is(given.get("weights_only"), True):
        yield "torch.load needs weights_only=True"
    if "allow_pickle" in given and not _is(given["allow_pickle"], False):
        yield "allow_pickle must be False"
    if "unsafe_allow_html" in given and not _is(given["unsafe_allow_html"], False):
        yield "no unsafe_allow_html"
    if called == "st.html" and not _is_constant_text(call.args):
        yield "st.html takes a constant of ours alone"
    if ("shell" in given and not _is(given["shell"], False)) or called in {"os.system", "os.popen"}:
        yield "no command goes through a shell"


def _may_be_of_pandas(call: ast.Call, called: str) -> bool:
    """Not a module's own layer called query, and not model.eval(), which takes nothing."""
    is_own = called in {"query", "eval", "self.query"}
    return not is_own and (called.endswith("query") or bool(call.args or call.keywords))


def _is(node: ast.expr | None, value: bool) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _is_constant_text(arguments: list[ast.expr]) -> bool:
    """A text, or a name in capitals, as constants of a module have."""
    first = arguments[0] if arguments else None
    return isinstance(first, ast.Constant) or (isinstance(first, ast.Name) and first.id.isupper())
