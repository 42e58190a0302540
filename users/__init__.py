"""Accounts: who dances, how they sign in, and what they say about themselves."""
