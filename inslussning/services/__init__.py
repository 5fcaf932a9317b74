"""Use cases: one function for each thing a person does. They know nothing of HTTP or HTML and never commit."""
