Feature: The own profile
  Users see their account and say about themselves what they like.

  Scenario: Reading the profile
    Given Dancer is signed in
    When I read my profile
    Then I am told who I am: Dancer
    And the field description is empty
    And the field created_at is a moment in UTC
    And nothing in the answer says "password" or "deleted"

  Scenario: Changing the description
    Given Dancer is signed in
    When I change my description to "Tango, señorita 💃"
    Then the answer is 200
    And the field description is "Tango, señorita 💃"
    And the field current_goal is empty

  Scenario: Changing and emptying the dance goal
    Given Dancer is signed in
    When I change my current_goal to "A clean ocho"
    And I empty my current_goal
    And I read my profile
    Then the answer is 200
    And the field current_goal is empty

  Scenario Outline: The <field> is not for users to change
    Given Dancer is signed in
    When I change my <field> to "<value>"
    Then the answer is 400 with the error validation_failed
    And the details name <field>
    And Dancer is a user without rights

    Examples:
      | field        | value |
      | username     | Boss  |
      | is_superuser | true  |

  Scenario: A goal that is too long
    Given Dancer is signed in
    When I change my current_goal to 201 letters
    Then the answer is 400 with the error validation_failed
    And the details name current_goal

  Scenario: A profile is for those who are signed in
    When I read my profile
    Then the answer is 401 with the error unauthorized
    And the header WWW-Authenticate says "Bearer realm="dancecoach""

  Scenario: Another way to sign in is none
    When I show "Basic ZGFuY2VyOng=" instead of a token
    Then the answer is 401 with the error unauthorized
