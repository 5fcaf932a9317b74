"""Plants a bug for each attack class in a copy of the code, and sees its test turn red: what cannot fail proves nothing.

`scripts/planted.py` runs all, `scripts/planted.py 7 21` those. The working tree itself is never touched.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "data", "build", "dist", "__pycache__", ".*_cache", "pictures")


class Bug(NamedTuple):
    """In which file, what is written there, and what the bug writes instead; "" appends it."""

    test: str
    file: str
    right: str
    wrong: str


OBJECTS, TEXTS, WEB = "tests/attacks/test_objects.py", "tests/attacks/test_texts.py", "tests/attacks/test_web.py"
OPEN_ROUTE = '''


@router.get("/planted/all")
def planted(session: SessionDep) -> str:
    """Show something to anybody."""
    return "open"
'''
OPEN_JSON = '''


@router.get("/planted/json")
def planted_json(session: SessionDep) -> dict[str, str]:
    """Show something to anybody."""
    return {"open": "yes"}
'''
BUGS: dict[int, Bug] = {
    1: Bug(OBJECTS, "inslussning/web/routes/search.py", "", OPEN_ROUTE),
    2: Bug(
        OBJECTS,
        "inslussning/services/agenda.py",
        "Case.id == case_id, visible.rows(Case, principal)",
        "Case.id == case_id",
    ),
    3: Bug(
        OBJECTS,
        "inslussning/services/drafts.py",
        "AgendaItem.id == item_id, AgendaItem.meeting_id == meeting.id, visible.rows(AgendaItem, principal)",
        "AgendaItem.id == item_id",
    ),
    5: Bug(
        OBJECTS,
        "inslussning/services/links.py",
        "packed = self._signer(purpose).unsign(token)",
        "packed = token.partition('.')[0]",
    ),
    6: Bug(
        OBJECTS,
        "inslussning/services/search.py",
        "select(Actor).where(visible.rows(Actor, principal), ",
        "select(Actor).where(",
    ),
    7: Bug(
        OBJECTS, "inslussning/services/visible.py", "return case_id.is_(None) | case_id.not_in(hidden)", "return true()"
    ),
    8: Bug(TEXTS, "meetings/itip.py", 'component.add("class", "PRIVATE")', "pass"),
    9: Bug(
        OBJECTS,
        "inslussning/services/answer_links.py",
        "invitation is None or invitation.withdrawn_at is not None or",
        "invitation is None or",
    ),
    10: Bug(
        OBJECTS,
        "inslussning/services/users.py",
        "if session.scalar(select(User.id).where(User.email == address)) is not None:",
        "if user := session.scalar(select(User).where(User.email == address)):\n"
        "        user.disabled_at = None\n        return user\n    if False:",
    ),
    11: Bug(OBJECTS, "inslussning/services/links.py", 'salt=f"link.{purpose}"', 'salt="link"'),
    14: Bug(
        OBJECTS,
        "inslussning/web/routes/answers.py",
        "    return _show(request, session, token, opened, Form(), now)\n\n\n@router.post",
        "    opened.invitation.messages += 1\n    session.commit()\n"
        "    return _show(request, session, token, opened, Form(), now)\n\n\n@router.post",
    ),
    15: Bug(
        TEXTS,
        "meetings/imip.py",
        'mail["To"] = _mailbox(recipient)',
        'mail["To"] = f"{sender.name} <{recipient.address}>".replace("\\r\\n", " ")',
    ),
    16: Bug(
        TEXTS, "meetings/imip.py", "several_lines(text.html)", 'several_lines(text.html) + f"<p>{sender.name}</p>"'
    ),
    17: Bug(TEXTS, "inslussning/practice/words.py", '_UNWANTED.sub("", _LINE_ENDS.sub("\\n", text))', "text"),
    18: Bug(TEXTS, "templates/minutes/_conflict.html", '{{ view.notes or "–" }}', '{{ (view.notes or "–")|safe }}'),
    19: Bug(
        TEXTS,
        "templates/slots/end.html",
        '{{ ui.head(_("Avsluta serien"), slot.name) }}',
        '{{ ui.head(_("Avsluta serien"), slot.name|safe) }}',
    ),
    21: Bug(WEB, "inslussning/app.py", "allowed_hosts=settings.hosts()", 'allowed_hosts=["*"]'),
    22: Bug(
        WEB,
        "inslussning/web/deps.py",
        "",
        "\n\ndef planted(request: Request) -> bool:\n    return request.url.path == '/'\n",
    ),
    23: Bug(WEB, "inslussning/web/security.py", 'return site not in {"same-origin", "none"}', "return False"),
    25: Bug(WEB, "inslussning/services/slots.py", "", "\n\nimport urllib.request\n"),
    26: Bug(TEXTS, "inslussning/practice/words.py", 'return f"\'{value}" if risky else value', "return value"),
    27: Bug(
        TEXTS,
        "inslussning/web/render.py",
        "",
        "\n\ndef planted(text: str) -> str:\n    return environment().from_string(text).render()\n",
    ),
    28: Bug(
        WEB,
        "inslussning/web/security.py",
        'headers.setdefault("Cache-Control", "no-store")',
        'headers.setdefault("Cache-Control", "private, max-age=60")',
    ),
    30: Bug(TEXTS, "inslussning/web/deps.py", "visits.write_change(request, session, trail)", "pass"),
    31: Bug(OBJECTS, "inslussning/services/visible.py", "model.id == key, rows(model, principal)", "model.id == key"),
    32: Bug(TEXTS, "inslussning/worker.py", "", "\n\nimport imaplib\n"),
    33: Bug(TEXTS, "meetings/recurrence.py", "raise SeriesTooLong(count, limit)", "pass"),
    34: Bug(OBJECTS, "inslussning/web/routes/health.py", "", OPEN_JSON),
}
ELSEWHERE = {4, 12, 13, 20, 24, 29}  # planted where they are tested: see docs/security/attacks.md


def plant(copy: Path, number: int, bug: Bug) -> str:
    """Plant one bug in the copy, run its tests and take it out again; return what is wrong, or nothing."""
    file = copy / bug.file
    before = file.read_text(encoding="utf-8")
    if bug.right and bug.right not in before:
        return f"{number}: what the bug replaces is not in {bug.file} any more"
    after = before.replace(bug.right, bug.wrong) if bug.right else before + bug.wrong
    file.write_text(after, encoding="utf-8")
    run = subprocess.run(  # noqa: S603 - our own test run
        [sys.executable, "-m", "pytest", bug.test, "-q", "-n", "0", "-x", "-p", "no:cacheprovider", "-k", f"test_attack_{number:02d}_"],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    file.write_text(before, encoding="utf-8")
    if run.returncode == 0:
        return f"{number}: the test stays green with the bug"
    failed = [
        line for line in run.stdout.splitlines() if line.startswith("FAILED") and f"test_attack_{number:02d}_" in line
    ]
    return "" if failed else f"{number}: broke in another way: {run.stdout[-600:]}"


def main() -> int:
    """Plant what is asked for and print what was seen."""
    wanted = {int(one) for one in sys.argv[1:]} or BUGS.keys()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy"
        shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
        problems = []
        for number in sorted(wanted):
            problem = plant(copy, number, BUGS[number])
            print(f"{number:>2} {problem or 'red, as it should be'}", flush=True)
            problems += [problem] if problem else []
    print(f"planted: {len(wanted)} bugs, {len(wanted) - len(problems)} seen, {len(problems)} not")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
