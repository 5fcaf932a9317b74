"""What each role sees and may do, in one sentence for whoever gives it to somebody."""

from inslussning.i18n import N_
from inslussning.practice.access import Role

SEES: dict[Role, str] = {
    Role.COORDINATOR: N_(
        "Arbetar med alla kontorets ärenden som inte är stängda för hen, leder mötena och sköter inställningarna."
    ),
    Role.INSPECTOR: N_(
        "Arbetar med alla kontorets ärenden som inte är stängda för hen och leder mötena. Ändrar inga inställningar."
    ),
    Role.CASE_WORKER: N_(
        "Läser hela planen och schemat i ärenden där funktionen deltar. Ändrar bara funktionens egna åtgärder och svar."
    ),
    Role.PARTNER: N_(
        "Ser de ärenden och områden som klienten har samtyckt till. Ändrar bara funktionens egna åtgärder och svar."
    ),
    Role.LAY_SUPERVISOR: N_("Ser sina egna uppgifter och klientens schema, inget annat."),
    Role.MANAGER: N_(
        "Ser antal och andelar, inga klienter. Kan läsa ett ärende en kort tid, med ett skäl som granskas."
    ),
    Role.REVIEWER: N_("Läser åtkomstloggen och granskar öppningar. Ser inget ur något ärende."),
    Role.ADMINISTRATOR: N_("Sköter inställningar, kollegor och gallring. Ser inget ur något ärende."),
}
