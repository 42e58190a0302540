"""The texts of the engine's errors, as its code builds them."""

import ast
import functools
from pathlib import Path

ENGINE = Path(__file__).resolve().parents[1]
ERRORS = {
    "SetupFailure",
    "UsageError",
    "BaselineLost",
    "EmbeddedServerError",
    "HazardError",
    "PathNotKept",
    "ArgumentTypeError",
}
WORDS = 8


def key_of(text):
    """Return the first words of a text, by which document and code find each other."""
    return " ".join(text.replace("`", "").split()[:WORDS]).rstrip(".,:")


@functools.cache
def error_texts():
    """Return each text with the place that raises it; what is filled in is `…`."""
    trees = {
        path: ast.parse(path.read_text())
        for path in sorted(ENGINE.rglob("*.py"))
        if ENGINE / "tests" not in path.parents
    }
    functions = {
        node.name: node
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    return {
        f"{path.relative_to(ENGINE)}:{node.lineno}": text_of(node.args[0], functions)
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) in ERRORS and node.args
    }


def name_of(node):
    return getattr(node, "id", getattr(node, "attr", ""))


def text_of(node, functions):
    """Return what an expression says, followed into the function that it calls.

    Raises:
        ValueError: it is built in a way that is not known here.

    """
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(
                part.value if isinstance(part, ast.Constant) else "…" for part in parts
            )
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text_of(left, functions) + text_of(right, functions)
        case ast.Call(func=ast.Attribute(value=value, attr="rstrip")):
            return text_of(value, functions)
        case ast.Call(func=ast.Name(id=name)) if name in functions:
            (said,) = (
                inner.value
                for inner in ast.walk(functions[name])
                if isinstance(inner, ast.Return)
            )
            return text_of(said, functions)
    raise ValueError(
        f"{ast.unparse(node)} is no text. Next: let text_of() know how it is built."
    )
