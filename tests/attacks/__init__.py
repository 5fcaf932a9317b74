"""The attacks that systems close to this one have met, each as a test: the number is the row in docs/security/attacks.md."""
