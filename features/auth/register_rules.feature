Feature: Rules of names and passwords
  A refused registration says which field to mend, and leaves nothing behind.

  Scenario Outline: Names that are refused: <why>
    When I register as "<name>" with a good password
    Then the answer is 400 with the error validation_failed
    And the details name username

    Examples:
      | why            | name       |
      | too short      | ab         |
      | too long       | 51 letters |
      | a space        | a dancer   |
      | another script | tänzer     |

  Scenario Outline: Names at the limit: <name>
    When I register as "<name>" with a good password
    Then the answer is 201

    Examples:
      | name       |
      | abc        |
      | 50 letters |

  Scenario Outline: Weak passwords: <why>
    When I register as "Dancer77" with the password "<password>"
    Then the answer is 400 with the error validation_failed
    And the details name password
    And there is no account of Dancer77

    Examples:
      | why                | password    |
      | too short          | k9!x        |
      | too common         | password1   |
      | too like the name  | dancer77    |

  Scenario: A field is missing
    When I register without a password
    Then the answer is 400 with the error validation_failed
    And the details name password
