"""Setting an office up from the terminal.

Every question has an option, so that it can be scripted: what is given is not asked for. The answers are read by the same form as
the first-run page, so the two cannot come to differ.
"""

from collections.abc import Callable
from typing import Annotated

import typer
from starlette.datastructures import FormData

from inslussning.cli.terminal import OFFICE_DATA, DataOption, closed_after, open_ready, say, settings_for, stop
from inslussning.clock import utc_now
from inslussning.config import Settings
from inslussning.db.engine import Database
from inslussning.errors import Invalid, PracticeError
from inslussning.practice.mail import MailSecurity
from inslussning.services import first_run, office_settings, passwords
from inslussning.services.office_settings import MAIL_NAME
from inslussning.web.forms import Form
from inslussning.web.routes.settings.mail import USUAL_PORT
from inslussning.web.routes.setup import USUAL_ZONE, SetupForm

Answers = dict[str, str]

QUESTIONS = {
    "name": ("Kontorets namn", ""),
    "timezone": ("Tidszon", USUAL_ZONE),
    "coordinator": ("Första samordnarens namn", ""),
    "email": ("Samordnarens e-postadress", ""),
    "password": ("Lösenord, minst 12 tecken", ""),
}
MAIL_QUESTIONS = {
    "mail_address": ("Adressen som mejlen kommer från", ""),
    "mail_name": ("Namnet som mejlen kommer från", MAIL_NAME),
    "mail_host": ("Mejlserver", ""),
    "mail_port": ("Port", str(USUAL_PORT)),
    "mail_security": ("Skydd av anslutningen (starttls, tls eller none)", MailSecurity.STARTTLS.value),
    "mail_user": ("Användarnamn hos mejlservern, tomt om ingen inloggning behövs", ""),
}
MAIL_PASSWORD = ("Lösenord hos mejlservern", "")
MAY_BE_EMPTY = frozenset({"mail_user"})
HIDDEN = frozenset({"password", "mail_password"})
CHECKS: dict[str, Callable[[str], object]] = {
    "timezone": office_settings.zone_named,
    "password": passwords.check_password,
}
"""What can be wrong with an answer beyond its form; told at once, not after the last question."""

Option = typer.Option


def init(  # noqa: PLR0913, PLR0917 - one option for every question
    data: DataOption = OFFICE_DATA,
    name: Annotated[str | None, Option(help="Kontorets namn.")] = None,
    timezone: Annotated[str | None, Option(help="Tidszon, till exempel Europe/Stockholm.")] = None,
    coordinator: Annotated[str | None, Option(help="Första samordnarens namn.")] = None,
    email: Annotated[str | None, Option(help="Första samordnarens e-postadress.")] = None,
    password: Annotated[str | None, Option(help="Första samordnarens lösenord.")] = None,
    mail_address: Annotated[str | None, Option(help="Adressen som mejlen kommer från.")] = None,
    mail_name: Annotated[str | None, Option(help="Namnet som mejlen kommer från.")] = None,
    mail_host: Annotated[str | None, Option(help="Mejlserverns namn.")] = None,
    mail_port: Annotated[str | None, Option(help="Mejlserverns port.")] = None,
    mail_security: Annotated[MailSecurity | None, Option(help="Hur anslutningen skyddas.")] = None,
    mail_user: Annotated[str | None, Option(help="Användarnamn hos mejlservern.")] = None,
    mail_password: Annotated[str | None, Option(help="Lösenord hos mejlservern, sparas i en egen fil.")] = None,
) -> None:
    """Ställ in ett nytt kontor. Det som inte ges som tillval frågas det efter."""
    office = {"name": name, "timezone": timezone, "coordinator": coordinator, "email": email, "password": password}
    mail = {
        "mail_address": mail_address,
        "mail_name": mail_name,
        "mail_host": mail_host,
        "mail_port": mail_port,
        "mail_security": mail_security,
        "mail_user": mail_user,
        "mail_password": mail_password,
    }
    settings = settings_for(data)
    with closed_after(open_ready(settings)) as database:
        refuse_second_office(settings, database)
        try:
            answers = ask_all(_given(office), _given(mail))
        except typer.Abort:
            stop("\nAvbrutet. Inget kontor är skapat.")
        make_office(settings, database, answers)
    say_what_next(settings, answers)


def _given(options: dict[str, str | None]) -> Answers:
    return {key: str(value) for key, value in options.items() if value is not None}


def refuse_second_office(settings: Settings, database: Database) -> None:
    """Stop in one line when the installation already has its office."""
    with database.read() as session:
        try:
            first_run.require_none(session)
        except PracticeError:
            stop(f"Det finns redan ett kontor i {settings.data_dir}. Inget är ändrat. Logga in för att ändra det.")


def ask_all(office: Answers, mail: Answers) -> Answers:
    """Return every answer, asking for those not given. Mail is only asked about when somebody is there to answer."""
    missing = {key: question for key, question in QUESTIONS.items() if key not in office}
    if list(missing) == ["timezone"]:  # the usual one will do for a script that says nothing of it
        missing = {}
    answers = office | mail
    for key, question in missing.items():
        answers[key] = ask(key, question, answers)
    wants_mail = bool(missing) and not mail and agreed("Ställa in e-post nu? Det går bra att göra senare")
    if wants_mail:
        for key, question in MAIL_QUESTIONS.items():
            answers[key] = ask(key, question, answers)
        if answers["mail_user"]:
            answers["mail_password"] = ask("mail_password", MAIL_PASSWORD, answers)
    return answers


def agreed(question: str) -> bool:
    """Ask for a yes; anything else is no."""
    typed: str = typer.prompt(f"{question} [j/N]", default="n", show_default=False)
    return typed.strip().casefold() in {"j", "ja", "y", "yes"}


def ask(key: str, question: tuple[str, str], answers: Answers) -> str:
    """Ask until the answer can be used; a password is not shown, and the first one is asked for twice."""
    text, usual = question
    while True:
        typed: str = typer.prompt(
            text,
            default=usual or ("" if key in MAY_BE_EMPTY else None),
            show_default=bool(usual),
            hide_input=key in HIDDEN,
            confirmation_prompt="Samma en gång till" if key == "password" else False,
        )
        trouble = problem_with(key, answers | {key: typed})
        if not trouble:
            return typed
        say(trouble)


def problem_with(key: str, answers: Answers) -> str:
    """Return what is wrong with one answer, or nothing."""
    form = Form.read(SetupForm, FormData(answers))
    if key in form.errors:
        message, params = form.errors[key]
        return message % params
    try:
        CHECKS.get(key, str)(answers[key])
    except Invalid as problem:
        return str(problem)
    return ""


def make_office(settings: Settings, database: Database, answers: Answers) -> None:
    """Make the office; stop in one line at the first answer that cannot be used."""
    form = Form.read(SetupForm, FormData(answers))
    for key, (message, params) in form.errors.items():
        stop(f"--{key.replace('_', '-')}: {message % params}")
    try:
        with database.transaction() as session:
            first_run.open_office(session, form.value.as_office(), form.value.as_mail(), now=utc_now())
    except Invalid as problem:
        stop(f"--{problem.field.replace('_', '-')}: {problem}")
    if form.value.mail_password:
        settings.save_mail_password(form.value.mail_password)
    settings.forget_setup_code()


def say_what_next(settings: Settings, answers: Answers) -> None:
    """Say what is there now and what to do with it."""
    data = settings.data_dir
    say(f"\nKontoret {answers['name']} är klart. Allt ligger i {data}.\n")
    say("Gör så här nu:")
    say(
        f"  1. Läs in listor, om ni har:  inslussning import aktorer.csv bemanning.csv arenden.csv --data {data} --dry-run"
    )
    say(f"  2. Starta webbplatsen:        inslussning serve --data {data} --with-worker")
    say(f"  3. Logga in som {answers['email']} på {settings.base_url}")
    if "mail_host" not in answers:
        say("  4. Ställ in e-posten under Mer, Inställningar, E-post. Tills dess går inga mejl iväg.")
