Feature: Guessing passwords
  After ten failures of one account and address within a quarter of an hour nobody gets in from there.

  Scenario: Ten failures lock out, whatever the password
    Given Dancer has an account
    When I fail to sign in as Dancer 10 times
    And I sign in as Dancer
    Then the answer is 429 with the error rate_limited
    And the wait is 800 to 900 seconds

  Scenario: Nine failures do not
    Given Dancer has an account
    When I fail to sign in as Dancer 9 times
    Then Dancer can sign in

  Scenario: An unknown account is locked like any other
    Given Dancer has an account
    And Stranger is nobody's name
    When I fail to sign in as Dancer 10 times
    And I fail to sign in as Stranger 10 times
    And I sign in as Stranger
    Then the answer is 429 with the error rate_limited

  Scenario: The name's case makes no other account
    Given Dancer has an account
    When I fail to sign in as dancer 10 times
    And I sign in as DANCER
    Then the answer is 429 with the error rate_limited

  Scenario: It ends after a quarter of an hour
    Given Dancer has an account
    When I fail to sign in as Dancer 10 times
    And 15 minutes pass
    Then Dancer can sign in

  Scenario: Failures are counted over any quarter of an hour
    Given Dancer has an account
    When I fail to sign in as Dancer 5 times
    And 10 minutes pass
    And I fail to sign in as Dancer 5 times
    And I sign in as Dancer
    Then the answer is 429 with the error rate_limited
    And the wait is 240 to 300 seconds

  Scenario: Signing in forgets the failures before
    Given Dancer has an account
    When I fail to sign in as Dancer 9 times
    And I sign in as Dancer
    And I fail to sign in as Dancer 9 times
    Then Dancer can sign in

  Scenario: Another address is not locked out
    Given Dancer has an account
    And I am at 203.0.113.7
    When I fail to sign in as Dancer 10 times
    And I move to 203.0.113.8
    Then Dancer can sign in

  Scenario: Another account is not locked out
    Given Dancer has an account
    And Other has an account
    When I fail to sign in as Dancer 10 times
    Then Other can sign in

  Scenario: Many guesses at once are counted too
    Given Dancer has an account
    When I fail to sign in as Dancer 40 times at once
    And I sign in as Dancer
    Then the answer is 429 with the error rate_limited
