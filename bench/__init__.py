"""Measures the pages against their own floor: the same template with constant rows and no database, on the same machine in the same run."""
