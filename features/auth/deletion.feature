Feature: Leaving
  A deleted account opens nothing any more, and nobody else gets its name.

  Scenario: Deleting the account
    Given Dancer is signed in
    When I delete my account
    Then the answer is 204
    And the account of Dancer is kept as deleted

  Scenario: A deleted user cannot sign in
    Given Dancer is signed in
    When I delete my account
    Then the answer is 204
    And Dancer cannot sign in

  Scenario: The token of a deleted user opens nothing
    Given Dancer is signed in
    When I delete my account
    And I read my profile
    Then the answer is 401 with the error unauthorized

  Scenario: The name of a deleted user stays taken
    Given Dancer has a deleted account
    When I register as DANCER
    Then the answer is 409 with the error user_exists

  Scenario: Deleting needs a token
    Given Dancer has an account
    When I delete my account
    Then the answer is 401 with the error unauthorized
    And Dancer can sign in
