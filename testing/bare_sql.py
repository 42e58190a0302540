"""SQL reduced to what is executed, with the programs that stand in its texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from testing.sql_tokens import tokens_of

__all__ = ["BareSql", "bare_sql"]

# What stands before a text that is a program.
PROGRAM = re.compile(
    r"""
      (?:^|;) \s* DO (?: \s+ LANGUAGE \s+ \S+ )? \s* $
    | (?:^|;) \s* CREATE \s+ (?:OR \s+ REPLACE \s+)? (?:FUNCTION|PROCEDURE)
      \b [^;]* \b AS \s* $
    """,
    re.VERBOSE | re.IGNORECASE,
)
# In a program, a text that is executed: EXECUTE 'NOTIFY x'.
EXECUTED = re.compile(r"\bEXECUTE\s+(?:format\s*\(\s*)?$", re.IGNORECASE)
# How many tokens and spaces back the head of a function may begin.
LOOK_BACK = 400
PLAIN = re.compile(r"[\w$]+")


@dataclass
class BareSql:
    """A statement, or several.

    Attributes:
        text: each literal replaced by ``''``, each comment by a space, each
            quoted name that is no plain word by ``"_"``.
        literals: what the literals say, in their order.
        programs: bodies of functions and DO blocks, reduced too.

    """

    text: str
    literals: list[str] = field(default_factory=list)
    programs: list[BareSql] = field(default_factory=list)

    def parts(self) -> list[BareSql]:
        """Return this and the programs in it, at any depth."""
        return [self, *(part for one in self.programs for part in one.parts())]


def bare_sql(sql: str, *, is_program: bool = False) -> BareSql:
    """Reduce SQL to what is executed.

    ``is_program`` says that it is the body of a function, in which texts after
    EXECUTE are SQL again.
    """
    bare = BareSql("")
    parts: list[str] = []
    position = 0
    for token in tokens_of(sql):
        if token.start > position:
            parts.append(" ")
        position = token.end
        if token.is_literal:
            before = "".join(parts[-LOOK_BACK:])
            if PROGRAM.search(before) or (is_program and EXECUTED.search(before)):
                bare.programs.append(bare_sql(token.value, is_program=True))
            bare.literals.append(token.value)
            parts.append("''")
        elif token.kind == "name" and not PLAIN.fullmatch(token.value):
            parts.append('"_"')
        else:
            parts.append(sql[token.start : token.end])
    bare.text = "".join(parts)
    return bare
