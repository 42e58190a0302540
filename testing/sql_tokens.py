"""SQL as text: cut into tokens and statements, and asked what it names.

Comments are left out, literals stay whole: a word in a row's value is never
taken for a name. The rules are those of PostgreSQL's lexer with
``standard_conforming_strings`` on, its default.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Token", "names_schema", "split_statements", "tokens_of"]

TOKEN = re.compile(
    r"""
      (?P<space>\s+|--[^\n]*)
    | (?P<comment>/\*)
    | (?P<string>(?:[eE]'(?:[^'\\]|\\.|'')*'|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*'))
    | (?P<name>(?:[uU]&)?"(?:[^"]|"")*")
    | (?P<dollar>\$(?P<tag>(?:[^\W\d]\w*)?)\$(?P<body>.*?)\$(?P=tag)\$)
    | (?P<word>[^\W\d][\w$]*)
    | (?P<number>\d[\w.]*)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
COMMENT_EDGE = re.compile(r"/\*|\*/")
# Statements whose literals are code, which may name things.
CODE = frozenset({"do", "create", "alter"})
# Words by which code makes statements of text.
BUILDING = frozenset({"execute", "format"})
# Beside one of these a literal is the name of a schema.
ABOUT_SCHEMAS = frozenset(
    (
        *("information_schema", "pg_namespace", "nspname", "schemaname"),
        *("table_schema", "regnamespace", "to_regnamespace", "search_path"),
        *("current_schema", "current_schemas", "has_schema_privilege"),
        *("addgeometrycolumn", "dropgeometrycolumn", "find_srid"),
    )
)
# Words that a list of schemas follows, and what may stand between.
LISTS = {
    "schema": frozenset(("if", "not", "exists")),
    "search_path": frozenset(("=", "to")),
}
NOT_CALLS = frozenset({"values", "in", "and", "or", "not", "row", "array"})


@dataclass(frozen=True)
class Token:
    """One token.

    Attributes:
        kind: ``word``, ``name`` (quoted), ``string``, ``dollar`` (a literal in
            dollar quotes), ``number`` or ``mark``.
        value: a word in lower case, a name or literal without its quotes.
        start, end: where it stands in the text.

    """

    kind: str
    value: str
    start: int
    end: int

    @property
    def is_literal(self) -> bool:
        """Whether it is a value in quotes of either kind."""
        return self.kind in ("string", "dollar")

    def names(self, identifier: str) -> bool:
        """Tell whether it is this identifier, in quotes or without."""
        return self.kind in ("word", "name") and self.value == identifier


def tokens_of(text: str) -> list[Token]:
    """Return the tokens of SQL, without comments and space."""
    found = []
    position = 0
    while match := TOKEN.match(text, position):
        kind = match.lastgroup or ""
        position = match.end()
        if kind == "comment":
            position = _end_of_comment(text, position)
        elif match["dollar"] is not None:
            found.append(Token("dollar", match["body"], match.start(), position))
        elif kind != "space":
            value = _value(kind, match[0])
            found.append(Token(kind, value, match.start(), position))
    return found


def split_statements(text: str) -> list[str]:
    """Cut SQL into its statements, without the semicolons between them.

    A semicolon in parentheses (a rule's actions) or between ``BEGIN ATOMIC``
    and its ``END`` (a function's body) separates nothing, as in psql.
    """
    return [text[part[0].start : part[-1].end] for part in _statements(tokens_of(text))]


def names_schema(text: str, schema: str) -> bool:
    """Tell whether SQL names a schema: as part of a name, or to look into it.

    A literal counts where the statement asks the catalog or where it is a
    qualified name that is looked up; the value of a row does not, nor does
    the role ``PUBLIC``.
    """
    return _is_named_in(text, schema, is_code=False)


def _value(kind: str, text: str) -> str:
    if kind == "word":
        return text.lower()
    if kind == "name":
        return text[text.index('"') + 1 : -1].replace('""', '"')
    if kind == "string":
        return text[text.index("'") + 1 : -1].replace("''", "'")
    return text


def _end_of_comment(text: str, position: int) -> int:
    """Return where a comment ends that began before; comments can be nested."""
    depth = 1
    while depth and (edge := COMMENT_EDGE.search(text, position)):
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return len(text) if depth else position


def _statements(tokens: list[Token]) -> Iterator[list[Token]]:
    part: list[Token] = []
    parentheses = blocks = 0
    for token in tokens:
        if token.kind == "mark" and token.value == ";" and not parentheses + blocks:
            if part:
                yield part
            part = []
            continue
        if token.kind == "mark" and token.value in "()":
            parentheses += 1 if token.value == "(" else -1
        elif token.kind == "word":
            blocks += _opens(token, part, is_inside=blocks > 0)
        part.append(token)
    if part:
        yield part


def _opens(token: Token, before: list[Token], *, is_inside: bool) -> int:
    """Return 1 where a block of a function's body opens, -1 where one closes."""
    if token.value == "atomic" and before and before[-1].value == "begin":
        return 1
    if is_inside and token.value == "case":
        return 1
    if is_inside and token.value == "end":
        return -1
    return 0


def _is_named_in(text: str, schema: str, *, is_code: bool) -> bool:
    if schema not in text.lower():
        return False
    return any(
        _names(part, schema, is_code=is_code or part[0].value in CODE)
        for part in _statements(tokens_of(text))
    )


def _names(tokens: list[Token], schema: str, *, is_code: bool) -> bool:
    if _calls_by_name(tokens, schema) or _speaks_of(tokens, schema):
        return True
    if not is_code:
        return False
    # Code may put statements together out of its literals.
    builds = any(token.value in BUILDING for token in tokens)
    return any(
        (builds and token.value == schema)
        or _is_named_in(token.value, schema, is_code=True)
        for token in tokens
        if token.is_literal
    )


def _calls_by_name(tokens: list[Token], schema: str) -> bool:
    """Find ``schema.thing``, ``SCHEMA schema`` and ``search_path = …, schema``."""
    for number, token in enumerate(tokens):
        previous, following = (
            tokens[place].value if 0 <= place < len(tokens) else ""
            for place in (number - 1, number + 1)
        )
        if token.names(schema) and following == "." and previous != ".":
            return True
        if token.kind == "word" and token.value in LISTS:
            rest = iter(tokens[number + 1 :])
            if schema in _listed(rest, skipped=LISTS[token.value]):
                return True
    return False


def _listed(tokens: Iterator[Token], *, skipped: frozenset[str]) -> Iterator[str]:
    """Yield the items of a list with commas, after words that may introduce it."""
    for token in tokens:
        if token.value in skipped:
            continue
        yield token.value
        comma = next(tokens, None)
        if comma is None or comma.value != ",":
            return


def _speaks_of(tokens: list[Token], schema: str) -> bool:
    """Find the schema in literals: of a look into the catalog, of a name looked up."""
    literals = [token.value for token in tokens if token.is_literal]
    words = {token.value for token in tokens if token.kind in ("word", "name")}
    asks = bool(words & ABOUT_SCHEMAS or ABOUT_SCHEMAS & set(literals))
    if asks and any(_lists(value, schema) for value in literals):
        return True
    for number, token in enumerate(tokens):
        if not token.is_literal or not _reaches(token.value, schema):
            continue
        after = [part.value for part in tokens[number + 1 : number + 4]]
        before = [part.value for part in tokens[max(number - 2, 0) : number]]
        if after[:2] == [":", ":"] and after[2:] and after[2].startswith("reg"):
            return True
        if (
            before[1:] == ["("]
            and before[0] not in NOT_CALLS
            and before[0].isidentifier()
        ):
            return True
    return False


def _lists(literal: str, schema: str) -> bool:
    """Tell whether a literal is the schema's name, or a path with it."""
    return schema in (part.strip().strip('"') for part in literal.split(","))


def _reaches(literal: str, schema: str) -> bool:
    """Tell whether a literal is the qualified name of something in the schema."""
    return (
        re.fullmatch(rf'"?{re.escape(schema)}"?\.["\w].*', literal, re.DOTALL)
        is not None
    )
