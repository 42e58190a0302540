@browser
Feature: Live settings and magic links in the admin panel

  Background:
    Given Chief is signed in to the panel

  Scenario: A live setting is changed
    When the page of the live settings is opened
    And the box API_V2_ENABLED is ticked and saved
    Then the panel says "Live settings updated successfully."
    When I ask for a friendly greeting of "Ann"
    Then the greeting is "Hello my friend Ann!"

  Scenario: A bad value is refused
    When the page of the live settings is opened
    And the field JWT_TTL is set to "0" and saved
    Then the panel says "Choose 0:00:01 or more."
    And the panel says "Failed to update live settings."

  Scenario: Magic links are only looked at
    Given a magic link for ann@example.org is stored
    When the page of the magic links is opened
    Then the list shows ann@example.org
    And the panel says "expired"
    And there is no button "Add magic link"
    And the panel does not say "0000000000"
