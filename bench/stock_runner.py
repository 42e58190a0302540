"""behave-django's default runner, with settings by tag as the features use them."""

from behave_django.runner import BehaviorDrivenTestRunner

from testing.bdd.setting_tags import override, settings_from_tags


class SettingTagsRunner(BehaviorDrivenTestRunner):
    """Puts ``@setting.NAME=value`` in force around each scenario."""

    def setup_test(self, context):
        settings = settings_from_tags(context.scenario.effective_tags)
        self.overrides = override(**settings)
        self.overrides.__enter__()
        super().setup_test(context)

    def teardown_test(self, context):
        super().teardown_test(context)
        self.overrides.__exit__(None, None, None)
