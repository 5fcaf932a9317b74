"""Pure rules of the practice: who may see what, what is missing before a release, how people write dates."""
