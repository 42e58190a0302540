@browser
Feature: Coming into the admin panel

  Scenario: An administrator comes in
    Given Chief is a superuser
    And a browser
    When Chief signs in with the browser
    Then the panel greets "Welcome, Chief"
    And the panel says "JWT secrets"
    And the panel says "Magic links"
    And the panel says "Groups"
    And the panel says "Settings that change while the service runs"
    And nothing was asked of the internet

  Scenario: A wrong password
    Given Chief is a superuser
    And a browser
    When Chief signs in with the browser and the password "wrong horse 9"
    Then the panel says "Please enter the correct username and password for a staff account."

  Scenario: Ordinary users stay out
    Given Dancer has an account
    And a browser
    When Dancer signs in with the browser
    Then the panel says "Please enter the correct username and password for a staff account."
