"""Models and migrations that hypothesis makes up, as lists of operations.

A drawn project is a list of migrations; each is whether it runs in a transaction,
and its operations. While it is drawn a sketch of the models is kept, so that
every operation is one that Django's autodetector could have written.
"""

from dataclasses import dataclass, field

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, IntegerRangeField
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.models.functions import Lower, Upper
from hypothesis import strategies as st

# Each makes a field from a number that tells it from its like.
FIELDS = {
    "text": lambda n: models.CharField(max_length=20 + n, default=f"it's {n} %"),
    "note": lambda n: models.TextField(null=True, db_comment=f"the {n}th; a note"),
    "number": lambda n: models.IntegerField(default=n, db_index=n % 2 == 0),
    "amount": lambda n: models.DecimalField(max_digits=9, decimal_places=2, default=n),
    "flag": lambda n: models.BooleanField(db_default=n % 2 == 0),
    "fact": lambda n: models.JSONField(default=dict),
    "tags": lambda n: ArrayField(models.CharField(max_length=9), default=list),
    "span": lambda n: IntegerRangeField(null=True),
    "blob": lambda n: models.BinaryField(default=b"\x00%s"),
    "when": lambda n: models.DateTimeField(null=True),
}
# Snippets of SQL for what Django has no operation; {n} makes names their own.
SNIPPETS = (
    "CREATE TYPE mood_{n} AS ENUM ('a', 'b''c'); CREATE TABLE felt_{n} (m mood_{n});"
    "INSERT INTO felt_{n} VALUES ('a'), ('b''c')",
    "CREATE DOMAIN small_{n} AS int CHECK (value < 9);"
    "CREATE TABLE sized_{n} (s small_{n}[], id int GENERATED ALWAYS AS IDENTITY);"
    "INSERT INTO sized_{n} (s) VALUES ('{{1,2}}')",
    "CREATE SEQUENCE counted_{n} INCREMENT -2 MINVALUE -99 CYCLE;"
    "SELECT nextval('counted_{n}'), setval('counted_{n}', -5, {n} % 2 = 0)",
    "CREATE TABLE part_{n} (x int, y text) PARTITION BY RANGE (x);"
    "CREATE TABLE part_{n}_a PARTITION OF part_{n} FOR VALUES FROM (0) TO (5);"
    "CREATE TABLE part_{n}_z PARTITION OF part_{n} DEFAULT;"
    "INSERT INTO part_{n} SELECT x, '100 %' FROM generate_series(3, 7) x",
    "CREATE TABLE up_{n} (x int PRIMARY KEY); CREATE TABLE down_{n} (y int)"
    " INHERITS (up_{n}); INSERT INTO down_{n} VALUES (1, 2)",
    "CREATE TABLE seen_{n} (x int); CREATE FUNCTION see_{n}() RETURNS trigger"
    " LANGUAGE plpgsql AS $$BEGIN INSERT INTO seen_{n} VALUES (1); RETURN NULL; END$$;"
    "CREATE TABLE watched_{n} (x int UNIQUE DEFERRABLE);"
    "CREATE TRIGGER watch AFTER INSERT OR DELETE ON watched_{n}"
    " FOR EACH STATEMENT EXECUTE FUNCTION see_{n}();"
    "INSERT INTO watched_{n} VALUES (1)",
    "CREATE TABLE base_{n} (x int); INSERT INTO base_{n} VALUES (1), (2);"
    "CREATE MATERIALIZED VIEW sum_{n} AS SELECT sum(x) AS s FROM base_{n};"
    "CREATE VIEW top_{n} AS SELECT * FROM sum_{n}",
    "CREATE TABLE kept_{n} (x int); INSERT INTO kept_{n} VALUES ({n});"
    "CREATE RULE stay AS ON DELETE TO kept_{n} DO INSTEAD NOTHING",
    "CREATE TABLE hen_{n} (id int PRIMARY KEY, egg int);"
    "CREATE TABLE egg_{n} (id int PRIMARY KEY, hen int REFERENCES hen_{n});"
    "ALTER TABLE hen_{n} ADD FOREIGN KEY (egg) REFERENCES egg_{n};"
    "INSERT INTO hen_{n} VALUES (1); INSERT INTO egg_{n} VALUES (1, 1);"
    "UPDATE hen_{n} SET egg = 1",
    "DO $$BEGIN FOR i IN 1..2 LOOP EXECUTE format('CREATE TABLE %I (x int)',"
    " 'Loop ' || i || ' {n}'); END LOOP; END$$",
    "CREATE FUNCTION twice_{n}(x int) RETURNS int LANGUAGE sql IMMUTABLE"
    " BEGIN ATOMIC SELECT x * 2; END; CREATE TABLE doubled_{n} (x int,"
    " y int GENERATED ALWAYS AS (twice_{n}(x)) STORED); INSERT INTO doubled_{n} VALUES"
    " (4); COMMENT ON FUNCTION twice_{n} IS '%s; %%'",
    "CREATE TABLE secret_{n} (x int); INSERT INTO secret_{n} VALUES (1);"
    "ALTER TABLE secret_{n} ENABLE ROW LEVEL SECURITY;"
    "CREATE POLICY none ON secret_{n} USING (x > 5);"
    "GRANT SELECT ON secret_{n} TO PUBLIC",
)


@dataclass
class Sketch:
    """What the drawn operations have made so far: models, and their fields' kinds."""

    models: dict[str, dict[str, str]] = field(default_factory=dict)
    references: list[tuple[str, str]] = field(default_factory=list)
    numbers: int = 0

    def number(self):
        self.numbers += 1
        return self.numbers

    def steps(self):
        """Return the names of the steps that make sense now."""
        # SQL by hand has most kinds of things in it, so it comes more often.
        steps = ["create", *["sql"] * 6]
        if self.models:
            steps += ["add", "index", "unique", "refer", "rename_model"]
            steps += ["generate", "exclude"]
        if any(self.models.values()):
            steps += ["remove", "rename", "alter", "check"]
        if set(self.models) - {target for _, target in self.references}:
            steps.append("delete")
        return steps


@st.composite
def projects(draw):
    """Draw migrations: pairs of whether it is atomic, and operations."""
    sketch = Sketch()
    found = [(True, [_create(draw, sketch)])]
    for _ in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            # Rows apart: tables with checks that wait cannot be altered.
            found.append((draw(st.booleans()), [_rows(draw, sketch)]))
            continue
        steps = range(draw(st.integers(1, 3)))
        operations = [
            STEPS[draw(st.sampled_from(sketch.steps()))](draw, sketch) for _ in steps
        ]
        found.append((draw(st.booleans()), operations))
    return found


def _model(draw, sketch):
    return draw(st.sampled_from(sorted(sketch.models)))


def _field(draw, sketch):
    names = [
        (model, name)
        for model, fields in sorted(sketch.models.items())
        for name in sorted(fields)
    ]
    return draw(st.sampled_from(names))


def _create(draw, sketch):
    name = f"Model{sketch.number()}"
    kinds = draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=3))
    fields = {f"{kind}_{sketch.number()}": kind for kind in kinds}
    sketch.models[name] = fields
    return migrations.CreateModel(
        name,
        [
            ("id", models.BigAutoField(primary_key=True)),
            *((one, FIELDS[kind](sketch.numbers)) for one, kind in fields.items()),
        ],
        options={"db_table_comment": "a table; it's made up"},
    )


def _add(draw, sketch):
    model, kind = _model(draw, sketch), draw(st.sampled_from(sorted(FIELDS)))
    name = f"{kind}_{sketch.number()}"
    sketch.models[model][name] = kind
    return migrations.AddField(model, name, FIELDS[kind](sketch.numbers))


def _refer(draw, sketch):
    model, target = _model(draw, sketch), _model(draw, sketch)
    sketch.references.append((model, target))
    reference = models.ForeignKey(f"made.{target}", models.CASCADE, null=True)
    return migrations.AddField(model, f"to_{sketch.number()}", reference)


def _remove(draw, sketch):
    model, name = _field(draw, sketch)
    del sketch.models[model][name]
    return migrations.RemoveField(model, name)


def _rename(draw, sketch):
    model, name = _field(draw, sketch)
    kind = sketch.models[model].pop(name)
    new = f"{kind}_{sketch.number()}"
    sketch.models[model][new] = kind
    return migrations.RenameField(model, name, new)


def _alter(draw, sketch):
    model, name = _field(draw, sketch)
    changed = FIELDS[sketch.models[model][name]](sketch.number())
    changed.null = True
    return migrations.AlterField(model, name, changed)


def _rename_model(draw, sketch):
    model = _model(draw, sketch)
    new = f"Model{sketch.number()}"
    sketch.models[new] = sketch.models.pop(model)
    sketch.references = [
        tuple(new if one == model else one for one in pair)
        for pair in sketch.references
    ]
    return migrations.RenameModel(model, new)


def _delete(draw, sketch):
    targets = {target for _, target in sketch.references}
    model = draw(st.sampled_from(sorted(set(sketch.models) - targets)))
    del sketch.models[model]
    sketch.references = [pair for pair in sketch.references if model not in pair]
    return migrations.DeleteModel(model)


def _index(draw, sketch):
    model, number = _model(draw, sketch), sketch.number()
    index = draw(
        st.sampled_from(
            (
                models.Index(fields=["-id"], name=f"index_{number}"),
                models.Index(
                    fields=["id"], name=f"index_{number}", condition=models.Q(id__gt=3)
                ),
                models.Index(models.F("id") * 2, name=f"index_{number}"),
            )
        )
    )
    tags = [name for name, kind in sketch.models[model].items() if kind == "tags"]
    if tags:
        # The column stays from now on: its index would go with it.
        del sketch.models[model][tags[0]]
        index = GinIndex(fields=tags[:1], name=f"index_{number}")
    return migrations.AddIndex(model, index)


def _pinned(draw, sketch, kinds):
    """Take a field out of the sketch, so that nothing happens to it any more."""
    fitting = [
        (model, name)
        for model, fields in sorted(sketch.models.items())
        for name, kind in sorted(fields.items())
        if kind in kinds
    ]
    if not fitting:
        return None
    model, name = draw(st.sampled_from(fitting))
    del sketch.models[model][name]
    return model, name


def _unique(draw, sketch):
    model, number = _model(draw, sketch), sketch.number()
    constraint = draw(
        st.sampled_from(
            (
                models.UniqueConstraint(
                    fields=["id"],
                    name=f"once_{number}",
                    deferrable=models.Deferrable.DEFERRED,
                ),
                models.UniqueConstraint(models.F("id") + 1, name=f"once_{number}"),
                models.UniqueConstraint(
                    fields=["id"], name=f"once_{number}", condition=models.Q(id__lt=9)
                ),
            )
        )
    )
    return migrations.AddConstraint(model, constraint)


def _check(draw, sketch):
    if not (found := _pinned(draw, sketch, ("number", "amount"))):
        return _create(draw, sketch)
    model, name = found
    condition = ~models.Q(**{name: -77})
    constraint = models.CheckConstraint(
        condition=condition, name=f"check_{sketch.number()}"
    )
    return migrations.AddConstraint(model, constraint)


def _exclude(draw, sketch):
    if not (found := _pinned(draw, sketch, ("span",))):
        return _add(draw, sketch)
    model, name = found
    constraint = ExclusionConstraint(
        name=f"apart_{sketch.number()}", expressions=[(name, "&&")]
    )
    return migrations.AddConstraint(model, constraint)


def _generate(draw, sketch):
    if not (found := _pinned(draw, sketch, ("text", "note"))):
        return _add(draw, sketch)
    model, name = found
    way = draw(st.sampled_from((Lower, Upper)))
    computed = models.GeneratedField(
        expression=way(name), output_field=models.TextField(), db_persist=True
    )
    return migrations.AddField(model, f"computed_{sketch.number()}", computed)


def _sql(draw, sketch):
    snippet = draw(st.sampled_from(SNIPPETS))
    return migrations.RunSQL(snippet.format(n=sketch.number()))


def _rows(draw, sketch):
    names, count = sorted(sketch.models), draw(st.integers(1, 4))

    def insert(apps, editor):
        for name in names:
            model = apps.get_model("made", name)
            manager = model.objects.using(editor.connection.alias)
            manager.bulk_create(model() for _ in range(count))
            manager.filter(id=2).delete()

    return migrations.RunPython(insert)


STEPS = {
    "create": _create,
    "sql": _sql,
    "add": _add,
    "index": _index,
    "unique": _unique,
    "refer": _refer,
    "rename_model": _rename_model,
    "generate": _generate,
    "exclude": _exclude,
    "remove": _remove,
    "rename": _rename,
    "alter": _alter,
    "check": _check,
    "delete": _delete,
}
