@browser
Feature: Swagger UI
  It comes from the service itself and needs no token.

  Scenario: The operations are shown without the internet
    Given a browser
    When Swagger UI is opened
    Then Swagger UI shows 23 operations
    And nothing was asked of the internet

  Scenario: An operation is tried out
    Given a browser
    When Swagger UI is opened
    And the operation "Is the process alive? Touches nothing" is tried out
    Then it answers "healthy"
    And nothing was asked of the internet
