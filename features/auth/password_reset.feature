Feature: A forgotten password
  An administrator lets a user set a new one, who then has an hour.

  Scenario: An administrator's leave
    Given Dancer has an account
    And Boss is signed in as an administrator
    When I let Dancer reset the password
    Then the leave lasts an hour

  Scenario: The new password works, the old one does not
    Given Dancer has an account
    And Dancer may reset the password
    When Dancer resets the password
    Then the answer is 200
    And Dancer can sign in with the new password
    And Dancer cannot sign in

  Scenario: Tokens issued before stop working
    Given Dancer is signed in
    And Dancer may reset the password
    When Dancer resets the password
    And I read my profile
    Then the answer is 401 with the error unauthorized

  Scenario: The leave is used up
    Given Dancer has an account
    And Dancer may reset the password
    When Dancer resets the password
    Then Dancer may reset the password no more
    When Dancer resets the password to "yet another 5"
    Then the answer is 403 with the error reset_not_allowed

  Scenario: The leave ends after an hour
    Given Dancer has an account
    And Dancer may reset the password
    When 61 minutes pass
    And Dancer resets the password
    Then the answer is 403 with the error reset_not_allowed
    And Dancer can sign in

  Scenario: Nobody may without leave, and it is not told who exists
    Given Dancer has an account
    And Stranger is nobody's name
    When Dancer resets the password
    And Stranger resets the password
    Then both answers are the same
    And the answer is 403 with the error reset_not_allowed

  Scenario: A deactivated user may not
    Given Sleeper has an inactive account
    And Sleeper may reset the password
    When Sleeper resets the password
    Then the answer is 403 with the error reset_not_allowed

  Scenario: A weak password is refused, and the leave stays
    Given Dancer has an account
    And Dancer may reset the password
    When Dancer resets the password to "password1"
    Then the answer is 400 with the error validation_failed
    And the details name new_password
    When Dancer resets the password
    Then the answer is 200

  Scenario: A password like the name is refused
    Given Dancer77 has an account
    And Dancer77 may reset the password
    When Dancer77 resets the password to "dancer77"
    Then the answer is 400 with the error validation_failed
    And Dancer77 can sign in

  Scenario: Three tries an hour
    Given Dancer has an account
    When Dancer tries to reset the password 3 times
    And Dancer resets the password
    Then the answer is 429 with the error rate_limited
    And the wait is 3500 to 3600 seconds

  Scenario: After an hour there are three more
    Given Dancer has an account
    When Dancer tries to reset the password 3 times
    And 61 minutes pass
    And Dancer tries to reset the password 3 times
    And Dancer resets the password
    Then the answer is 429 with the error rate_limited

  Scenario: Only administrators give leave
    Given Other has an account
    And Dancer is signed in
    When I let Other reset the password
    Then the answer is 403 with the error forbidden

  Scenario: Strangers do not either
    Given Dancer has an account
    When I let Dancer reset the password
    Then the answer is 401 with the error unauthorized

  Scenario: Nobody is there to give leave to
    Given Boss is signed in as an administrator
    When I let Stranger reset the password
    Then the answer is 404 with the error user_not_found

  Scenario: A deleted user gets no leave
    Given Leaver has a deleted account
    And Boss is signed in as an administrator
    When I let Leaver reset the password
    Then the answer is 404 with the error user_not_found

  Scenario: Staff take no superuser's account over
    Given Chief is a superuser
    And Boss is signed in as an administrator
    When I let Chief reset the password
    Then the answer is 403 with the error forbidden
