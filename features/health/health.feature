Feature: Is the service alive and ready

  Scenario: Alive
    When I ask for /api/health
    Then the answer is 200
    And the answer is exactly
      """
      {"status":"healthy"}
      """

  Scenario: Alive, with facts
    When I ask for /api/healthz
    Then the answer is 200
    And the answer has the fields status, version, uptime_seconds, timestamp
    And the field status is "healthy"
    And the field version is the version of the service
    And the field timestamp is a moment in UTC
    And the uptime is 0 seconds or more

  Scenario: Ready
    When I ask for /api/ready
    Then the answer is 200
    And the service is ready
    And the check of the database passes
    And the check of the cache passes
    And the check of the migrations passes
    And the database took some milliseconds
    And the schema is the one that the tests work in

  Scenario: Not ready while the database is away
    Given the database is away
    When I ask for /api/ready
    Then the answer is 503
    And the service is not ready
    And the check of the database fails
    And the check of the cache fails
    And the check of the migrations fails
    And nothing in the answer says "swordfish" or "boss" or "127.0.0.1" or "traceback"
    But the log says "127.0.0.1"

  Scenario: Alive while the database is away
    Given the database is away
    When I ask for /api/health
    Then the answer is 200

  Scenario: Not ready while the cache forgets
    Given the cache keeps nothing
    When I ask for /api/ready
    Then the answer is 503
    And the service is not ready
    And the check of the cache fails
    And the check of the database passes

  Scenario: Not ready before the database is migrated
    Given a migration is missing
    When I ask for /api/ready
    Then the answer is 503
    And the check of the migrations fails
