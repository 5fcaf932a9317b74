"""Who may do what, written down a second time and independently of the code's own guards.

A route needs something of whoever asks and is about something; a principal has something and may see something. The expected answer
follows from these tables alone. A route that is not here fails the matrix: nobody has said who may use it.
"""

from dataclasses import dataclass

from tests.matrix.kits import Thing

ALL, SHARE = "all", "share"
TAKES_PART = frozenset({"follow", "read", "meet", "plans"})
STAFF = TAKES_PART | {"schedules", "coordinate", "open"}
HAS: dict[str, frozenset[str]] = {
    "coordinator": STAFF | {"set up", "import", "results", "dispose"},
    "coordinator, named": STAFF | {"set up", "import", "results", "dispose"},
    "colleague of another office": STAFF | {"set up", "import", "results", "dispose"},
    "foreign, named": STAFF | {"set up", "import", "results", "dispose"},
    "inspector, owner": STAFF,
    "colleague": STAFF,
    "excluded colleague": STAFF,
    "nödöppning active": STAFF,
    "nödöppning over": STAFF,
    "partner in the case": TAKES_PART,
    "partner invited to one meeting": TAKES_PART,
    "partner whose function left": TAKES_PART,
    "partner of another case": TAKES_PART,
    "prison's case worker": TAKES_PART | {"schedules"},
    "lay supervisor": frozenset({"follow", "read", "schedules"}),
    "manager": frozenset({"results", "read", "plans", "open"}),
    "manager with a reason": frozenset({"results", "read", "plans", "open"}),
    "reviewer": frozenset({"review"}),
    "administrator": frozenset({"set up", "dispose"}),
}
NOT_SIGNED_IN = frozenset({"anonymous", "client", "disabled", "session ended"})

OWN, SAME, FOREIGN, SEALED, PROTECTED, CLOSED = (
    Thing.OWN,
    Thing.SAME_OFFICE,
    Thing.FOREIGN,
    Thing.SEALED,
    Thing.PROTECTED,
    Thing.CLOSED,
)
SEES: dict[str, dict[Thing, str]] = {
    "coordinator": {OWN: ALL, SAME: ALL, CLOSED: ALL},
    "coordinator, named": {OWN: ALL, SAME: ALL, SEALED: ALL, PROTECTED: ALL, CLOSED: ALL},
    "colleague of another office": {FOREIGN: ALL},
    "foreign, named": {FOREIGN: ALL},
    "inspector, owner": {OWN: ALL, SAME: ALL, SEALED: ALL, PROTECTED: ALL, CLOSED: ALL},
    "colleague": {OWN: ALL, SAME: ALL, CLOSED: ALL},
    "excluded colleague": {SAME: ALL, CLOSED: ALL},
    "nödöppning active": {OWN: ALL, SAME: ALL, SEALED: ALL, CLOSED: ALL},
    "nödöppning over": {OWN: ALL, SAME: ALL, CLOSED: ALL},
    "prison's case worker": {OWN: ALL, SAME: ALL},
    "manager with a reason": {OWN: ALL},
    "partner in the case": {OWN: SHARE},
    "partner of another case": {SAME: SHARE},
    "lay supervisor": {OWN: SHARE, SAME: SHARE},
    "client": {OWN: SHARE},
    "reviewer": dict.fromkeys((OWN, SAME, SEALED, PROTECTED, CLOSED), SHARE),
}
ALSO: dict[str, frozenset[tuple[str, str]]] = {
    "reviewer": frozenset(
        {("cases", "code"), *(("break_glass", name) for name in ("reason", "reason_kind", "purpose", "review_note"))}
    ),
}
"""Columns that a share opens in every row: the reviewer sees which case was opened beyond the rule, and why, and nothing in it."""
"""What is not here is not theirs. A partner without consent (same office), with a sealed, protected or closed case: nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a route needs and is about.

    about: "" nothing of any case · "house" a row of the office · "case" a case or a part of it · "link" what the signed link opens.
    `row`: the part of the case it is about, for those who see a share. `ids`: what stands for the names in the path, and, after a
    question mark, in the query. `whose`: the object is named in the body or the query, so that a refusal may also be an error by the field.
    """

    needs: str
    about: str = ""
    row: str = ""
    ids: tuple[tuple[str, str], ...] = ()
    more: tuple[tuple[str, str], ...] = ()  # a second set of ids
    whose: bool = False
    loose: bool = False  # what it is about may be in a state in which there is nothing to show


def _ids(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.split("=", 1) for pair in text.split())
    return tuple((name, value) for name, value in pairs)


def _rule(line: str) -> tuple[str, Rule]:
    """Read a line: METHOD PATH | needs | about [row] [in the body] | ids | other ids."""
    route, needs, about, *ids = (part.strip() for part in line.split("|"))
    whose, loose = about.endswith(" in the body"), "loose" in about.split()
    words = about.removesuffix(" in the body").replace("loose", "").strip(" -").split(" ", 1)
    return route, Rule(
        needs,
        words[0],
        words[1].strip() if len(words) > 1 else "",
        _ids(ids[0]) if ids else (),
        _ids(ids[1]) if len(ids) > 1 else (),
        whose,
        loose,
    )


_TABLE = """
GET / | signing in | -
GET /slots | coordinate | -
GET /slots/new | coordinate | -
POST /slots/new | coordinate | -
POST /slots/new/preview | coordinate | -
GET /slots/{key} | coordinate | house | key=slot
POST /slots/{key}/actors | coordinate | house | key=slot
GET /slots/{key}/actors/{actor}/remove | coordinate | house | key=slot actor=slot_actor
POST /slots/{key}/actors/{actor}/remove | coordinate | house | key=slot actor=slot_actor
GET /slots/{key}/edit | coordinate | house | key=slot
POST /slots/{key}/edit | coordinate | house | key=slot
GET /slots/{key}/end | coordinate | house | key=slot
POST /slots/{key}/end | coordinate | house | key=slot
GET /meetings | coordinate | - | | ?when=past
POST /meetings/day | coordinate | case in the body | ?case=case
GET /meetings/new | coordinate | case in the body | ?case=case
POST /meetings/new | coordinate | case in the body | ?case=case
GET /meetings/{key}/move | coordinate | case | key=video
POST /meetings/{key}/move | coordinate | case | key=video
GET /meetings/{key}/cancel | coordinate | case | key=video
POST /meetings/{key}/cancel | coordinate | case | key=video
GET /meetings/{key} | coordinate | case | key=video | key=video_held
POST /meetings/{key}/items/{item} | coordinate | case | key=video item=video_item | key=weekly item=weekly_item
POST /meetings/{key}/items/{item}/actions | coordinate | case | key=video item=video_item | key=weekly item=weekly_item
POST /meetings/{key}/items/{item}/follow-up | coordinate | case | key=video item=video_item | key=weekly item=weekly_item
GET /meetings/{key}/agenda | coordinate | case | key=video
POST /meetings/{key}/agenda | coordinate | case | key=video
POST /meetings/{key}/agenda/proposal | coordinate | case | key=video
POST /meetings/{key}/agenda/items | coordinate | case | key=video
POST /meetings/{key}/agenda/cases | coordinate | case | key=video
POST /meetings/{key}/agenda/items/{item}/move | coordinate | case | key=video item=video_item | key=weekly item=weekly_item
POST /meetings/{key}/agenda/items/{item}/remove | coordinate | case | key=video item=video_item | key=weekly item=weekly_item
POST /meetings/{key}/attendance | coordinate | case | key=video
POST /meetings/{key}/remind | coordinate | case | key=video
POST /meetings/{key}/answers | coordinate | case | key=video
GET /meetings/{key}/finalise | coordinate | case | key=video
POST /meetings/{key}/finalise | coordinate | case | key=video
POST /meetings/{key}/reopen | coordinate | case | key=video_held
GET /meetings/{key}/versions/{number} | coordinate | case | key=video_held number==1
GET /extract/{token} | nothing | link | token=extract
GET /cases | coordinate | - | | ?show=closed
GET /cases/new | coordinate | -
POST /cases/new | coordinate | -
GET /cases/{key}/edit | coordinate | case | key=case
POST /cases/{key}/edit | coordinate | case | key=case
GET /cases/{key} | coordinate | case case | key=case
POST /cases/{key}/actors | coordinate | case | key=case
POST /cases/{key}/actors/{actor}/leave | coordinate | case | key=case actor=member
POST /cases/{key}/needs | coordinate | case | key=case
GET /needs/{key} | coordinate | case | key=need
POST /needs/{key} | coordinate | case | key=need
POST /needs/{key}/meet | coordinate | case | key=need
POST /needs/{key}/reopen | coordinate | case | key=need
GET /appointments/new | coordinate | case in the body | ?case=case
POST /appointments/new | coordinate | case in the body | ?case=case
POST /appointments/check | coordinate | case in the body | ?case=case
GET /appointments/{key}/edit | coordinate | case | key=appointment_employment
POST /appointments/{key}/edit | coordinate | case | key=appointment_employment
GET /appointments/{key}/cancel | coordinate | case | key=appointment_employment
POST /appointments/{key}/cancel | coordinate | case | key=appointment_employment
POST /appointments/{key}/attendance | coordinate | case | key=appointment_employment
GET /schedules | coordinate | -
GET /schedules/{case_key} | coordinate | case | case_key=case
POST /schedules/{case_key}/hand-over | coordinate | case | case_key=case
GET /schedules/{case_key}/client | coordinate | case | case_key=case
GET /schedules/{case_key}/versions/{number} | coordinate | case | case_key=case number==1
GET /schedules/{case_key}/pdf | coordinate | case | case_key=case
GET /schedules/{case_key}/ics | coordinate | case | case_key=case
GET /actions | follow | - | | ?scope=all
GET /actions/new | coordinate | case in the body | ?case=case
POST /actions/new | coordinate | case in the body
GET /actions/{key} | follow | case action social | key=action_social | key=action_employment
POST /actions/{key}/state | follow | case action social | key=action_social | key=action_employment
POST /actions/{key}/reschedule | coordinate | case | key=action_social
GET /actors | coordinate | -
GET /actors/new | coordinate | -
POST /actors/new | coordinate | -
GET /actors/{key} | coordinate | house | key=actor
POST /actors/{key}/staffing | coordinate | house | key=actor
POST /actors/{key}/staffing/{staffing}/end | coordinate | house | key=lead staffing=staffing
GET /actors/{key}/edit | coordinate | house | key=actor
POST /actors/{key}/edit | coordinate | house | key=actor
POST /actors/{key}/close | coordinate | house | key=actor
GET /outbox | coordinate | -
GET /outbox/{key} | coordinate | case loose | key=outbox
GET /outbox/{key}/message.eml | coordinate | case loose | key=outbox
POST /outbox/{key}/retry | coordinate | case loose | key=outbox
GET /settings | set up | -
GET /settings/office | set up | -
POST /settings/office | set up | -
GET /settings/mail | set up | -
POST /settings/mail | set up | -
POST /settings/mail/test | set up | -
GET /settings/needs | set up | -
POST /settings/needs | set up | -
GET /settings/needs/{key} | set up | house | key=area
POST /settings/needs/{key} | set up | house | key=area
POST /settings/needs/{key}/move | set up | house | key=area
POST /settings/needs/{key}/close | set up | house | key=area
POST /settings/needs/{key}/reopen | set up | house | key=area
GET /settings/agendas/{kind} | set up | - | kind==weekly
POST /settings/agendas/{kind} | set up | - | kind==weekly
GET /settings/rules | set up | -
GET /settings/rules/{key} | set up | - | key==link_valid_days
POST /settings/rules/{key} | set up | - | key==link_valid_days
POST /settings/rules/{key}/{row}/withdraw | set up | absent | key==link_valid_days row=case
GET /settings/colleagues | set up | -
GET /settings/colleagues/new | set up | -
POST /settings/colleagues/new | set up | house in the body
POST /settings/colleagues/{key}/stop | set up | house | key=user
POST /settings/colleagues/{key}/let-in | set up | house | key=user
GET /settings/import | import | -
POST /settings/import | import | -
GET /search | follow | -
POST /search | follow | -
GET /answer/{token} | nothing | link | token=answer
POST /answer/{token} | nothing | link | token=answer
GET /answer/{token}/meeting.ics | nothing | link | token=answer
GET /setup | nothing | absent
POST /setup | nothing | absent
GET /sign-in | nothing | -
POST /sign-in | nothing | -
POST /sign-out | signing in | -
POST /sign-out-everywhere | signing in | -
GET /account | signing in | -
POST /account/preferences | signing in | -
POST /account/password | signing in | -
GET /livez | nothing | -
GET /settings/opening-reasons | set up | -
POST /settings/opening-reasons | set up | -
POST /actors/{key}/people/{person}/protect | coordinate | house | key=lead person=person
POST /results/open | results | loose
GET /cases/{key}/register | coordinate | case | key=case
GET /cases/{key}/register/data | coordinate | case | key=case
GET /cases/{key}/register/paper | coordinate | case | key=case
GET /settings/colleagues/{key}/role | set up | house | key=user
POST /settings/colleagues/{key}/role | set up | house | key=user
GET /join/{token} | nothing | loose | token==made-up
POST /join/{token} | nothing | loose | token==made-up
GET /settings/colleagues/{key} | set up | house | key=user
GET /settings/second-factor | set up | -
POST /settings/second-factor | set up | -
GET /sign-in/agency/return | nothing | loose
POST /sign-in/agency | nothing | loose
POST /account/confirm/agency | signing in | loose
POST /settings/colleagues/{key}/identity | set up | house | key=user
POST /settings/colleagues/{key}/identity/remove | set up | house | key=user
POST /settings/colleagues/{key}/new-password | set up | house | key=user
POST /settings/colleagues/{key}/reset-factor | set up | house | key=user
POST /settings/colleagues/{key}/sign-out | set up | house | key=user
POST /extract/{token}/actions/{key} | nothing | link | token=extract key=action_social
POST /cases/{key}/actors/{actor}/finish | coordinate | case | key=case actor=member
GET /cases/{key}/people | coordinate | case | key=case
POST /cases/{key}/people | coordinate | case | key=case
POST /cases/{key}/people/{person}/remove | coordinate | case loose | key=case person=placed
POST /cases/{key}/people/seal | coordinate | case | key=case
POST /cases/{key}/people/unseal | coordinate | case loose | key=case
POST /cases/{key}/people/protection | coordinate | case | key=case
GET /cases/{key}/release/schedule/{document} | coordinate | case loose | key=case document==paper
POST /cases/{key}/release/schedule/{document} | coordinate | case loose | key=case document==paper | key=case document==calendar
GET /cases/{key}/release/mail/{invitation} | coordinate | case loose | key=case invitation=invitation
POST /cases/{key}/release/mail/{invitation} | coordinate | case loose | key=case invitation=invitation
GET /cases/{key}/client | coordinate | case | key=case
POST /cases/{key}/client | coordinate | case | key=case
GET /openings | open | -
POST /openings | open | -
GET /openings/asked/{key} | open | absent | key=question
POST /openings/asked/{key} | open | absent | key=question
POST /openings/{key}/end | open | loose | key=opening
GET /openings/review | review | - | | ?done=1
GET /openings/review/{key} | review | house | key=opening
POST /openings/review/{key} | review | house | key=opening
GET /cases/{key}/consents/new | coordinate | case | key=case
POST /cases/{key}/consents/new | coordinate | case | key=case
GET /cases/{key}/consents/{actor}/revoke | coordinate | case | key=case actor=member
POST /cases/{key}/consents/{actor}/revoke | coordinate | case | key=case actor=member
GET /consents/{key}/receipt | coordinate | case loose | key=consent
GET /cases/{key}/questions/new | coordinate | case | key=case
POST /cases/{key}/questions/new | coordinate | case | key=case
POST /ask-again/{key}/done | coordinate | case | key=again
GET /cases/{key}/disclosures/new | coordinate | case | key=case
POST /cases/{key}/disclosures/new | coordinate | case | key=case
POST /disclosures/{key}/end | coordinate | case | key=decision
GET /my | nothing | -
POST /my | nothing | -
GET /my/schedule | client | -
POST /my/leave | client | -
POST /schedules/{case_key}/code | coordinate | case | case_key=case
POST /schedules/{case_key}/end-access | coordinate | case | case_key=case
GET /shared/meetings | meet | -
GET /shared/meetings/{key} | meet | case loose video | key=video
POST /shared/meetings/{key}/answer | meet | case loose video | key=video
GET /shared/cases | read | -
GET /shared/cases/{key} | plans | case case | key=case
GET /shared/cases/{key}/schedule | schedules | case case | key=case
GET /shared/cases/{key}/schedule/client | schedules | case case | key=case
GET /actors/{key}/close | coordinate | house | key=actor
GET /actors/{key}/handover | coordinate | house | key=lead
POST /actors/{key}/handover | coordinate | house | key=lead
POST /actors/{key}/handover/{change}/undo | coordinate | absent | key=lead change=case
GET /organisations | coordinate | -
GET /organisations/{key} | coordinate | house | key=organisation
GET /organisations/{key}/edit | coordinate | house | key=organisation
POST /organisations/{key}/edit | coordinate | house | key=organisation
GET /disposal | dispose | -
GET /disposal/rules | dispose | -
POST /disposal/rules | dispose | -
POST /disposal/rules/{key}/withdraw | dispose | absent | key=case
GET /disposal/receipts/{key} | dispose | absent | key=case
GET /disposal/{case_key}/{part} | dispose | absent | case_key=case part==case
POST /disposal/{case_key}/{part} | dispose | absent | case_key=case part==case
GET /settings/sharing | set up | -
POST /settings/sharing/text | set up | -
POST /settings/bases | set up | -
GET /settings/bases/{key} | set up | house | key=basis
POST /settings/bases/{key} | set up | house | key=basis
POST /settings/bases/{key}/end | set up | house | key=basis
GET /settings/colleagues/invite | set up | -
POST /settings/colleagues/invite | set up | house in the body
POST /settings/colleagues/invitations/{key}/withdraw | set up | absent | key=case
GET /results | results | -
GET /sign-in/second | nothing | -
POST /sign-in/second | nothing | -
POST /sign-in/passkey/options | nothing | -
POST /sign-in/passkey | nothing | -
POST /account/sessions/{key}/end | signing in | absent | key=case
POST /account/sessions/end-others | signing in | -
GET /account/second-factor | signing in | -
POST /account/second-factor/app | signing in | -
GET /account/second-factor/app | signing in | loose
POST /account/second-factor/app/confirm | signing in | loose
POST /account/second-factor/app/remove | signing in | loose
POST /account/second-factor/codes | signing in | loose
POST /account/passkeys/options | signing in | -
POST /account/passkeys | signing in | loose
POST /account/passkeys/{key}/remove | signing in | absent | key=case
GET /account/confirm | signing in | -
POST /account/confirm | signing in | -
GET /log | review | -
POST /log/find | review | -
GET /log/entries/{number} | review | loose | number==1
GET /log/samples | review | -
GET /log/samples/{week} | review | loose | week==2026-W47
POST /log/samples/{week}/draw | review | loose | week==2026-W47
POST /log/samples/{week}/{key} | review | absent | week==2026-W47 key=case
GET /readyz | nothing | -
"""
RULES: dict[str, Rule] = dict(_rule(line) for line in _TABLE.strip().splitlines())

BODIES: dict[str, tuple[tuple[str, str], ...]] = {
    "POST /actors/{key}/staffing/{staffing}/end": _ids("ends_on==2027-03-01"),
    "POST /appointments/{key}/attendance": _ids("attendance==came"),
    "POST /meetings/{key}/attendance": _ids("actor_id=member attendance==came"),
    "POST /meetings/{key}/agenda/items/{item}/remove": (),
    "POST /meetings/{key}/agenda/proposal": (),
    "POST /meetings/{key}/answers": _ids("invitation=invitation answer==accepted note==ja"),
    "POST /meetings/{key}/reopen": _ids("reason==fel"),
    "POST /needs/{key}/reopen": (),
    "POST /meetings/{key}/agenda/items/{item}/move": _ids("by==1"),
    "POST /account/confirm/agency": (),
    "POST /account/passkeys/options": (),
    "POST /account/passkeys/{key}/remove": (),
    "POST /account/second-factor/app/confirm": (),
    "POST /account/second-factor/app/remove": (),
    "POST /account/second-factor/codes": (),
    "POST /account/sessions/end-others": (),
    "POST /account/sessions/{key}/end": (),
    "POST /actors/{key}/handover/{change}/undo": (),
    "POST /actors/{key}/people/{person}/protect": (),
    "POST /cases/{key}/actors/{actor}/finish": (),
    "POST /disposal/rules/{key}/withdraw": (),
    "POST /disposal/{case_key}/{part}": (),
    "POST /join/{token}": (),
    "POST /log/find": (),
    "POST /log/samples/{week}/draw": (),
    "POST /log/samples/{week}/{key}": (),
    "POST /my/leave": (),
    "POST /openings/asked/{key}": (),
    "POST /openings/review/{key}": (),
    "POST /openings/{key}/end": (),
    "POST /results/open": (),
    "POST /schedules/{case_key}/end-access": (),
    "POST /settings/bases/{key}": (),
    "POST /settings/colleagues/invitations/{key}/withdraw": (),
    "POST /settings/colleagues/{key}/identity": (),
    "POST /settings/colleagues/{key}/identity/remove": (),
    "POST /settings/mail/test": (),
    "POST /shared/meetings/{key}/answer": (),
    "POST /sign-in/agency": (),
    "POST /sign-in/passkey": (),
    "POST /sign-in/passkey/options": (),
    "POST /sign-in/second": (),
    "POST /outbox/{key}/retry": (),
    "POST /settings/colleagues/{key}/let-in": (),
    "POST /settings/colleagues/{key}/stop": (),
    "POST /settings/needs/{key}/reopen": (),
    "POST /settings/rules/{key}/{row}/withdraw": (),
    "POST /setup": _ids("name==Kontor"),
    "POST /sign-in": _ids("email==samordnare@bjorkstad.example password==fel next==/"),
    "POST /settings/import": (),
}
"""What is posted where the world's pages happen to show no form, as the names of the case's parts; "==" is the text itself."""

TO_THE_FUNCTION = frozenset(
    {
        "POST /actors/{key}/edit",
        "POST /actors/{key}/staffing",
        "POST /actors/{key}/staffing/{staffing}/end",
        "POST /actors/{key}/handover",
    }
)
"""Where a function gets another mailbox or person. Its invitations follow, those of closed cases too, else whoever is invited would be
lost: mails leave for the function itself. Whoever makes the change is shown nothing of it, no text, no key, no count."""

OK, GONE, FORBIDDEN, SIGN_IN = "an answer", "not found", "not allowed", "to the sign-in page"
TO_THE_CODE = "to the page that asks for the client's code"


def expected(rule: Rule, who: str, thing: Thing, *, row_is_shared: bool) -> str:  # noqa: PLR0911 - one line for each kind of route
    """Return what the route answers this principal about this case."""
    if rule.about == "absent":
        return _may(rule, who) or GONE
    if rule.needs == "nothing":
        return OK
    if refused := _may(rule, who):
        return refused
    if not rule.about:
        return OK
    if rule.about == "house":
        is_own = (thing is FOREIGN) == (FOREIGN in SEES.get(who, {}))
        return OK if is_own else GONE
    sight = SEES.get(who, {}).get(thing)
    if rule.row.startswith("action ") and sight == ALL and "coordinate" not in HAS[who]:
        sight = SHARE  # an action's own page is for those whose it is, whatever else one sees of the case
    if rule.about == "case" and not rule.row and sight == SHARE:
        return GONE
    if sight == ALL or (sight == SHARE and row_is_shared):
        return OK
    return GONE


def _may(rule: Rule, who: str) -> str:
    if rule.needs == "nothing":
        return ""
    if rule.needs == "client":
        return "" if who == "client" else TO_THE_CODE
    if who in NOT_SIGNED_IN:
        return SIGN_IN
    return "" if rule.needs == "signing in" or rule.needs in HAS[who] else FORBIDDEN
