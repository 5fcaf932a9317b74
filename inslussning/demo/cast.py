"""Who is in the demo: one office, its actors and the people who staff them. All made up."""

from typing import NamedTuple

from inslussning.practice.access import Role
from inslussning.practice.organisations import OrganisationKind as Kind

OFFICE = "Frivården Björkstad"
PASSWORD = "demo-bjorkstad"  # noqa: S105 - printed on the demo's own sign-in page
COORDINATOR = ("Maria Ek", "samordnare@demo.example")
INSPECTOR = ("Jonas Hall", "inspektor@demo.example")
PARTNER = ("Åsa Öberg", "partner@demo.example")
CASE_WORKER = ("Pia Sand", "anstalt@demo.example")
LAY_SUPERVISOR = ("Gunnar Ask", "overvakare@demo.example")
MANAGER = ("Lena Falk", "chef@demo.example")
REVIEWER = ("Olof Rask", "granskare@demo.example")
ADMINISTRATOR = ("Nina Lund", "administrator@demo.example")


class Member(NamedTuple):
    """One function and the person in it today ("" is a vacancy)."""

    short: str
    organisation: str
    kind: Kind
    function: str
    place: str
    plain: str
    phone: str
    address: str
    person: tuple[str, str] | None


MUNICIPALITY = "Björkstads kommun"
REGION = "Region Mellanbygd"
CAST = (
    Member(
        "fri",
        OFFICE,
        Kind.PROBATION,
        "Frivårdsinspektör",
        "Björkstad",
        "frivården",
        "010-555 01 10",
        "Kanalgatan 4, Björkstad",
        INSPECTOR,
    ),
    Member(
        "gran",
        "Anstalten Granliden",
        Kind.PRISON,
        "Klienthandläggare",
        "Granliden",
        "anstalten",
        "010-555 02 20",
        "",
        CASE_WORKER,
    ),
    Member(
        "soc",
        MUNICIPALITY,
        Kind.MUNICIPALITY,
        "Socialsekreterare vuxen",
        "Björkstad",
        "socialtjänsten",
        "010-555 03 30",
        "Stadshuset, Torget 1",
        PARTNER,
    ),
    Member(
        "boende",
        MUNICIPALITY,
        Kind.MUNICIPALITY,
        "Boendesamordnare",
        "Björkstad",
        "kommunens boendestöd",
        "010-555 03 40",
        "Stadshuset, Torget 1",
        ("Leo Brandt", "leo.brandt@demo.example"),
    ),
    Member(
        "skuld",
        MUNICIPALITY,
        Kind.MUNICIPALITY,
        "Budget- och skuldrådgivare",
        "Björkstad",
        "skuldrådgivningen",
        "010-555 03 50",
        "Stadshuset, Torget 1",
        ("Karin Åhs", "karin.ahs@demo.example"),
    ),
    Member(
        "af",
        "Arbetsförmedlingen",
        Kind.EMPLOYMENT_SERVICE,
        "Arbetsförmedlare",
        "Björkstad",
        "Arbetsförmedlingen",
        "010-555 04 40",
        "Järnvägsgatan 9",
        ("Samir Noor", "samir.noor@demo.example"),
    ),
    Member(
        "bero",
        REGION,
        Kind.REGION,
        "Beroendemottagningen",
        "Björkstad",
        "mottagningen",
        "010-555 05 50",
        "Parkvägen 2",
        ("Eva Stål", "eva.stal@demo.example"),
    ),
    Member(
        "fk",
        "Försäkringskassan",
        Kind.SOCIAL_INSURANCE,
        "Personlig handläggare",
        "Mellanbygd",
        "Försäkringskassan",
        "010-555 06 60",
        "",
        ("Ali Demir", "ali.demir@demo.example"),
    ),
    Member(
        "stöd",
        "Björkstads stödförening",
        Kind.CIVIL_SOCIETY,
        "Stödperson",
        "Björkstad",
        "stödföreningen",
        "010-555 07 70",
        "Ågatan 12",
        ("Britt Holm", "britt.holm@demo.example"),
    ),
    Member(
        "bostad",
        "Björkstadsbostäder",
        Kind.LANDLORD,
        "Uthyrare",
        "Björkstad",
        "hyresvärden",
        "010-555 08 80",
        "Ågatan 30",
        None,
    ),
    Member(
        "övervakare",
        OFFICE,
        Kind.PROBATION,
        "Lekmannaövervakare",
        "Björkstad",
        "din övervakare",
        "010-555 01 90",
        "",
        LAY_SUPERVISOR,
    ),
)

SIGN_INS = (  # beside the coordinator, who is made with the office
    (INSPECTOR, Role.INSPECTOR, OFFICE),
    (CASE_WORKER, Role.CASE_WORKER, "Anstalten Granliden"),
    (PARTNER, Role.PARTNER, MUNICIPALITY),
    (LAY_SUPERVISOR, Role.LAY_SUPERVISOR, OFFICE),
    (MANAGER, Role.MANAGER, OFFICE),
    (REVIEWER, Role.REVIEWER, OFFICE),
    (ADMINISTRATOR, Role.ADMINISTRATOR, OFFICE),
)
