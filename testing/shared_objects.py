"""Which statements change what all schemas of a database share."""

from __future__ import annotations

from testing.sql_tokens import split_statements, tokens_of

__all__ = ["reaches_beyond"]

# After CREATE, ALTER, DROP, COMMENT ON, GRANT … ON: what belongs to a database
# and to no schema. Casts are left out: one of a type of the schema's own is the
# schema's own. So is what belongs to the whole server, as roles do: it is there
# already when migrations run once more, for which they have to be ready anyway.
SHARED = (
    *(("schema",), ("database",), ("event", "trigger"), ("publication",)),
    *(("subscription",), ("server",), ("foreign", "data", "wrapper")),
    *(("user", "mapping"), ("language",), ("trusted", "language")),
    *(("access", "method"), ("large", "object")),
)
VERBS = frozenset(("create", "alter", "drop", "grant", "revoke", "reassign"))
LARGE_OBJECTS = frozenset(
    ("lo_create", "lo_creat", "lo_import", "lo_put", "lo_from_bytea", "lo_unlink")
)


def reaches_beyond(text: str) -> bool:
    """Tell whether SQL makes or changes something that belongs to no schema."""
    return any(_is_shared(part) for part in split_statements(text))


def _is_shared(statement: str) -> bool:
    tokens = tokens_of(statement)
    words = [token.value if token.kind == "word" else "" for token in tokens]
    if LARGE_OBJECTS & set(words) or _changes(words):
        return True
    # Code may do it anywhere in its body.
    return words[0] == "do" and any(
        _changes(body[place:])
        for token in tokens
        if token.is_literal
        for body in [[part.value for part in tokens_of(token.value)]]
        for place, word in enumerate(body)
        if word in VERBS
    )


def _changes(words: list[str]) -> bool:
    verb, rest = words[0], words[1:]
    if verb == "alter" and rest[:2] == ["default", "privileges"]:
        # Without a schema they are for all that the role will ever make.
        return "schema" not in rest
    if verb in ("create", "alter", "drop", "comment"):
        if rest[:2] == ["owned", "by"]:
            return True
        kept = [word for word in rest[:5] if word not in ("or", "replace", "on")]
        return any(tuple(kept[: len(kind)]) == kind for kind in SHARED)
    if verb in ("grant", "revoke"):
        # Without an object it is the membership of a role.
        target = rest[rest.index("on") + 1 :] if "on" in rest else []
        return any(tuple(target[: len(kind)]) == kind for kind in SHARED)
    return verb == "reassign"
