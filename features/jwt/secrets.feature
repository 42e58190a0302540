Feature: The secrets of tokens
  Several secrets validate at once, exactly one signs. They are known by their fingerprints.

  Background:
    Given Boss is signed in as an administrator

  Scenario: The list shows fingerprints only
    When I add the secret "squeamish ossifrage squeamish ossifrage"
    And I list the secrets
    Then 2 secrets are listed
    And each is shown by kid, is_primary, created_at, expires_at, age_seconds, is_expired, fingerprint
    And the fingerprint of "squeamish ossifrage squeamish ossifrage" is among them
    And nothing in the answer says squeamish or ossifrage
    And no secret is stored readably

  Scenario: Exactly one is the primary, which has no end
    When I add a secret that is left out
    And I list the secrets
    Then 2 secrets are listed
    And exactly one of them is the primary
    And the primary has no end

  Scenario: Several secrets validate
    Given Dancer has an account
    And there is the secret "squeamish ossifrage squeamish ossifrage" too
    When I ask whether the token is valid
    Then the answer is 200
    Given a token of Dancer signed with "squeamish ossifrage squeamish ossifrage"
    When I ask whether the token is valid
    Then the answer is 200

  Scenario: The primary signs
    When I add the secret "squeamish ossifrage squeamish ossifrage" as the primary
    Then the answer is 201
    When I sign in as Boss
    Then "squeamish ossifrage squeamish ossifrage" signs

  Scenario: One that is not the primary does not sign
    When I remember the token
    And I add the secret "squeamish ossifrage squeamish ossifrage"
    Then the answer is 201
    When I sign in as Boss
    Then the same secret signs as before

  Scenario: A secret that is left out is generated
    When I add a secret that is left out
    Then the answer is 201
    And the answer has the fields kid, is_primary, created_at, expires_at, age_seconds, is_expired, fingerprint

  Scenario: A secret for a while
    Given Dancer has an account
    When I add the secret "squeamish ossifrage squeamish ossifrage" for 60 seconds
    Then the answer is 201
    Given a token of Dancer signed with "squeamish ossifrage squeamish ossifrage"
    When 59 seconds pass
    And I ask whether the token is valid
    Then the answer is 200
    When 2 seconds pass
    And I ask whether the token is valid
    Then the answer is 401 with the error invalid_token

  Scenario Outline: A weak secret is refused: <why>
    When I add the secret "<secret>"
    Then the answer is 400 with the error validation_failed
    And the details name secret
    And nothing in the answer says <secret>

    Examples:
      | why      | secret                          |
      | short    | squeamish                       |
      | 31 bytes | squeamish-ossifrage-squeamish-o |

  Scenario: A secret is counted in bytes
    When I add the secret "ossifrage-üüüüüüüüüüü"
    Then the answer is 201

  Scenario: A secret is there once
    Given there is the secret "squeamish ossifrage squeamish ossifrage" too
    When I add the secret "squeamish ossifrage squeamish ossifrage"
    Then the answer is 409 with the error secret_exists
    When I rotate the secrets to "squeamish ossifrage squeamish ossifrage"
    Then the answer is 409 with the error secret_exists

  Scenario Outline: A lifetime that is none: <value>
    When I add a secret with expires_in of <value>
    Then the answer is 400 with the error validation_failed
    And the details name expires_in

    Examples:
      | value           |
      | minus one       |
      | a word          |
      | a hundred years |

  Scenario: Users may not see the secrets
    Given Dancer is signed in
    When I list the secrets
    Then the answer is 403 with the error forbidden

  Scenario: Users may not add one
    Given Dancer is signed in
    When I add a secret that is left out
    Then the answer is 403 with the error forbidden

  Scenario: Users may not rotate them
    Given Dancer is signed in
    When I rotate the secrets
    Then the answer is 403 with the error forbidden

  Scenario: Strangers may not see them
    Given I am signed in no more
    When I list the secrets
    Then the answer is 401 with the error unauthorized
