@browser
Feature: Secrets of tokens in the admin panel

  Background:
    Given Chief is signed in to the panel
    And two secrets, one of them retired
    When the page of the secrets is opened

  Scenario: Fingerprints only
    Then each secret is listed by its fingerprint alone
    And there is no button "Add JWT secret"

  Scenario: Filtering
    When the list is filtered by "primary": "Yes"
    Then the panel says "1 JWT secret"

  Scenario: Rotating
    When the former secret gets the action "Rotate: let a new secret sign, whichever are selected"
    Then the panel says "signs from now on."
    And another secret is the primary
    And the panel says "3 JWT secrets"

  Scenario: Expiring
    When the former secret gets the action "Expire selected secrets, but the primary"
    Then the panel says "Secrets expired: 1."
    And the former secret is gone from the list
