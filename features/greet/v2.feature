Feature: Friendly greetings
  The second version is new, so it stays off until it is switched on.

  Scenario: It is off unless it is switched on
    When I ask for a friendly greeting of "Ann"
    Then the answer is 404 with the error not_found
    And the message is "v2 API is currently disabled"

  Scenario: A friend is greeted
    Given the setting API_V2_ENABLED is on
    When I ask for a friendly greeting of "Ann"
    Then the greeting is "Hello my friend Ann!"

  Scenario: A friend without a name is greeted
    Given the setting API_V2_ENABLED is on
    When I ask for a friendly greeting of an empty name
    Then the greeting is "Hello my friend!"

  Scenario: A name may be 100 characters long
    Given the setting API_V2_ENABLED is on
    When I ask for a friendly greeting of 100 letters
    Then the friend of 100 letters is greeted

  Scenario: A name may not be longer
    Given the setting API_V2_ENABLED is on
    When I ask for a friendly greeting of 101 letters
    Then the answer is 400 with the error validation_failed
    And the details name name

  Scenario: The switch works from the next request
    Given the setting API_V2_ENABLED is on
    When I ask for a friendly greeting
    Then the greeting is "Hello my friend!"
    When the setting API_V2_ENABLED is switched off
    And I ask for a friendly greeting
    Then the answer is 404 with the error not_found
