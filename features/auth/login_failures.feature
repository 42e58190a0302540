Feature: Failing to sign in
  A failed sign-in does not tell whether there is such an account.

  Scenario: A wrong password
    Given Dancer has an account
    When I sign in as Dancer with the password "wrong horse 9"
    Then the answer is 401 with the error invalid_credentials
    And the header WWW-Authenticate says "Bearer realm="dancecoach""
    And no sign-in of Dancer is remembered

  Scenario: The case of the password matters
    Given Dancer has an account
    When I sign in as Dancer with the password "Correct Horse 9"
    Then the answer is 401 with the error invalid_credentials

  Scenario: An unknown user is answered like a wrong password
    Given Dancer has an account
    And Stranger is nobody's name
    When I sign in as Dancer with the password "wrong horse 9"
    And I sign in as Stranger
    Then both answers are the same
    And the answer is 401 with the error invalid_credentials

  Scenario: An inactive user is answered like a wrong password
    Given Sleeper has an inactive account
    When I sign in as Sleeper with the password "wrong horse 9"
    And I sign in as Sleeper
    Then both answers are the same
    And the answer is 401 with the error invalid_credentials

  Scenario: A deleted user is answered like a wrong password
    Given Leaver has a deleted account
    When I sign in as Leaver with the password "wrong horse 9"
    And I sign in as Leaver
    Then both answers are the same
    And the answer is 401 with the error invalid_credentials

  Scenario: A field is missing
    When I sign in without a password
    Then the answer is 400 with the error validation_failed
    And the details name password
