"""A schema with something of every kind, as a list of statements."""

# Pairs of kind and statement; each statement can be left out or changed to see
# whether the difference is noticed.
STATEMENTS = [
    ("enum", "CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'happy')"),
    ("domain", "CREATE DOMAIN positive AS int CHECK (value > 0)"),
    ("composite type", "CREATE TYPE pair AS (a int, b text)"),
    ("sequence, owned by nothing", "CREATE SEQUENCE lone START 7 INCREMENT 3"),
    (
        "table",
        """CREATE TABLE author (
            id int GENERATED ALWAYS AS IDENTITY (START 5) PRIMARY KEY,
            name text COLLATE "C" NOT NULL DEFAULT '100 % {x} "quoted"',
            mood mood DEFAULT 'happy', age positive, at pair,
            upper_name text GENERATED ALWAYS AS (upper(name)) STORED,
            CONSTRAINT short_name CHECK (length(name) < 40))""",
    ),
    (
        "table with references",
        """CREATE TABLE book (
            id serial PRIMARY KEY, title text, pages int DEFAULT 1,
            author_id int NOT NULL REFERENCES author (id) ON DELETE CASCADE
                DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT title_once UNIQUE (title, pages) DEFERRABLE)""",
    ),
    ("weird names", 'CREATE TABLE "Wéird ""t"" {x}" ("Cól %s" int)'),
    ("unlogged table", "CREATE UNLOGGED TABLE scratch (x int)"),
    ("partial index", "CREATE INDEX long_books ON book (pages) WHERE pages > 100"),
    ("expression index", "CREATE UNIQUE INDEX any_case ON author (lower(name))"),
    ("descending index", "CREATE INDEX newest ON book (id DESC NULLS LAST)"),
    (
        "function",
        """CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN NEW.title := NEW.title || ' ''%s'''; RETURN NEW; END $body$""",
    ),
    ("procedure", "CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1'"),
    (
        "trigger",
        "CREATE TRIGGER touched BEFORE INSERT ON book"
        " FOR EACH ROW WHEN (NEW.pages > 5) EXECUTE FUNCTION touch()",
    ),
    (
        "disabled trigger",
        "CREATE TRIGGER idle BEFORE INSERT ON book EXECUTE FUNCTION touch();"
        "ALTER TABLE book DISABLE TRIGGER idle",
    ),
    (
        "view",
        "CREATE VIEW titles AS SELECT title, name FROM book JOIN author a"
        " ON a.id = author_id",
    ),
    (
        "partitioned table",
        "CREATE TABLE log (day date, x int) PARTITION BY RANGE (day)",
    ),
    (
        "partition",
        "CREATE TABLE log_2020 PARTITION OF log"
        " FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
    ),
    ("default partition", "CREATE TABLE log_rest PARTITION OF log DEFAULT"),
    ("comment on a table", "COMMENT ON TABLE author IS 'who wrote; it''s 100 %'"),
    ("comment on a column", "COMMENT ON COLUMN book.title IS 'ein Tïtel'"),
    ("rule", "CREATE RULE no_scratch AS ON DELETE TO scratch DO INSTEAD NOTHING"),
    (
        "row security",
        "ALTER TABLE book ENABLE ROW LEVEL SECURITY;"
        "CREATE POLICY thick ON book USING (pages > 0)",
    ),
    ("statistics", "CREATE STATISTICS st ON pages, author_id FROM book"),
    ("rows", "INSERT INTO author (name, at) VALUES ('Ann', (1, 'x')), ('Bob', NULL)"),
    (
        "rows of a serial",
        "INSERT INTO book (title, pages, author_id) VALUES ('A %s', 10, 5)",
    ),
    ("rows of partitions", "INSERT INTO log VALUES ('2020-05-05', 1), ('1999-1-1', 2)"),
    ("materialized view", "CREATE MATERIALIZED VIEW thick AS SELECT * FROM book"),
    ("position of a sequence", "SELECT setval('lone', 100)"),
    ("storage parameter", "ALTER TABLE scratch SET (fillfactor = 70)"),
]
