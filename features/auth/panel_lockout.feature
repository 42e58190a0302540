Feature: Guessing passwords at the panel's door
  The panel and the API count together.

  Scenario: Ten failures close the panel
    Given Chief is a superuser
    When somebody fails to sign in to the panel as Chief 10 times
    And Chief signs in to the panel
    Then the panel stays closed: "Too many failed attempts. Try again in 15 min."

  Scenario: Those at the API count
    Given Chief is a superuser
    When I fail to sign in as Chief 10 times
    And Chief signs in to the panel
    Then the panel stays closed: "Too many failed attempts."

  Scenario: Nine do not
    Given Chief is a superuser
    When somebody fails to sign in to the panel as Chief 9 times
    And Chief signs in to the panel
    Then the panel opens
