Feature: What runs here, in short

  Scenario: The facts
    Given this is the build "abc1234def5678" of 2026-05-01
    When I ask for /api/info
    Then the answer is 200
    And the answer has the fields version, commit_short, build_date, uptime_seconds, cache_enabled, healthz_status, python_version
    And the field commit_short is "abc1234"
    And the field build_date is "2026-05-01"
    And the field healthz_status is "healthy"
    And the uptime is 0 seconds or more

  Scenario: The version has three numbers
    When I ask for /api/info
    Then the field version is the version of the service
    And the version has three numbers

  Scenario: The uptime grows, in a kept answer too
    When I ask for /api/info
    And I ask for /api/info
    Then the header X-Cache says "HIT"
    And the uptime has grown

  Scenario: The second answer is kept
    When I ask for /api/info
    Then the header X-Cache says "MISS"
    When I ask for /api/info
    Then the header X-Cache says "HIT"

  Scenario: A minute later it is made anew
    When I ask for /api/info
    And 60 seconds pass
    And I ask for /api/info
    Then the header X-Cache says "MISS"

  Scenario: What another build has kept is not this one's answer
    Given this is the build "1111111" of 2026-05-01
    When I ask for /api/info
    Given this is the build "2222222" of 2026-05-02
    When I ask for /api/info
    Then the header X-Cache says "MISS"
    And the field commit_short is "2222222"

  @setting.CACHE_ENABLED=false
  Scenario: Without a cache
    When I ask for /api/info
    And I ask for /api/info
    Then the header X-Cache says "MISS"
    And the cache is said to be off
