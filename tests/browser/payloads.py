"""Texts that would run a script somewhere, were they ever taken for markup: by kind, each with the trap in it."""

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
    "onload", "onerror", "onclick", "onmouseover", "onfocus", "onblur", "onanimationstart", "ontoggle", "onpointerenter", "onbegin",
    "onrepeat", "onend", "onscroll", "onwheel", "oninput", "onsubmit", "onhashchange", "onpageshow", "onbeforeprint", "onafterprint",
)  # fmt: skip
HTMX = (
    'hx-on:load="trap()"', 'hx-on::load="trap()"', 'hx-get="/?x=trap" hx-trigger="load"', 'hx-post="/sign-out" hx-trigger="load"',
    'hx-vals="js:{a:trap()}"', 'hx-trigger="load[trap()]"', 'hx-boost="true"', 'hx-swap-oob="true"', 'hx-config="trap()"',
    'data-hx-on:load="trap()"',
)  # fmt: skip
SCHEMES = (
    "javascript:trap()", "JaVaScRiPt:trap()", "java\tscript:trap()", " javascript:trap()", "javascript&colon;trap()", "data:text/html,<script>trap()</script>",
    "vbscript:trap()", "javascript://%0atrap()", "data:image/svg+xml,<svg onload=trap()>", "blob:trap()",
)  # fmt: skip
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
WHOLE = (
    "<script>trap()</script>", "<ScRiPt>trap()</sCrIpT>", "<script src=//127.0.0.1:9/x></script>", "<script/x>trap()</script>", "<<script>trap()//<</script>",
    "<svg><script>trap()</script></svg>", "<svg><animate onbegin=trap() attributeName=x dur=1s>", "<svg><set onbegin=trap()>", "<svg><use href=data:image/svg+xml,x#y></svg>",
    "<svg><a xlink:href=javascript:trap()><text>x</text></a></svg>", "<math><mtext></form><form><mglyph><style></math><img src onerror=trap()>",
    "<math><annotation-xml encoding=text/html><script>trap()</script>", "<noscript><p title=\"</noscript><img src=x onerror=trap()>\">",
    "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror=trap() src>\">", "<template><script>trap()</script></template>",
    "<iframe srcdoc='<script>parent.trap()</script>'></iframe>", "<object data=javascript:trap()>", "<embed src=javascript:trap()>", "<base href=//127.0.0.1:9/>",
    "<meta http-equiv=refresh content='0;url=javascript:trap()'>", "<link rel=stylesheet href=//127.0.0.1:9/x.css>", "<style>@import '//127.0.0.1:9/x';</style>",
    "<style>*{background:url(javascript:trap())}</style>", "<div style=background:url(javascript:trap())>", "<input autofocus onfocus=trap()>", "<details open ontoggle=trap()>",
    "<marquee onstart=trap()>", "<video><source onerror=trap()>", "<audio src onerror=trap()>", "<body onpageshow=trap()>", "<a href=javascript:trap()>x</a>",
    "<form action=javascript:trap()><button>x</button></form>", "<button formaction=javascript:trap()>x</button>", "<isindex action=javascript:trap() type=image>",
    "&lt;script&gt;trap()&lt;/script&gt;", "&#60;script&#62;trap()&#60;/script&#62;", "&amp;lt;script&amp;gt;trap()", "\\u003cscript\\u003etrap()\\u003c/script\\u003e",
    "\\x3cscript\\x3etrap()", "%3Cscript%3Etrap()%3C/script%3E", "＜script＞trap()＜/script＞", "+ADw-script+AD4-trap()+ADw-/script+AD4-", "<scr\u00adipt>trap()</script>",
    "<img src=x onerror\u00a0=trap()>", "<img\x0bsrc=x\x0bonerror=trap()>", "<img/src=x/onerror=trap()>", "<!--><script>trap()</script>-->", "<![CDATA[<script>trap()</script>]]>",
    "<?xml version='1.0'?><script>trap()</script>", "[x](javascript:trap())", "![x](x\"onerror=\"trap())", "<javascript:trap()>", "**<script>trap()</script>**", "```<script>trap()</script>```",
    "{{constructor.constructor('trap()')()}}", "{% raw %}<script>trap()</script>", "${trap()}", "#{trap()}", "<%= trap() %>", "{{7*7}}<script>trap()</script>", "@{trap()}",
    "DESCRIPTION:x\r\nX-ALT-DESC;FMTTYPE=text/html:<script>trap()</script>", "ATTACH:javascript:trap()", "URL:javascript:trap()", "END:VEVENT\r\nBEGIN:VEVENT",
    "\u202e>tpircs/<)(part>tpircs<", "<script>trap()</script>" + "\u0301" * 30, "👩‍👧<script>trap()</script>", "a" * 60 + "<script>trap()</script>", "\ufeff<script>trap()</script>",
    "';trap();//", "\";trap();//", "</script><script>trap()</script>", "-trap()-", "');trap();('", "\\';trap();//", "x' onclick='trap()", "x\" autofocus onfocus=\"trap()",
)  # fmt: skip
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
