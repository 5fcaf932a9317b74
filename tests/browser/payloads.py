"""Texts that would run a script somewhere, were they ever taken for markup: by kind, each with the trap in it.

Those that follow no pattern stand in payloads.txt, one JSON string a line: some of them hold line breaks and letters that cannot be seen.
"""

import json
from pathlib import Path

TAGS = (
    "script",
    "img",
    "svg",
    "iframe",
    "object",
    "embed",
    "video",
    "audio",
    "body",
    "details",
    "math",
    "form",
    "input",
    "a",
    "link",
    "base",
)
EVENTS = (
    "onload",
    "onerror",
    "onclick",
    "onmouseover",
    "onfocus",
    "onblur",
    "onanimationstart",
    "ontoggle",
    "onpointerenter",
    "onbegin",
    "onrepeat",
    "onend",
    "onscroll",
    "onwheel",
    "oninput",
    "onsubmit",
    "onhashchange",
    "onpageshow",
    "onbeforeprint",
    "onafterprint",
)
HTMX = (
    'hx-on:load="trap()"',
    'hx-on::load="trap()"',
    'hx-get="/?x=trap" hx-trigger="load"',
    'hx-post="/sign-out" hx-trigger="load"',
    'hx-vals="js:{a:trap()}"',
    'hx-trigger="load[trap()]"',
    'hx-boost="true"',
    'hx-swap-oob="true"',
    'hx-config="trap()"',
    'data-hx-on:load="trap()"',
)
SCHEMES = (
    "javascript:trap()",
    "JaVaScRiPt:trap()",
    "java\tscript:trap()",
    " javascript:trap()",
    "javascript&colon;trap()",
    "data:text/html,<script>trap()</script>",
    "vbscript:trap()",
    "javascript://%0atrap()",
    "data:image/svg+xml,<svg onload=trap()>",
    "blob:trap()",
)
BREAKOUTS = (
    '"',
    "'",
    "`",
    '">',
    "'>",
    "</textarea>",
    "</title>",
    "</style>",
    "</script>",
    "-->",
    "]]>",
    "</option></select>",
    "</template>",
    '\\">',
    "%22%3E",
)
WHOLE = tuple(
    json.loads(line) for line in Path(__file__).with_name("payloads.txt").read_text(encoding="ascii").splitlines()
)
BY_TAG = tuple(f"<{tag} src=x href=x data=x onload=trap() onerror=trap()>x</{tag}>" for tag in TAGS)
BY_EVENT = tuple(f"<img src=x {event}=trap()>" for event in EVENTS) + tuple(
    f'" {event}="trap()" x="' for event in EVENTS
)
BY_HTMX = tuple(f"<div {attribute}>x</div>" for attribute in HTMX) + tuple(f'" {attribute} x="' for attribute in HTMX)
BY_SCHEME = tuple(f'<a href="{scheme}">x</a>' for scheme in SCHEMES) + SCHEMES
BY_BREAKOUT = tuple(f"{out}<img src=x onerror=trap()>" for out in BREAKOUTS) + tuple(
    f"{out}<svg onload=trap()>" for out in BREAKOUTS
)
PAYLOADS = tuple(dict.fromkeys((*WHOLE, *BY_TAG, *BY_EVENT, *BY_HTMX, *BY_SCHEME, *BY_BREAKOUT)))
