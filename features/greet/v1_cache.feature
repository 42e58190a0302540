Feature: Greetings are kept for a minute
  The same greeting is not made twice within a minute, in whatever process; a personal one is never kept.

  Scenario: The second greeting of a name is kept
    When I ask for /api/v1/greet/Ann
    Then the header X-Cache says "MISS"
    When I ask for /api/v1/greet/Ann
    Then the header X-Cache says "HIT"
    And the greeting is "Hello Ann!"

  Scenario: Path and query ask for the same
    When I ask for /api/v1/greet/Ann
    And I ask for /api/v1/greet?name=Ann
    Then the header X-Cache says "HIT"

  Scenario: Every name has its own
    When I ask for /api/v1/greet/Ann
    And I ask for /api/v1/greet/Bob
    Then the header X-Cache says "MISS"
    And the greeting is "Hello Bob!"

  Scenario: A name in another script is kept too
    When I ask for /api/v1/greet/%E8%88%9E%F0%9F%92%83
    And I ask for /api/v1/greet/%E8%88%9E%F0%9F%92%83
    Then the header X-Cache says "HIT"
    And the greeting is "Hello 舞💃!"

  Scenario: A minute later it is made anew
    When I ask for /api/v1/greet/Ann
    And 60 seconds pass
    And I ask for /api/v1/greet/Ann
    Then the header X-Cache says "MISS"

  Scenario: A personal greeting is never kept
    Given Dancer is signed in
    When I ask for a greeting
    And I ask for a greeting
    Then the greeting is "Hello Dancer!"
    And the header X-Cache says "MISS"
    And the header Cache-Control says "private, no-store"

  Scenario: What strangers are told is not what members are told
    Given Dancer is signed in
    When I ask for a greeting
    And I am signed in no more
    And I ask for a greeting
    Then the greeting is "Hello world!"
    And the header X-Cache says "MISS"

  @setting.CACHE_ENABLED=false
  Scenario: Switched off, nothing is kept
    When I ask for /api/v1/greet/Ann
    And I ask for /api/v1/greet/Ann
    Then the header X-Cache says "MISS"
    And the greeting is "Hello Ann!"
