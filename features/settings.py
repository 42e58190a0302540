"""Settings for one scenario."""

from dancecoach import setting_tags


def put_in_force(context, **settings):
    """Put settings in force until the end of the scenario, for the live server too."""
    in_force = setting_tags.put_in_force(**settings)
    in_force.__enter__()
    context.add_cleanup(in_force.__exit__, None, None, None)
