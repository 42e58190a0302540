@browser
Feature: Users in the admin panel

  Background:
    Given Chief is signed in to the panel
    And there are the users Ann, Bob, Cleo
    When the page of the users is opened

  Scenario: Everybody is listed
    Then the list shows Ann, Bob, Chief, Cleo

  Scenario: Searching by name
    When "bob" is searched for
    Then the list shows Bob

  Scenario: Searching by what they say about themselves
    When "ann dances" is searched for
    Then the list shows Ann

  Scenario: Filtering
    When the list is filtered by "staff": "Yes"
    Then the list shows Chief

  Scenario: Deactivating and restoring
    When the action "Deactivate selected users" is done to Ann, Bob
    Then the panel says "2 users deactivated."
    And Ann is deactivated in the database
    When the action "Restore selected users" is done to Ann
    Then the panel says "1 user restored."
    And Ann is open in the database
    And Bob is deactivated in the database

  Scenario: Allowing a password reset
    When the action "Allow a password reset for selected users" is done to Ann
    Then the panel says "1 user may reset the password for an hour."
    And Ann is flagged in the database

  Scenario: Deleting softly
    When the action "Delete selected users" is done to Ann
    And it is confirmed
    Then the panel says "Successfully deleted 1 user."
    And Ann is deleted in the database
    And the list shows Ann, Bob, Chief, Cleo
    When the list is filtered by "deleted at": "Not empty"
    Then the list shows Ann

  Scenario: Changing one
    When the user Ann gets the dance goal "A clean ocho"
    Then the panel says "was changed successfully"
    And Ann has the dance goal "A clean ocho"

  Scenario: Adding one
    When the user Dora is added
    Then the panel says "was added successfully"
    And Dora is open in the database

  Scenario: Adding a group
    When the group Teachers is added
    Then the panel says "was added successfully"
    And the list shows Teachers
