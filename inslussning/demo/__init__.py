"""The demo office: a made-up probation office in the middle of its work, placed around today's date.

Everything is made through the same use cases as a person would, so the demo cannot show what the product cannot do.
All people, places and cases are invented.
"""

from inslussning.demo.story import is_told, tell

__all__ = ["is_told", "tell"]
