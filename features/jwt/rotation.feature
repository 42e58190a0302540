Feature: Rotating the secrets
  A new secret signs from now on; what the old one signed stays valid for a while.

  Background:
    Given Boss is signed in as an administrator

  Scenario: Another secret signs from the next request
    When I remember the token
    And I rotate the secrets
    Then the answer is 200
    When I sign in as Boss
    Then another secret signs than before

  Scenario: The old one stays valid
    When I rotate the secrets
    And I ask whether the token is valid
    Then the answer is 200
    When I list the secrets
    Then 2 secrets are listed

  Scenario: To a secret of one's own
    When I rotate the secrets to "squeamish ossifrage squeamish ossifrage"
    Then the answer is 200
    And nothing in the answer says squeamish
    When I sign in as Boss
    Then "squeamish ossifrage squeamish ossifrage" signs

  Scenario: To a weak secret
    When I rotate the secrets to "squeamish"
    Then the answer is 400 with the error validation_failed
    And the details name new_secret

  Scenario: Several times, and all of them validate
    When I rotate the secrets
    And I rotate the secrets
    And I rotate the secrets
    And I list the secrets
    Then 4 secrets are listed
    And exactly one of them is the primary

  Scenario: Several times at once, and one is the primary
    When I rotate the secrets 8 times at once
    And I list the secrets
    Then 9 secrets are listed
    And exactly one of them is the primary
