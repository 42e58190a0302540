"""Continuous integration and hooks call recipes; actions are pinned, time bounded."""

import re

import yaml
from django.conf import settings
from django.test import SimpleTestCase

ROOT = settings.BASE_DIR
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
HOOKS = ROOT / ".pre-commit-config.yaml"
# An owner's action at a commit, with the version that it is.
PINNED = re.compile(r"uses: [\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def recipes():
    return set(
        re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    )


class WorkflowTests(SimpleTestCase):
    def setUp(self):
        super().setUp()
        self.text = WORKFLOW.read_text()
        self.workflow = yaml.safe_load(self.text)

    def test_only_recipes(self):
        """What a job runs is a recipe of the Makefile."""
        commands = [
            step["run"]
            for job in self.workflow["jobs"].values()
            for step in job["steps"]
            if "run" in step
        ]
        self.assertGreaterEqual(len(commands), 5)
        for command in commands:
            with self.subTest(command=command):
                make, recipe, *_ = command.split()
                self.assertEqual(make, "make")
                self.assertIn(recipe, recipes())
                self.assertNotIn("\n", command.strip())

    def test_pinned(self):
        """Each action is pinned to a commit and says which version that is."""
        uses = [line for line in self.text.splitlines() if "uses:" in line]
        self.assertGreater(len(uses), 5)
        for line in uses:
            self.assertRegex(line, PINNED)

    def test_bounds(self):
        """Jobs may read, end in bounded time, and make way for the next push."""
        self.assertEqual(self.workflow["permissions"], {"contents": "read"})
        self.assertIs(self.workflow["concurrency"]["cancel-in-progress"], True)
        for name, job in self.workflow["jobs"].items():
            with self.subTest(job=name):
                self.assertLessEqual(job["timeout-minutes"], 60)
                self.assertNotIn("permissions", job)

    def test_isolation(self):
        """Features run on schemas, whatever a runner's environment says."""
        self.assertEqual(self.workflow["env"], {"BDD_SCHEMA_ISOLATION": "true"})

    def test_shards(self):
        """There are as many shards as their names say, and all are merged."""
        features = self.workflow["jobs"]["features"]
        shards = features["strategy"]["matrix"]["shard"]
        self.assertEqual(shards, list(range(1, len(shards) + 1)))
        (command,) = [step["run"] for step in features["steps"] if "run" in step]
        self.assertIn(f"--shard ${{{{ matrix.shard }}}}/{len(shards)} ", command)
        self.assertEqual(self.workflow["jobs"]["merge"]["needs"], "features")

    def test_servers_of_the_matrix(self):
        """The servers of its cells are installed before they run."""
        steps = self.workflow["jobs"]["matrix"]["steps"]
        commands = [step["run"] for step in steps if "run" in step]
        self.assertEqual(commands, ["make postgresql", "make matrix ARGS=--quick"])

    def test_reports_of_failures(self):
        """What is kept is kept of failing runs above all."""
        for job in self.workflow["jobs"].values():
            for step in job["steps"]:
                if "upload-artifact" in step.get("uses", ""):
                    self.assertEqual(step["if"], "always()")


class HooksTests(SimpleTestCase):
    def test_only_recipes(self):
        """Hooks before a commit call the same recipes, of this machine alone."""
        (repository,) = yaml.safe_load(HOOKS.read_text())["repos"]
        self.assertEqual(repository["repo"], "local")
        self.assertGreater(len(repository["hooks"]), 1)
        for hook in repository["hooks"]:
            with self.subTest(hook=hook["id"]):
                make, recipe = hook["entry"].split()
                self.assertEqual(make, "make")
                self.assertIn(recipe, recipes())
