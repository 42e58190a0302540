Feature: Forged tokens
  Only what the service signed itself, and as it signs, opens the API.

  Scenario Outline: A token <kind>
    Given Dancer is signed in
    And a token <kind>
    When I ask whether the token is valid
    Then the answer is 401 with the error invalid_token

    Examples:
      | kind                          |
      | signed with another secret    |
      | that names an unknown secret  |
      | with alg none                 |
      | signed with HS512             |
      | without an expiry             |
      | made out to somebody else     |
      | cut short                     |
      | of words                      |
      | of 20000 letters              |

  Scenario: A forged token opens no profile
    Given Dancer is signed in
    And a token with alg none
    When I read my profile
    Then the answer is 401 with the error unauthorized
