Feature: Forgetting what is kept

  Scenario: An administrator flushes the cache
    Given Boss is signed in as an administrator
    When I ask for /api/v1/greet/Ann
    And I ask for /api/v1/greet/Bob
    And I flush the cache
    Then the answer is 200
    And the answer has the fields flushed, items_flushed, timestamp
    And 2 items were flushed
    And the field timestamp is a moment in UTC

  Scenario: What was kept is made anew
    Given Boss is signed in as an administrator
    When I ask for /api/v1/greet/Ann
    And I flush the cache
    And I ask for /api/v1/greet/Ann
    Then the header X-Cache says "MISS"

  Scenario: Nothing is kept, nothing is flushed
    Given Boss is signed in as an administrator
    When I flush the cache
    Then 0 items were flushed

  Scenario: What is of no use any more does not count
    Given Boss is signed in as an administrator
    When I ask for /api/v1/greet/Ann
    And 2 minutes pass
    And I ask for /api/v1/greet/Bob
    And I flush the cache
    Then 1 items were flushed

  Scenario: Users may not
    Given Dancer is signed in
    When I flush the cache
    Then the answer is 403 with the error forbidden

  Scenario: Strangers may not
    When I flush the cache
    Then the answer is 401 with the error unauthorized

  @setting.CACHE_ENABLED=false
  Scenario: There is no cache
    Given Boss is signed in as an administrator
    And the log is watched
    When I flush the cache
    Then the answer is 503 with the error cache_disabled
