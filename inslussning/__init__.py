"""Inslussning: coordinates the multi-agency group around a person about to be released from prison."""
