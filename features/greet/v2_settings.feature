Feature: Friendly greetings, switched by the scenario's tag
  The runner puts `@setting.NAME=value` in force for one scenario and takes it back.

  @setting.API_V2_ENABLED=true
  Scenario: Switched on, a friend is greeted
    When I ask for a friendly greeting of "Ann"
    Then the greeting is "Hello my friend Ann!"

  @setting.API_V2_ENABLED=true
  Scenario: Switched on, another method is refused as such
    When I ask for /api/v2/greet
    Then the answer is 405 with the error method_not_allowed
    And the answer allows POST

  @setting.API_V2_ENABLED=true
  Scenario: Switched on, it is open to strangers
    Given Dancer has an account
    And I am signed in no more
    When I ask for a friendly greeting
    Then the greeting is "Hello my friend!"

  Scenario: The next scenario finds it off again
    When I ask for a friendly greeting
    Then the answer is 404 with the error not_found

  @setting.API_V2_ENABLED=false
  Scenario: Switched off, every method is hidden
    When I ask for /api/v2/greet
    Then the answer is 404 with the error not_found
    And the message is "v2 API is currently disabled"
