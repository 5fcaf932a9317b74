import pytest

from inslussning.practice.organisations import OrganisationKind, organisation_kind


@pytest.mark.parametrize("kind", OrganisationKind)
def test_every_kind_is_understood_by_its_own_label_and_value(kind: OrganisationKind) -> None:
    assert organisation_kind(kind.label) is kind
    assert organisation_kind(f"  {kind.label.upper()} ") is kind
    assert organisation_kind(kind.value) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Frivård", OrganisationKind.PROBATION),
        ("häkte", OrganisationKind.PRISON),
        ("kommun / socialtjänst", OrganisationKind.MUNICIPALITY),
        ("Socialtjänsten", OrganisationKind.MUNICIPALITY),
        ("Af", OrganisationKind.EMPLOYMENT_SERVICE),
        ("hälso- och sjukvård", OrganisationKind.REGION),
        ("FK", OrganisationKind.SOCIAL_INSURANCE),
        ("Ideell förening", OrganisationKind.CIVIL_SOCIETY),
        ("bostadsbolag", OrganisationKind.LANDLORD),
        ("övrigt", OrganisationKind.OTHER),
    ],
)
def test_the_words_offices_use_are_understood(text: str, kind: OrganisationKind) -> None:
    assert organisation_kind(text) is kind


@pytest.mark.parametrize("text", ["", "landsting", "polis", "\ud800"])
def test_a_word_for_no_kind_is_none(text: str) -> None:
    assert organisation_kind(text) is None
