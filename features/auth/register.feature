Feature: Opening an account
  Whoever wants to take lessons opens an account with a name and a password.

  Scenario: A good registration
    When I register as Dancer
    Then the answer is 201
    And the field username is "Dancer"
    And the answer has the fields id, username, description, current_goal, is_staff, last_login, created_at, updated_at
    And Dancer can sign in

  Scenario: A registration with a profile
    When I register as Dancer with a profile
      | field        | text             |
      | description  | I love the tango |
      | current_goal | A clean ocho     |
    Then the answer is 201
    And the field description is "I love the tango"
    And the field current_goal is "A clean ocho"

  Scenario: The password is kept secret
    When I register as Dancer
    Then the answer is 201
    And nothing in the answer says password or correct horse
    And the password of Dancer is stored only as a hash

  Scenario: A new user has no rights
    When I register as Dancer
    Then the answer is 201
    And Dancer is a user without rights

  Scenario: Nobody makes themselves staff
    When I register as Dancer and claim to be staff
    Then the answer is 400 with the error validation_failed
    And the details name is_staff
    And there is no account of Dancer

  Scenario: A name is taken once
    Given Dancer has an account
    When I register as Dancer
    Then the answer is 409 with the error user_exists
    And there is one account of Dancer

  Scenario: A name is taken in every case
    Given Dancer has an account
    When I register as dANCER
    Then the answer is 409 with the error user_exists
    And there is one account of Dancer
