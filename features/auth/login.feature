Feature: Signing in
  Name and password are exchanged for a token, which opens the rest of the API.

  Scenario: A good sign-in
    Given Dancer has an account
    When I sign in as Dancer
    Then the answer is 200
    And a token is given for 86400 seconds
    And the token holds no more than it needs

  Scenario: The token opens the profile
    Given Dancer has an account
    When I sign in as Dancer
    And I take the token
    And I read my profile
    Then I am told who I am: Dancer

  Scenario: The case of the name does not matter
    Given Dancer has an account
    When I sign in as dancer
    And I take the token
    And I read my profile
    Then I am told who I am: Dancer

  Scenario: The sign-in is remembered
    Given Dancer has an account
    When I sign in as Dancer
    Then the answer is 200
    And the sign-in of Dancer is remembered

  Scenario: The lifetime of tokens can be changed while the service runs
    Given Dancer has an account
    And tokens last 5 minutes
    When I sign in as Dancer
    Then the answer is 200
    And a token is given for 300 seconds
