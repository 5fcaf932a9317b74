"""What every column holds, and so how it is guarded. A column that is not named here fails a test, and so does a name without a column.

The rules that follow from a class are tested too: what is about a client and is not a mere fact is sealed, and a secret is sealed or kept
as a keyed or slow hash. `docs/security/fields.md` is the same in words.
"""

from enum import StrEnum


class FieldClass(StrEnum):
    """What a column holds."""

    STRUCTURE = "structure"
    OFFICE = "office"
    STAFF = "staff"
    FACT = "fact"
    CASE = "case"
    IDENTITY = "identity"
    SECRET = "secret"

    @property
    def must_be_sealed(self) -> bool:
        """Tell whether text of the class is always sealed."""
        return self in {FieldClass.CASE, FieldClass.IDENTITY}


MEANINGS = {
    FieldClass.STRUCTURE: "Keys, order, counters",
    FieldClass.OFFICE: "What the office says of itself and its partners",
    FieldClass.STAFF: "Personal data of those who work",
    FieldClass.FACT: "Times, states and codes of a case, which queries need: guarded by who may see the row",
    FieldClass.CASE: "Text about a client: sealed",
    FieldClass.IDENTITY: "Who the client is: sealed",
    FieldClass.SECRET: "Secrets: sealed, or only a hash or a keyed mark",
}


def fields(**by_class: str) -> dict[str, FieldClass]:
    """Return the class of each column of one table: `fields(structure="id office_id", case="what")`."""
    return {name: FieldClass(kind) for kind, names in by_class.items() for name in names.split()}


KEYED = frozenset(
    {
        "audit_anchors.head",
        "audit_anchors.mac",
        "audit_entries.mac",
        "audit_entries.previous",
        "clients.personal_number_mark",
        "data_keys.wrapped",
        "sign_in_failures.key",
        "sign_in_steps.data",
    }
)
"""Secrets whose column's name does not say that they are hashed: codes of the access log, keyed marks, wrapped keys.

`sign_in_steps.data` holds what a sign-in under way must recognise, bound to one browser and gone in minutes.
"""

FIELDS: dict[str, dict[str, FieldClass]] = {
    "action_events": fields(
        structure="office_id id",
        fact="action_id person_id at state due_on",
        case="note",
    ),
    "actions": fields(
        structure="version office_id id",
        fact="case_id need_id actor_id meeting_id due_on state created_at closed_at",
        case="what",
    ),
    "actors": fields(
        structure="sort_key office_id id",
        office="organisation_id function place short_name plain_name mailbox phone visiting_address wants_place closed_on",
    ),
    "agency_identities": fields(
        structure="office_id id",
        staff="user_id issuer subject created_at linked_at",
    ),
    "agenda_items": fields(
        structure="position writer version office_id id",
        fact="meeting_id kind case_id minutes saved_at",
        case="title notes decisions",
    ),
    "agenda_templates": fields(
        structure="office_id id",
        office="meeting_kind valid_from items",
    ),
    "appointments": fields(
        structure="version office_id id",
        fact="case_id actor_id starts_at ends_at attendance cancelled_at",
        case="what place getting_there bring contact",
    ),
    "ask_again": fields(
        structure="office_id id",
        fact="question_id case_id on_day done_at",
    ),
    "audit_anchors": fields(
        structure="office_id seq is_cut at",
        secret="head mac",
    ),
    "audit_cases": fields(
        structure="office_id seq",
        fact="case_id",
    ),
    "audit_entries": fields(
        structure="office_id",
        staff="seq at asker user_id person_id role session_id event route network",
        fact="objects detail",
        secret="previous mac",
    ),
    "audit_samples": fields(
        structure="office_id id",
        staff="week_on seq drawn_at checked_at checked_by is_in_order",
        case="note",
    ),
    "break_glass": fields(
        structure="version office_id id",
        office="reason_kind",
        fact="case_id user_id kind opened_at expires_at ended_at reviewed_at reviewed_by",
        case="reason purpose review_note",
    ),
    "case_actors": fields(
        structure="office_id id",
        fact="case_id actor_id joined_on left_on",
    ),
    "case_people": fields(
        structure="office_id id",
        fact="case_id person_id kind set_by set_at",
        case="reason",
    ),
    "case_releases": fields(
        structure="office_id id",
        fact="case_id kind actor_id released_by released_at",
        case="reason",
    ),
    "cases": fields(
        structure="sort_key version office_id id",
        fact="client_id code phase release_at supervision_ends_on prison_actor_id lead_actor_id opened_on closed_on sealed_at protection",
    ),
    "client_codes": fields(
        structure="office_id id",
        fact="case_id made_by made_at expires_at used_at",
        secret="code_hash",
    ),
    "client_sessions": fields(
        structure="office_id id",
        fact="case_id opened_at expires_at",
        secret="token_hash",
    ),
    "clients": fields(
        structure="version office_id id",
        identity="name birth_date personal_number address phone email",
        secret="personal_number_mark",
    ),
    "code_apps": fields(
        structure="office_id id",
        staff="user_id confirmed_at last_step",
        secret="secret pending_secret",
    ),
    "consent_areas": fields(
        structure="office_id id",
        fact="consent_id area_id",
    ),
    "consent_questions": fields(
        structure="office_id id",
        fact="case_id asked_on form answer reason_code asked_by",
        case="note",
    ),
    "consents": fields(
        structure="version office_id id",
        fact="case_id actor_id valid_from valid_until given_on form documented_by documented_at revoked_at revoked_form revoked_by",
        case="given_through not_shared revoked_through",
    ),
    "data_keys": fields(
        structure="owner_id kind kid destroyed_at office_id id",
        secret="wrapped",
    ),
    "disclosure_areas": fields(
        structure="office_id id",
        fact="decision_id area_id",
    ),
    "disclosure_decisions": fields(
        structure="office_id id",
        fact="case_id actor_id basis_id decided_by decided_at valid_from valid_until ended_at",
        case="reason",
    ),
    "disposal_rules": fields(
        structure="office_id id",
        office="organisation_id months valid_from source",
    ),
    "disposals": fields(
        structure="office_id id",
        office="source counts",
        fact="case_id code organisation_id months started_on due_on disposed_at person_id",
    ),
    "invitation_responses": fields(
        structure="office_id id",
        fact="invitation_id meeting_id answer answered_at",
        case="note",
    ),
    "invitations": fields(
        structure="uid sequence dtstamp numbers messages version office_id id",
        staff="address",
        fact="actor_id slot_id meeting_id appointment_id case_id person_id from_on until_on withdrawn_at cancelled_at held_at",
    ),
    "legal_bases": fields(
        structure="position office_id id",
        office="name citation explanation valid_from valid_until",
    ),
    "meeting_attendances": fields(
        structure="office_id id",
        fact="meeting_id actor_id attendance",
    ),
    "meetings": fields(
        structure="version office_id id",
        office="timezone",
        fact="kind state slot_id case_id original_on starts_at ends_at client_from_prison",
        case="place video_link reason",
    ),
    "minutes": fields(
        structure="version office_id id",
        fact="meeting_id state number",
        case="reason",
    ),
    "minutes_revisions": fields(
        structure="office_id id",
        fact="minutes_id number finalised_at person_id",
        case="reason content",
    ),
    "need_areas": fields(
        structure="position office_id id",
        office="name closed_on",
    ),
    "needs": fields(
        structure="office_id id",
        fact="case_id area_id opened_on met_on",
        case="text",
    ),
    "office_rules": fields(
        structure="office_id id",
        office="key value valid_from source",
    ),
    "office_texts": fields(
        structure="office_id id",
        office="key body",
    ),
    "offices": fields(
        structure="id",
        office="name timezone phone created_at mail_address mail_name mail_host mail_port mail_security mail_user",
    ),
    "opening_tries": fields(
        structure="office_id id",
        office="reason_kind",
        fact="user_id case_id at",
        case="reason",
    ),
    "organisations": fields(
        structure="office_id id",
        office="name kind needs_basis",
    ),
    "outbox_messages": fields(
        structure="kind thread position actor_id message_id state attempts next_try_at lease_until created_at sent_at office_id id",
        office="subject error",
        staff="recipient",
        fact="case_id",
        case="mime",
    ),
    "passkeys": fields(
        structure="office_id id",
        staff="user_id credential_id public_key sign_count name created_at used_at",
    ),
    "people": fields(
        structure="office_id id",
        staff="name email organisation_id protected",
    ),
    "recovery_codes": fields(
        structure="office_id id",
        staff="user_id created_at used_at",
        secret="code_hash",
    ),
    "posted_forms": fields(
        structure="id posted_at digest location",
    ),
    "schedules": fields(
        structure="office_id id",
        fact="case_id number handed_over_at person_id",
        case="content",
    ),
    "second_factor_rules": fields(
        structure="office_id id",
        office="role required valid_from",
    ),
    "sign_in_failures": fields(
        structure="id",
        staff="at",
        secret="key",
    ),
    "sign_in_steps": fields(
        structure="id",
        staff="kind user_id created_at expires_at",
        secret="token_hash data",
    ),
    "slot_actors": fields(
        structure="office_id id",
        office="slot_id actor_id left_on",
    ),
    "staff_changes": fields(
        structure="office_id id",
        staff="actor_id leaving_id arriving_id person_id last_on was_ends_on decided_by decided_at undone_at",
    ),
    "staffings": fields(
        structure="office_id id",
        staff="actor_id person_id starts_on ends_on",
    ),
    "user_invitations": fields(
        structure="office_id id",
        staff="kind email name role organisation_id actor_id user_id invited_by created_at expires_at used_at withdrawn_at",
        secret="token_hash",
    ),
    "user_sessions": fields(
        structure="id",
        staff="user_id created_at seen_at idle_minutes ends_at proved_at strength must_add_factor browser",
        secret="token_hash",
    ),
    "users": fields(
        structure="office_id id",
        staff="person_id email role language appearance disabled_at",
        secret="password_hash",
    ),
    "weekly_slots": fields(
        structure="office_id id",
        office="name weekday local_start minutes timezone first_on last_on place video_link ended_at",
    ),
}
