"""Who may do what, written down a second time and independently of the code's own guards.

A route needs something of whoever asks and is about something; a principal has something and may see something. The expected answer
follows from these tables alone. A route that is not here fails the matrix: nobody has said who may use it.
"""

from dataclasses import dataclass

from tests.matrix.world import Thing

ALL, SHARE = "all", "share"
STAFF = frozenset({"follow", "read", "coordinate", "open"})
HAS: dict[str, frozenset[str]] = {
    "coordinator": STAFF | {"set up", "results", "dispose"},
    "coordinator, named": STAFF | {"set up", "results", "dispose"},
    "colleague of another office": STAFF | {"set up", "results", "dispose"},
    "foreign, named": STAFF | {"set up", "results", "dispose"},
    "inspector, owner": STAFF,
    "colleague": STAFF,
    "excluded colleague": STAFF,
    "nödöppning active": STAFF,
    "nödöppning over": STAFF,
    "partner in the case": frozenset({"follow", "read"}),
    "partner invited to one meeting": frozenset({"follow", "read"}),
    "partner whose function left": frozenset({"follow", "read"}),
    "partner of another case": frozenset({"follow", "read"}),
    "prison's case worker": frozenset({"follow", "read"}),
    "lay supervisor": frozenset({"follow", "read"}),
    "manager": frozenset({"results", "read", "open"}),
    "manager with a reason": frozenset({"results", "read", "open"}),
    "reviewer": frozenset({"review"}),
    "administrator": frozenset({"set up", "dispose"}),
}
NOT_SIGNED_IN = frozenset({"anonymous", "client", "disabled", "session ended"})

O, S, F, X, P, C = Thing.OWN, Thing.SAME_OFFICE, Thing.FOREIGN, Thing.SEALED, Thing.PROTECTED, Thing.CLOSED
SEES: dict[str, dict[Thing, str]] = {
    "coordinator": {O: ALL, S: ALL, C: ALL},
    "coordinator, named": {O: ALL, S: ALL, X: ALL, P: ALL, C: ALL},
    "colleague of another office": {F: ALL},
    "foreign, named": {F: ALL},
    "inspector, owner": {O: ALL, S: ALL, X: ALL, P: ALL, C: ALL},
    "colleague": {O: ALL, S: ALL, C: ALL},
    "excluded colleague": {S: ALL, C: ALL},
    "nödöppning active": {O: ALL, S: ALL, X: ALL, C: ALL},
    "nödöppning over": {O: ALL, S: ALL, C: ALL},
    "prison's case worker": {O: ALL, S: ALL},
    "manager with a reason": {O: ALL},
    "partner in the case": {O: SHARE},
    "partner of another case": {S: SHARE},
    "lay supervisor": {O: SHARE, S: SHARE},
}
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


def _ids(text: str) -> tuple[tuple[str, str], ...]:
    pairs = (pair.split("=", 1) for pair in text.split())
    return tuple((name, value) for name, value in pairs)


def _rule(line: str) -> tuple[str, Rule]:
    """Read a line: METHOD PATH | needs | about [row] [in the body] | ids | other ids."""
    route, needs, about, *ids = (part.strip() for part in line.split("|"))
    words = about.split(" ", 1)
    row = words[1] if len(words) > 1 else ""
    whose = row == "in the body"
    return route, Rule(
        needs,
        words[0].replace("-", ""),
        "" if whose else row,
        _ids(ids[0]) if ids else (),
        _ids(ids[1]) if len(ids) > 1 else (),
        whose,
    )


_TABLE = """
GET / | follow | -
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
GET /outbox/{key} | coordinate | case | key=outbox
GET /outbox/{key}/message.eml | coordinate | case | key=outbox
POST /outbox/{key}/retry | coordinate | case | key=outbox
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
GET /settings/import | set up | -
POST /settings/import | set up | -
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

OK, GONE, FORBIDDEN, SIGN_IN = "an answer", "not found", "not allowed", "to the sign-in page"


def expected(rule: Rule, who: str, thing: Thing, *, row_is_shared: bool) -> str:
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
        is_own = (thing is F) == (F in SEES.get(who, {}))
        return OK if is_own else GONE
    sight = SEES.get(who, {}).get(thing)
    if sight == ALL or (sight == SHARE and row_is_shared):
        return OK
    return GONE


def _may(rule: Rule, who: str) -> str:
    if rule.needs == "nothing":
        return ""
    if who in NOT_SIGNED_IN:
        return SIGN_IN
    return "" if rule.needs == "signing in" or rule.needs in HAS[who] else FORBIDDEN
