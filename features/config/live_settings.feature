Feature: Settings that change while the service runs
  An administrator changes them in the panel; they are in force from the next request.

  Scenario: Friendly greetings are switched on and off
    When I ask for a friendly greeting
    Then the answer is 404 with the error not_found
    When an administrator switches API_V2_ENABLED on
    And I ask for a friendly greeting
    Then the greeting is "Hello my friend!"
    When an administrator switches API_V2_ENABLED off
    And I ask for a friendly greeting
    Then the answer is 404 with the error not_found

  Scenario: Tokens last as long as it says
    Given Dancer has an account
    When an administrator sets JWT_TTL to "0:05:00"
    And I sign in as Dancer
    Then a token is given for 300 seconds

  Scenario: A token issued before keeps its own end
    Given Dancer is signed in
    When an administrator sets JWT_TTL to "0:05:00"
    And 23 hours pass
    And I ask whether the token is valid
    Then the answer is 200
    And the token expires in 1 hours

  Scenario: Secrets are kept for as many lifetimes as it says
    Given Boss is signed in as an administrator
    And I have rotated the secrets
    When an administrator sets JWT_RETENTION_FACTOR to "1.5"
    And I list the secrets
    Then the old secret validates for 36 hours

  Scenario: Secrets are kept no longer than it says
    Given Boss is signed in as an administrator
    And I have rotated the secrets
    When an administrator sets JWT_RETENTION_MAX to "6:00:00"
    And I list the secrets
    Then the old secret validates for 6 hours

  Scenario: The limit of greetings is switched off and on
    Given the clock stands still
    When an administrator switches RATE_LIMIT_ENABLED off
    And I ask for 12 greetings
    Then all of them are given
    When an administrator switches RATE_LIMIT_ENABLED on
    And I ask for 10 greetings
    And I ask for a greeting
    Then the answer is 429 with the error rate_limited

  Scenario: Greetings a minute
    Given the clock stands still
    When an administrator sets RATE_LIMIT_PER_MINUTE to "2"
    And I ask for 10 greetings
    And I ask for a greeting
    Then the answer is 429 with the error rate_limited
    And the wait is 30 to 30 seconds

  Scenario: Greetings at once
    Given the clock stands still
    When an administrator sets RATE_LIMIT_BURST to "3"
    And I ask for 3 greetings
    Then all of them are given
    When I ask for a greeting
    Then the answer is 429 with the error rate_limited

  Scenario: The cache is switched off
    When I ask for /api/v1/greet/Ann
    And an administrator switches CACHE_ENABLED off
    And I ask for /api/v1/greet/Ann
    Then the header X-Cache says "MISS"
    When an administrator switches CACHE_ENABLED on
    And I ask for /api/v1/greet/Ann
    Then the header X-Cache says "HIT"

  Scenario: The log says less, and more again
    Given the log is watched
    When I ask for /api/info
    Then the log has a line about /api/info
    When an administrator sets LOG_LEVEL to "WARNING"
    And the log is emptied
    And I ask for /api/info
    Then the log has no line about /api/info
    When an administrator sets LOG_LEVEL to "INFO"
    And I ask for /api/info
    Then the log has a line about /api/info
