"""behave-django's default runner, with what the features ask of any runner."""

from behave_django.runner import BehaviorDrivenTestRunner

from testing.bdd.setting_tags import settings_from_tags
from testing.conf import EngineSettings


class SettingTagsRunner(BehaviorDrivenTestRunner):
    """Puts ``@setting.NAME=value`` in force around each scenario.

    Afterwards it calls the functions that the project has registered to put
    its in-memory state back. Both are the project's own, not this engine's.
    """

    def setup_test(self, context):
        super().setup_test(context)
        settings = settings_from_tags(context.scenario.effective_tags)
        put_in_force = EngineSettings.load().setting_tags_function()
        self.overrides = put_in_force(**settings)
        self.overrides.__enter__()

    def teardown_test(self, context):
        self.overrides.__exit__(None, None, None)
        super().teardown_test(context)
        for function in EngineSettings.load().reset_functions():
            function()
