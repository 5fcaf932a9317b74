"""The kinds of organisation a group is made of, and the words offices use for them in their own lists."""

import re
import unicodedata
from enum import StrEnum

from inslussning.i18n import N_


class OrganisationKind(StrEnum):
    """What a legal body is; its kind decides the default confidentiality class."""

    PROBATION = "probation"
    PRISON = "prison"
    MUNICIPALITY = "municipality"
    EMPLOYMENT_SERVICE = "employment_service"
    REGION = "region"
    SOCIAL_INSURANCE = "social_insurance"
    CIVIL_SOCIETY = "civil_society"
    LANDLORD = "landlord"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Return the word people use."""
        return _LABELS[self]

    @property
    def is_own_agency(self) -> bool:
        """Tell whether a new organisation of the kind is taken to be of the office's own agency; its own row says so afterwards."""
        return self in {OrganisationKind.PROBATION, OrganisationKind.PRISON}


_LABELS = {
    OrganisationKind.PROBATION: N_("Frivården"),
    OrganisationKind.PRISON: N_("Anstalt"),
    OrganisationKind.MUNICIPALITY: N_("Kommun (socialtjänst)"),
    OrganisationKind.EMPLOYMENT_SERVICE: N_("Arbetsförmedlingen"),
    OrganisationKind.REGION: N_("Region (hälso- och sjukvård)"),
    OrganisationKind.SOCIAL_INSURANCE: N_("Försäkringskassan"),
    OrganisationKind.CIVIL_SOCIETY: N_("Civilsamhälle"),
    OrganisationKind.LANDLORD: N_("Hyresvärd"),
    OrganisationKind.OTHER: N_("Annan"),
}

_ALSO = {
    OrganisationKind.PROBATION: "frivård frivårdskontor",
    OrganisationKind.PRISON: "anstalten häkte häktet kriminalvårdsanstalt",
    OrganisationKind.MUNICIPALITY: "kommun kommunen socialtjänst socialtjänsten",
    OrganisationKind.EMPLOYMENT_SERVICE: "arbetsförmedling af",
    OrganisationKind.REGION: "region regionen hälso-och-sjukvård sjukvård vård beroendemottagning psykiatri",
    OrganisationKind.SOCIAL_INSURANCE: "försäkringskassa fk",
    OrganisationKind.CIVIL_SOCIETY: "civilsamhället förening ideell ideell-förening frivilligorganisation",
    OrganisationKind.LANDLORD: "hyresvärden bostadsbolag",
    OrganisationKind.OTHER: "annat övrig övrigt övriga",
}


def _folded(text: str) -> str:
    """Return the letters alone, small, composed: what two ways of writing the same words share."""
    return re.sub(r"[\W\d_]+", "", unicodedata.normalize("NFC", text.casefold()))


_KINDS = {
    _folded(word): kind for kind in OrganisationKind for word in (_LABELS[kind], kind.value, *_ALSO[kind].split())
}


def organisation_kind(text: str) -> OrganisationKind | None:
    """Return the kind people mean by the word, or None when it is no word for one."""
    return _KINDS.get(_folded(text))
