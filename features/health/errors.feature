Feature: Every error has one shape
  A program that uses the API can rely on the code, and learns nothing it should not.

  Scenario: A path that leads nowhere
    When I ask for /api/v3/greet
    Then the answer is 404 with the error not_found

  Scenario: A method that is not offered
    When I ask for /api/health by DELETE
    Then the answer is 405 with the error method_not_allowed
    And the answer allows GET

  Scenario: A body that is not JSON
    When I send to /api/v1/auth/register the text
      """
      {"username":
      """
    Then the answer is 400 with the error parse_error

  Scenario: A body that is no object
    When I send to /api/v1/auth/register the text
      """
      ["Dancer"]
      """
    Then the answer is 400 with the error validation_failed
    And the details name body

  Scenario: A text with a null character
    When I send to /api/v1/auth/login the text
      """
      {"username": "Dan\u0000cer", "password": "\u0000"}
      """
    Then the answer is 400 with the error validation_failed
    And the details name username and password

  Scenario Outline: A body that is <kind>
    When I send to /api/v1/auth/register a body that is <kind>
    Then the answer is <status> with the error <code>

    Examples:
      | kind                     | status | code              |
      | not UTF-8                | 400    | parse_error       |
      | nested too deep          | 400    | parse_error       |
      | 64 KiB and one byte long | 413    | payload_too_large |

  Scenario: A form instead of JSON
    When I send to /api/v1/auth/login a form instead of JSON
    Then the answer is 415 with the error unsupported_media_type

  Scenario: A fault in the service tells nothing about its cause
    Given a fault in the service
    When I ask for /api/healthz
    Then the answer is 500 with the error internal_error
    And nothing in the answer says "swordfish" or "runtimeerror" or "traceback"
    But the log says "swordfish"
