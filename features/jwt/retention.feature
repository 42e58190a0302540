Feature: How long an old secret validates
  The lifetime of a token times a factor, up to a maximum. The primary is never removed.

  Scenario Outline: A lifetime of <ttl> hours times <factor>, <most> hours at most
    Given tokens last <ttl> hours
    And secrets are kept for <factor> lifetimes and <most> hours at most
    And Boss is signed in as an administrator
    And I have rotated the secrets
    When I list the secrets
    Then the old secret validates for <hours> hours

    Examples:
      | ttl | factor | most | hours |
      | 24  | 2.0    | 72   | 48    |
      | 48  | 2.0    | 72   | 72    |
      | 1   | 1.5    | 72   | 1.5   |
      | 24  | 1.0    | 24   | 24    |
      | 12  | 10.0   | 6    | 6     |

  Scenario: A token dies with the secret that signed it
    Given tokens last 24 hours
    And secrets are kept for 2.0 lifetimes and 1 hours at most
    And Boss is signed in as an administrator
    And I have rotated the secrets
    When 59 minutes pass
    And I ask whether the token is valid
    Then the answer is 200
    When 2 minutes pass
    And I ask whether the token is valid
    Then the answer is 401 with the error invalid_token

  Scenario: Retention begins when a secret stops signing
    Given Boss is signed in as an administrator
    When 30 days pass
    And I sign in as Boss
    And I take the token
    And I rotate the secrets
    And I ask whether the token is valid
    Then the answer is 200

  Scenario: What has ended is removed when the secrets are listed
    Given Boss is signed in as an administrator
    And I have rotated the secrets
    When 49 hours pass
    And I sign in as Boss
    And I take the token
    And I list the secrets
    Then 1 secrets are listed
    And exactly one of them is the primary

  Scenario: The primary is never removed, however old
    Given Boss is signed in as an administrator
    When I remember the token
    And 400 days pass
    And the secrets are cleaned up
    Then 0 secrets were removed
    When I sign in as Boss
    Then the same secret signs as before
    When I take the token
    And I list the secrets
    Then 1 secrets are listed
    And the primary is 400 days old
    And the primary has no end

  Scenario: The clean-up removes what has ended, once
    Given Boss is signed in as an administrator
    And I have rotated the secrets
    And I have rotated the secrets
    When the secrets are cleaned up
    Then 0 secrets were removed
    When 49 hours pass
    And the secrets are cleaned up
    Then 2 secrets were removed
    When the secrets are cleaned up
    Then 0 secrets were removed
