Feature: Asking whether a token is valid

  Scenario: A valid token in the header
    Given Dancer is signed in
    When I ask whether the token is valid
    Then the answer is 200
    And the answer has the fields valid, user_id, expires_at
    And the token belongs to Dancer
    And the token expires in 24 hours

  Scenario: A valid token in the body
    Given Dancer is signed in
    When I ask in the body whether the token is valid
    Then the answer is 200
    And the token belongs to Dancer

  Scenario: No token
    When I ask whether no token is valid
    Then the answer is 401 with the error invalid_token

  Scenario: A token that is about to expire
    Given Dancer is signed in
    When 23 hours pass
    And I ask whether the token is valid
    Then the answer is 200
    And the token expires in 1 hours

  Scenario: An expired token
    Given Dancer is signed in
    When 24 hours pass
    And I ask whether the token is valid
    Then the answer is 401 with the error invalid_token

  Scenario: The token of a deleted user
    Given Dancer is signed in
    When I delete my account
    And I ask whether the token is valid
    Then the answer is 401 with the error invalid_token

  Scenario: The token of a deactivated user
    Given Dancer is signed in
    When Dancer is deactivated
    And I ask whether the token is valid
    Then the answer is 401 with the error invalid_token
