Feature: Every request can be found in the log
  One line of JSON tells who asked what and how it was answered, and no secret.

  Scenario: Every answer names its request
    When I ask for /api/health
    Then the answer names its request

  Scenario: A proxy's name for a request is kept
    When I ask for /api/health as the request "proxy-0123456789"
    Then the header X-Request-ID says "proxy-0123456789"

  Scenario Outline: A name that is unfit is replaced: <name>
    When I ask for /api/health as the request "<name>"
    Then the answer names its request
    And nothing in the answer says <name>

    Examples:
      | name                |
      | short               |
      | somebody@example.org |

  Scenario: The line about a request
    Given Dancer is signed in
    And the log is watched
    When I read my profile
    Then the log has a line about /api/v1/users/me
    And it tells id, 200, duration and that it was Dancer

  Scenario: The line about a stranger's request
    Given the log is watched
    When I ask for /api/nothing
    Then the log has a line about (no route)
    And it tells id, 404, duration and nobody

  Scenario: No password and no token
    Given Dancer has an account
    And the log is watched
    When I sign in as Dancer
    And I take the token
    And I read my profile
    Then the log has a line about /api/v1/auth/login
    And the log says nothing of correct horse, the token, Dancer or 127.0.0.1

  Scenario: No address and no link
    Given the log is watched
    When I ask for a magic link for ann@example.org
    And I take the link from the mail
    And I follow the link
    Then the log has a line about /api/v1/auth/magic-link/consume
    And the log says nothing of ann@example.org or the link

  Scenario: No name in a path
    Given the log is watched
    When I ask for /api/v1/greet/ann@example.org
    Then the log has a line about /api/v1/greet/<str:name>
    And the log says nothing of ann@example.org
