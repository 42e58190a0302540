Feature: Which version runs

  Scenario Outline: The version as text: <path>
    When I ask for <path>
    Then the answer is 200
    And the text is the version of the service

    Examples:
      | path                      |
      | /api/version              |
      | /api/version?format=plain |
      | /api/version?format=short |

  Scenario: All facts as lines
    Given this is the build "abc1234" of 2026-05-01
    When I ask for /api/version?format=full
    Then the answer is 200
    And the header Content-Type says "text/plain; charset=utf-8"
    And a line says "commit: abc1234"
    And a line says "build date: 2026-05-01"

  Scenario: All facts as JSON
    Given this is the build "abc1234" of 2026-05-01
    When I ask for /api/version?format=json
    Then the answer is 200
    And the answer has the fields version, commit, build_date, python_version, django_version
    And the field version is the version of the service
    And the field commit is "abc1234"

  Scenario: A format that is not known
    When I ask for /api/version?format=xml
    Then the answer is 400 with the error validation_failed
    And the details name format
