"""Whatever is done to a schema, a reset goes back: operations chosen at random."""

import random

import psycopg

from testing.tests.baseline_case import BaselineCase

OPERATIONS = 200
# What the operations may refuse to do among themselves.
REFUSALS = (psycopg.errors.IntegrityError, psycopg.errors.RaiseException)


class RandomOperationsTests(BaselineCase):
    statements = (
        "CREATE TABLE author (id serial PRIMARY KEY, name text UNIQUE, age int)",
        "CREATE TABLE book (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
        " title text, double text GENERATED ALWAYS AS (title || title) STORED,"
        " author int REFERENCES author DEFERRABLE INITIALLY DEFERRED)",
        "CREATE TABLE tag (book int REFERENCES book ON DELETE CASCADE, word text)",
        "CREATE TABLE bag (x int)",
        "CREATE TABLE log (id serial PRIMARY KEY, what text)",
        "CREATE SEQUENCE lone",
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN INSERT INTO log (what) VALUES (TG_OP); RETURN NULL; END$$",
        "CREATE TRIGGER noted AFTER INSERT OR DELETE ON author"
        " FOR EACH STATEMENT EXECUTE FUNCTION note()",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE 'kept for ever'; END$$",
        "CREATE TRIGGER kept BEFORE DELETE ON log FOR EACH ROW EXECUTE FUNCTION keep()",
        "INSERT INTO author (name, age) SELECT 'author ' || n, n"
        " FROM generate_series(1, 8) n",
        "INSERT INTO book (title, author) SELECT 'book ' || n, n % 8 + 1"
        " FROM generate_series(1, 12) n",
        "INSERT INTO bag SELECT n % 3 FROM generate_series(1, 9) n",
    )

    def operation(self, choose):
        number = choose.randint(1, 15)
        other = choose.randint(1, 15)
        return choose.choice(
            (
                f"INSERT INTO author (name) VALUES ('new {number}')",
                f"UPDATE author SET age = {other} WHERE id = {number}",
                f"UPDATE author SET name = 'author {other}' WHERE id = {number}",
                f"DELETE FROM author WHERE id = {number}",
                "INSERT INTO book (title, author)"
                f" SELECT 'new', max(id) FROM author WHERE id < {number}",
                f"UPDATE book SET author = NULL WHERE id = {number}",
                f"DELETE FROM book WHERE id = {number}",
                f"INSERT INTO tag SELECT max(id), 'w' FROM book WHERE id < {number}",
                f"DELETE FROM bag WHERE ctid = '(0,{number})'",
                f"INSERT INTO bag VALUES ({number}), ({number})",
                f"UPDATE bag SET x = x + 1 WHERE x = {number % 3}",
                "DELETE FROM log",
                f"SELECT setval('lone', {number})",
                "SELECT nextval('lone')",
                "UPDATE author SET age = age",
            )
        )

    def test_random_operations(self):
        """After any sequence of operations all is as it was, twice in a row."""
        self.start()
        for seed in range(4):
            choose = random.Random(seed)
            with self.subTest(seed=seed):
                done = self.operate(choose)
                self.assertGreater(done, OPERATIONS // 3)
                self.assertReset()
                self.assertReset()

    def test_random_levels(self):
        """The same holds for levels that are put on and taken off meanwhile."""
        self.start()
        choose = random.Random(99)
        states = [self.remembered]
        for _ in range(12):
            self.operate(choose, number=15)
            if len(states) < 4 and choose.random() < 0.6:
                self.baseline.push()
                states.append(self.look())
            elif len(states) > 1:
                self.baseline.pop()
                states.pop()
            else:
                self.baseline.reset()
            self.assertEqual(self.look(), states[-1])

    def operate(self, choose, number=OPERATIONS):
        """Execute operations; returns how many were not refused."""
        done = 0
        for _ in range(number):
            try:
                self.execute(self.operation(choose))
            except REFUSALS:
                continue
            done += 1
        return done
