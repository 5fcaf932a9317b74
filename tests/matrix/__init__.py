"""Every route × every kind of principal × every kind of case: the right answer, and nothing of what is not theirs."""
