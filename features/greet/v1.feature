Feature: Greetings

  Scenario: The world is greeted
    When I ask for a greeting
    Then the answer is exactly
      """
      {"message":"Hello world!"}
      """

  Scenario Outline: A name is greeted: <path>
    When I ask for <path>
    Then the greeting is "<message>"

    Examples:
      | path                                  | message           |
      | /api/v1/greet?name=Ann                | Hello Ann!        |
      | /api/v1/greet/Ann                     | Hello Ann!        |
      | /api/v1/greet?name=                   | Hello world!      |
      | /api/v1/greet/J%C3%BCrgen             | Hello Jürgen!     |
      | /api/v1/greet?name=%E8%88%9E%F0%9F%92%83 | Hello 舞💃! |

  Scenario: A signed-in caller is greeted by name
    Given Dancer is signed in
    When I ask for a greeting
    Then the greeting is "Hello Dancer!"

  Scenario: A name that is given goes before the caller's
    Given Dancer is signed in
    When I ask for /api/v1/greet/Ann
    Then the greeting is "Hello Ann!"

  Scenario: A bad token gets no greeting
    Given Dancer is signed in
    And a token cut short
    When I ask for a greeting
    Then the answer is 401 with the error unauthorized

  Scenario: A name with a null character
    When I ask for /api/v1/greet/a%00b
    Then the answer is 400 with the error validation_failed
    And the details name name
