Feature: Magic links
  A link by mail signs its reader in, once, within a quarter of an hour. A new address gets a new account.

  Scenario: From the mail to the profile
    Given Dancer has an account with the address ann@example.org
    When I ask for a magic link for ann@example.org
    Then the answer is 200
    And a mail with a link goes to ann@example.org
    When I take the link from the mail
    And I follow the link
    And I take the token
    And I read my profile
    Then I am told who I am: Dancer

  Scenario: A token like that of any sign-in
    Given a magic link was sent to ann@example.org
    When I follow the link
    Then a token is given for 86400 seconds
    And the header Cache-Control says "no-store"

  Scenario: It works once
    Given a magic link was sent to ann@example.org
    When I follow the link
    Then the answer is 200
    When I follow the link
    Then the answer is 401 with the error invalid_token

  Scenario: It works once, even for many at once
    Given a magic link was sent to ann@example.org
    When I follow the link 12 times at once
    Then 1 of the answers signs in
    And there is 1 user with the address ann@example.org

  Scenario: It works for a quarter of an hour
    Given a magic link was sent to ann@example.org
    When 14 minutes pass
    And I follow the link
    Then the answer is 200

  Scenario: It does not work for longer
    Given a magic link was sent to ann@example.org
    When 15 minutes pass
    And I follow the link
    Then the answer is 401 with the error invalid_token

  Scenario: Unknown and used links are answered alike
    Given a magic link was sent to ann@example.org
    When I follow the link
    And I follow the link
    And I follow a link that nobody sent
    Then both answers are the same
    And the answer is 401 with the error invalid_token

  Scenario: Without a token
    When I follow a link without a token
    Then the answer is 400 with the error validation_failed
    And the details name token

  Scenario: With an empty token
    When I follow a link with an empty token
    Then the answer is 400 with the error validation_failed
    And the details name token

  Scenario: Asking tells nothing about the account
    Given Dancer has an account with the address ann@example.org
    When I ask for a magic link for ann@example.org
    And I ask for a magic link for stranger@example.org
    Then both answers are the same
    And the answer is 200
    And 2 mails were sent

  Scenario Outline: An address that is <kind> is answered like any other
    When I ask for a magic link for ann@example.org
    And I ask for a magic link for an address that is <kind>
    Then both answers are the same
    And 1 mails were sent

    Examples:
      | kind      |
      | empty     |
      | left out  |
      | none      |
      | very long |

  Scenario: A closed account is answered like any other, and gets no link
    Given Leaver has a deleted account with the address ann@example.org
    When I ask for a magic link for ann@example.org
    Then a mail without a link goes to ann@example.org
    When I ask for a magic link for stranger@example.org
    Then both answers are the same

  Scenario: An account that was closed in between
    Given Dancer has an account with the address ann@example.org
    And a magic link was sent to ann@example.org
    When Dancer is deactivated
    And I follow the link
    Then the answer is 401 with the error invalid_token

  Scenario: A new address is signed up on first use
    Given a magic link was sent to new@example.org
    Then nobody has the address new@example.org
    When I follow the link
    Then the answer is 200
    And somebody new has the address new@example.org

  Scenario: The second link leads to the same account
    Given a magic link was sent to new@example.org
    When I follow the link
    And I ask for a magic link for NEW@Example.org
    And I take the link from the mail
    And I follow the link
    And I take the token
    And I read my profile
    Then I am the one with the address new@example.org
    And there is 1 user with the address new@example.org

  Scenario: A mail program that looks at the link does not use it up
    Given a magic link was sent to ann@example.org
    When my mail program looks at the link by HEAD
    Then the answer is 405
    When I follow the link
    Then the answer is 200

  Scenario: Only a hash is stored
    Given a magic link was sent to ann@example.org
    Then the token of the link is nowhere in the database

  Scenario: No mailbox is flooded, and it is not told
    When I ask 6 times for a magic link for ann@example.org
    Then both answers are the same
    And 5 mails were sent

  Scenario: A body that is not JSON
    When I send to /api/v1/auth/magic-link/request the text
      """
      {"email":
      """
    Then the answer is 400 with the error parse_error

  Scenario: An address that is no text
    When I send to /api/v1/auth/magic-link/request the text
      """
      {"email": 7}
      """
    Then the answer is 400 with the error validation_failed
    And the details name email
