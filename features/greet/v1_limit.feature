Feature: Greetings are limited
  Each client address has a bucket of tokens: ten at once, and one more every second.

  Background:
    Given the clock stands still

  Scenario: Ten at once pass, the next one waits
    When I ask for 10 greetings
    Then all of them are given
    When I ask for a greeting
    Then the answer is 429 with the error rate_limited
    And the wait is 1 to 1 seconds

  Scenario: A second later there is one more
    When I ask for 10 greetings
    And 1 second passes
    And I ask for a greeting
    Then the greeting is "Hello world!"

  Scenario: After a rest there are ten again, and not more
    When I ask for 10 greetings
    And 10 minutes pass
    And I ask for 10 greetings
    Then all of them are given
    When I ask for a greeting
    Then the answer is 429 with the error rate_limited

  Scenario: Of many at once exactly as many pass as may
    Given greetings are limited to 1 a minute and 5 at once
    When I ask for 16 greetings at once
    Then 5 of them are given and 11 are not

  Scenario: Names and members share the bucket of their address
    Given greetings are limited to 1 a minute and 2 at once
    And Dancer is signed in
    When I ask for /api/v1/greet/Ann
    And I ask for a greeting
    And I ask for /api/v1/greet?name=Bob
    Then the answer is 429 with the error rate_limited
    And the wait is 55 to 60 seconds

  Scenario: Another address is not affected
    Given greetings are limited to 1 a minute and 1 at once
    And I am at 203.0.113.7
    When I ask for 2 greetings
    Then the answer is 429 with the error rate_limited
    When I move to 203.0.113.8
    And I ask for a greeting
    Then the greeting is "Hello world!"

  Scenario: One network of IPv6 is one client
    Given greetings are limited to 1 a minute and 1 at once
    And I am at 2001:db8:1:2::1
    When I ask for a greeting
    And I move to 2001:db8:1:2:ffff::9
    And I ask for a greeting
    Then the answer is 429 with the error rate_limited

  Scenario: An address that a client makes up is not believed
    Given greetings are limited to 1 a minute and 1 at once
    When I ask for a greeting
    And I claim to come from 203.0.113.9
    And I ask for a greeting
    Then the answer is 429 with the error rate_limited

  @setting.RATE_LIMIT_ENABLED=false
  Scenario: Switched off, nobody waits
    When I ask for 15 greetings
    Then all of them are given

  Scenario: Friendly greetings are not limited
    Given the setting API_V2_ENABLED is on
    And greetings are limited to 1 a minute and 1 at once
    When I ask for a friendly greeting
    And I ask for a friendly greeting
    Then the greeting is "Hello my friend!"
