Feature: Changing the password
  A new password closes what the old one opened.

  Scenario: A new password
    Given Dancer is signed in
    When I change my password
    Then the answer is 204
    And Dancer can sign in with the new password
    And Dancer cannot sign in

  Scenario: Tokens issued before stop working
    Given Dancer is signed in
    When I change my password
    And I read my profile
    Then the answer is 401 with the error unauthorized

  Scenario: A token issued after it works
    Given Dancer is signed in
    When I change my password
    And I sign in as Dancer with the password "battery staple 7"
    And I take the token
    And I read my profile
    Then I am told who I am: Dancer

  Scenario: Even the same password ends the tokens before
    Given Dancer is signed in
    When I choose the new password "correct horse 9"
    And I ask whether the token is valid
    Then the answer is 401 with the error invalid_token
    And Dancer can sign in

  Scenario: The old password has to be known
    Given Dancer is signed in
    When I change my password from "wrong horse 9"
    Then the answer is 400 with the error validation_failed
    And the details name old_password
    And Dancer can sign in

  Scenario: The new password has to be good
    Given Dancer is signed in
    When I choose the new password "password1"
    Then the answer is 400 with the error validation_failed
    And the details name new_password
    And Dancer can sign in

  Scenario: It is for those who are signed in
    When I change my password
    Then the answer is 401 with the error unauthorized

  Scenario: Whoever has only the token cannot guess for long
    Given Dancer is signed in
    When I guess my old password 10 times
    And I change my password
    Then the answer is 429 with the error rate_limited
