"""What a person reads in a mail: a few lines, one button and who wrote, as plain text and as simple HTML.

Everything is escaped, nothing is fetched from anywhere, and the address behind the button is also there to read: a person should
see where a link leads before following it.
"""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

from meetings.imip import MailText


class Button(NamedTuple):
    """The one thing a mail asks for."""

    label: str
    address: str


_PAGE = """<!doctype html>
<html lang="sv">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{subject}</title>
</head>
<body style="margin:0;padding:24px 16px;font-family:'Segoe UI',Arial,sans-serif;font-size:16px;line-height:1.5">
<div style="max-width:34em">
{lines}
{button}
<p style="margin:24px 0 0;color:#5a6472">{signature}</p>
</div>
</body>
</html>
"""
_LINE = '<p style="margin:0 0 8px">{}</p>'
_BUTTON = (
    '<p style="margin:24px 0 8px"><a href="{address}" style="display:inline-block;padding:10px 20px;border-radius:6px;'
    'background:#1c4f82;color:#ffffff;text-decoration:none;font-weight:600">{label}</a></p>\n'
    '<p style="margin:0;font-size:14px;color:#5a6472;overflow-wrap:anywhere">{address}</p>'
)


def mail_text(subject: str, lines: Sequence[str], *, button: Button | None = None, signature: str = "") -> MailText:
    """Return the text in both forms. `signature` is who the recipient knows the sender as."""
    foot = f"Hälsningar\n{signature}" if signature else "Hälsningar"
    asked = [f"{button.label}:\n{button.address}"] if button else []
    plain = "\n\n".join(["\n".join(lines), *asked, foot])
    html = _PAGE.format(
        subject=escape(subject),
        lines="\n".join(_LINE.format(_several_lines(line)) for line in lines),
        button=_BUTTON.format(label=escape(button.label), address=escape(button.address)) if button else "",
        signature=_several_lines(foot),
    )
    return MailText(subject, f"{plain}\n", html)


def _several_lines(text: str) -> str:
    return "<br>".join(escape(line) for line in text.splitlines())
