"""The web: routes read a form, call one use case and render one template. No SQL, no rules."""
