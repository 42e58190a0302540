Feature: Bad values of live settings
  They are refused with a reason, and the old value stays.

  Scenario Outline: <name> is not set to <value>
    When an administrator tries to set <name> to "<value>"
    Then the panel refuses it: "<reason>"
    And <name> is "<before>" as before

    Examples:
      | name                  | value   | reason                                                             | before     |
      | JWT_TTL               | never   | This is no duration. Write it as days hours:minutes:seconds.       | 1 00:00:00 |
      | JWT_TTL               | 0       | Choose 0:00:01 or more.                                            | 1 00:00:00 |
      | JWT_TTL               | -1      | Choose 0:00:01 or more.                                            | 1 00:00:00 |
      | JWT_RETENTION_FACTOR  | 0.5     | Ensure this value is greater than or equal to 1.0.                 | 2.0        |
      | JWT_RETENTION_FACTOR  | nan     | Enter a number.                                                    | 2.0        |
      | JWT_RETENTION_MAX     | 400 00:00:00 | Choose 366 days or less.                                      | 3 00:00:00 |
      | RATE_LIMIT_PER_MINUTE | 0       | Ensure this value is greater than or equal to 1.                   | 60         |
      | RATE_LIMIT_BURST      | many    | Enter a whole number.                                              | 10         |
      | LOG_LEVEL             | LOUD    | Select a valid choice. LOUD is not one of the available choices.   | INFO       |

  Scenario: A good value beside a bad one is not taken either
    When an administrator tries to set RATE_LIMIT_BURST to "0"
    And I ask for 10 greetings
    Then all of them are given

  Scenario: Who comes second is told that somebody came first
    When two administrators change RATE_LIMIT_BURST at once
    Then the panel refuses it: "The settings have been modified by someone else. Please reload the form and resubmit your changes."
    And RATE_LIMIT_BURST is "5" as before

  Scenario: Staff without all rights do not see them
    Given Helper runs the panel without all rights
    When the live settings are opened
    Then the panel refuses with 403
