"""What a register extract is made of: its parts in the order they are read, and what each kept fact is called in plain Swedish.

A client has the right to know what is kept, who has had it and why. Every column that can belong to a case has a name here or is left
out for a reason; a house test finds the one that has neither.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from inslussning.i18n import N_

PARTS: tuple[tuple[str, str], ...] = (
    ("clients", N_("Om dig")),
    ("cases", N_("Ärendet")),
    ("case_actors", N_("De som deltar")),
    ("consents", N_("Dina samtycken")),
    ("disclosure_decisions", N_("Beslut om att dela uppgifter utan samtycke")),
    ("case_releases", N_("Uppgifter som lämnats ut trots skyddet")),
    ("consent_questions", N_("När du har tillfrågats om att delta")),
    ("ask_again", N_("När du ska tillfrågas igen")),
    ("needs", N_("Behov")),
    ("actions", N_("Åtgärder")),
    ("action_events", N_("Vad som har hänt med åtgärderna")),
    ("meetings", N_("Möten om dig")),
    ("meeting_attendances", N_("Vilka som kom till mötena")),
    ("agenda_items", N_("Anteckningar om dig på möten")),
    ("minutes", N_("Minnesanteckningar från möten om dig")),
    ("minutes_revisions", N_("Slutförda minnesanteckningar")),
    ("appointments", N_("Bokade tider")),
    ("schedules", N_("Scheman som du har fått")),
    ("invitations", N_("Inbjudningar")),
    ("invitation_responses", N_("Svar på inbjudningar")),
    ("outbox_messages", N_("Mejl om ditt ärende")),
    ("client_codes", N_("Koder som du har fått")),
    ("client_sessions", N_("Telefoner som visar ditt schema")),
    ("case_people", N_("Särskilda regler för vilka som får läsa")),
    ("break_glass", N_("När ärendet har öppnats utöver reglerna")),
    ("opening_tries", N_("När någon har bett om att öppna ärendet")),
)
"""Tables in the order of the extract. What a consent or a decision covers stands with it."""

LABELS: Mapping[str, str] = {
    "actor_id": N_("Aktör"),
    "address": N_("Adress"),
    "answer": N_("Svar"),
    "answered_at": N_("Svarade"),
    "area_id": N_("Område"),
    "areas": N_("Områden"),
    "asked_by": N_("Frågade"),
    "asked_on": N_("Tillfrågad"),
    "at": N_("När"),
    "attendance": N_("Närvaro"),
    "basis_id": N_("Stöd i lag"),
    "birth_date": N_("Födelsedatum"),
    "bring": N_("Ta med"),
    "cancelled_at": N_("Inställt"),
    "client_from_prison": N_("Med från anstalten"),
    "closed_at": N_("Avslutad"),
    "closed_on": N_("Avslutat"),
    "code": N_("Kod"),
    "contact": N_("Kontakt"),
    "content": N_("Innehåll"),
    "created_at": N_("Skrivet"),
    "decided_at": N_("Beslutat"),
    "decided_by": N_("Beslutat av"),
    "decisions": N_("Beslut"),
    "documented_at": N_("Inskrivet"),
    "documented_by": N_("Inskrivet av"),
    "done_at": N_("Klart"),
    "due_on": N_("Senast"),
    "email": N_("E-post"),
    "ended_at": N_("Avslutades"),
    "ends_at": N_("Slutar"),
    "expires_at": N_("Gäller till"),
    "finalised_at": N_("Slutförda"),
    "form": N_("Hur"),
    "from_on": N_("Från"),
    "getting_there": N_("Hitta dit"),
    "given_on": N_("Lämnat"),
    "given_through": N_("Lämnat genom"),
    "handed_over_at": N_("Lämnat till dig"),
    "held_at": N_("Stoppat"),
    "joined_on": N_("Deltar från"),
    "kind": N_("Slag"),
    "lead_actor_id": N_("Huvudansvarig"),
    "left_on": N_("Deltar till"),
    "made_at": N_("Gjord"),
    "made_by": N_("Gjord av"),
    "meeting_id": N_("Möte"),
    "met_on": N_("Tillgodosett"),
    "minutes": N_("Minuter"),
    "name": N_("Namn"),
    "need_id": N_("Behov"),
    "not_shared": N_("Det du inte vill att någon får veta"),
    "note": N_("Anteckning"),
    "notes": N_("Anteckningar"),
    "number": N_("Nummer"),
    "on_day": N_("Dag"),
    "opened_at": N_("Öppnat"),
    "opened_on": N_("Börjar"),
    "person_id": N_("Vem"),
    "personal_number": N_("Personnummer"),
    "phase": N_("Fas"),
    "phone": N_("Telefon"),
    "place": N_("Plats"),
    "prison_actor_id": N_("Anstalt"),
    "protection": N_("Skyddade personuppgifter"),
    "purpose": N_("Vad som behövde läsas"),
    "reason": N_("Skäl"),
    "reason_code": N_("Skäl"),
    "reason_kind": N_("Slag av skäl"),
    "recipient": N_("Till"),
    "release_at": N_("Villkorlig frigivning"),
    "released_at": N_("Lämnat ut"),
    "released_by": N_("Lämnat ut av"),
    "review_note": N_("Granskarens anteckning"),
    "reviewed_at": N_("Granskat"),
    "reviewed_by": N_("Granskat av"),
    "revoked_at": N_("Återkallat"),
    "revoked_by": N_("Återkallelsen inskriven av"),
    "revoked_form": N_("Återkallat hur"),
    "revoked_through": N_("Återkallat genom"),
    "saved_at": N_("Sparat"),
    "sealed_at": N_("Stängt för alla utom namngivna"),
    "sent_at": N_("Skickat"),
    "set_at": N_("Bestämt"),
    "starts_at": N_("Börjar"),
    "state": N_("Läge"),
    "subject": N_("Ämne"),
    "supervision_ends_on": N_("Övervakningen slutar"),
    "text": N_("Text"),
    "title": N_("Rubrik"),
    "until_on": N_("Till"),
    "used_at": N_("Använd"),
    "user_id": N_("Vem"),
    "valid_from": N_("Gäller från"),
    "valid_until": N_("Gäller till"),
    "video_link": N_("Videolänk"),
    "what": N_("Vad"),
    "withdrawn_at": N_("Återtagen"),
}

LEFT_OUT: Mapping[str, str] = {
    "id": "ours alone",
    "office_id": "the office is said at the top",
    "case_id": "the whole extract is about one case",
    "client_id": "the same",
    "action_id": "said by the order",
    "appointment_id": "the time stands under its own heading",
    "attempts": "how the machine sent a mail",
    "code_hash": "cannot be read, even by us",
    "consent_id": "stands with its consent",
    "decision_id": "stands with its decision",
    "dtstamp": "for calendars alone",
    "error": "how the machine sent a mail",
    "invitation_id": "said by the order",
    "lease_until": "how the machine sends a mail",
    "message_id": "for mail programs alone",
    "messages": "a count for calendars",
    "mime": "a copy of what stands elsewhere, as it was sent",
    "minutes_id": "said by the order",
    "next_try_at": "how the machine sends a mail",
    "numbers": "a count for calendars",
    "original_on": "the weekly time it came from",
    "personal_number_mark": "cannot be read, even by us",
    "position": "the order is the order of the list",
    "question_id": "said by the order",
    "sequence": "for calendars alone",
    "set_by": "a colleague's own relations are not the client's to know",
    "slot_id": "the group's weekly time",
    "sort_key": "the code in another form",
    "thread": "for mail programs alone",
    "timezone": "every time is said in Swedish time",
    "token_hash": "cannot be read, even by us",
    "uid": "for calendars alone",
    "version": "a count of savings",
    "writer": "which open page saved last",
}
"""Columns that tell the client nothing, and why."""

NOT_SAID = frozenset({("case_people", "person_id"), ("case_people", "reason")})
"""Which colleague is kept out, and why, says something of the colleague's own life."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is kept, in words."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One heading of the extract with its entries, each a list of facts."""

    heading: str
    entries: tuple[tuple[Fact, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterExtract:
    """The whole of it, in words and in order."""

    code: str
    office: str
    made_on: str
    parts: tuple[Part, ...]

    def as_json(self) -> dict[str, object]:
        """Return the extract for a file that a machine can read too (GDPR art. 15 and 20)."""
        return {
            "ärende": self.code,
            "kontor": self.office,
            "gjort": self.made_on,
            "delar": [
                {"rubrik": part.heading, "poster": [[{f.label: f.text} for f in entry] for entry in part.entries]}
                for part in self.parts
            ],
        }
