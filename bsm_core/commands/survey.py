"""``survey make``, ``status``, ``export`` and ``import``: questions for people out, and their answers back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bsm_core.commands.opened import add_study, add_workspace, content_of, settings_of, study_of, write_new
from bsm_core.domain.survey import Basis, SurveyPlan
from bsm_core.errors import StoreError
from bsm_core.workbench import Workbench
from bsm_core.workflow.survey_results import Person


def register(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    survey = commands.add_parser("survey", help="ask people, and take in what they answer")
    kinds = survey.add_subparsers(dest="what", required=True)
    _make_parser(kinds.add_parser("make", help="deal a study's UUs to people; prints their links, once"))
    status = _parser(kinds, "status", "how far each person is, and what it cost", _status)
    status.add_argument("--study", help="its id (default: the newest study)")
    out = _parser(kinds, "export", "write the questions: a .csv for all, or a folder with a form for each", _export)
    out.add_argument("survey_id", metavar="SURVEY")
    out.add_argument("target", type=Path, help="a new .csv file, or a new folder")
    take = _parser(kinds, "import", "take in the answers of a filled-in table or of a form", _import)
    take.add_argument("survey_id", metavar="SURVEY")
    take.add_argument("file", type=Path)


def _parser(
    kinds: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    words: str,
    run: Callable[[argparse.Namespace], None],
) -> argparse.ArgumentParser:
    parser = kinds.add_parser(name, help=words)
    add_workspace(parser)
    parser.set_defaults(run=run)
    return parser


def _make_parser(make: argparse.ArgumentParser) -> None:
    make.add_argument("--title", default="", help="for yourself; nobody else sees it")
    make.add_argument("--people", type=int, default=5, help="(default: 5)")
    make.add_argument("--by-file", type=int, default=0, help="how many of them answer by file (default: 0)")
    make.add_argument("--abstractions", type=int, default=5, help="a person (default: 5)")
    make.add_argument("--extrapolations", type=int, default=3, help="a person (default: 3)")
    make.add_argument("--generations", type=int, default=3, help="a person (default: 3)")
    make.add_argument("--attention", type=int, default=2, help="attention checks a person (default: 2)")
    make.add_argument("--redundancy", type=int, default=1, help="people a text (default: 1)")
    make.add_argument("--basis", choices=[basis.value for basis in Basis], default=Basis.OWN.value)
    make.add_argument("--pay", type=float, default=0.0, help="an hour, in US dollars (default: 0)")
    make.add_argument("--contact", default="", help="whom people can ask")
    make.add_argument("--texts", default="", help="a file of data/survey, by name (default: the task's)")
    make.add_argument("--address", default="http://127.0.0.1:8501", help="how people reach the workbench")
    add_study(make)
    make.set_defaults(run=_make)


def _make(options: argparse.Namespace) -> None:
    with _opened(options) as workbench:
        study = study_of(workbench, options.study)
        plan = SurveyPlan(
            participants=options.people,
            abstractions=options.abstractions,
            extrapolations=options.extrapolations,
            generations=options.generations,
            attention=options.attention,
            redundancy=options.redundancy,
            basis=Basis(options.basis),
            pay_per_hour=options.pay,
            seed=int(str(study.config.get("seed", 0))),
            contact=options.contact,
        )
        made = workbench.survey.make(study.study_id, options.title, plan, options.texts, options.by_file)
    print(f"{made.survey.survey_id}: {plan.participants} people, {plan.questions} questions each")
    for participant in made.participants:
        token = made.tokens.get(participant.participant_id)
        link = f"{options.address.rstrip('/')}/contribute?t={token}" if token else "by file"
        print(f"{participant.number}\t{link}")
    if made.tokens:
        print("The links are shown only now: their tokens are not stored.")


def _status(options: argparse.Namespace) -> None:
    with _opened(options) as workbench:
        surveys = workbench.store.surveys.all(study_of(workbench, options.study).study_id)
        if not surveys:
            print("no survey yet; make one with `survey make` or in the app")
        for survey in surveys:
            found = workbench.survey.results(survey.survey_id)
            print(f"{survey.survey_id}  {survey.title}")
            for person in found.people:
                print(f"  {_line(person)}")
            cost = found.cost
            print(f"  {cost.minutes:.1f} min, {cost.total:.2f} {survey.plan.currency}: {cost.hypotheses} hypotheses "
                  f"accepted, {cost.samples} samples approved")  # fmt: skip


def _line(person: Person) -> str:
    return (
        f"{person.participant.number}: {person.stage.value}, {person.submitted} of {person.asked} answered, "
        f"{person.checks_failed} checks failed, {person.flagged} flagged, {person.accepted} accepted, "
        f"{person.minutes:.1f} min, code {person.participant.completion_code}"
    )


def _export(options: argparse.Namespace) -> None:
    with _opened(options) as workbench:
        files = workbench.survey.files
        if options.target.suffix == ".csv":
            write_new(options.target, files.table(options.survey_id))
            return
        people = workbench.store.surveys.participants(workbench.store.surveys.get(options.survey_id).survey_id)
        try:
            options.target.mkdir(parents=True)
        except OSError as error:
            raise StoreError(f"{options.target} cannot be made: {error.strerror}; name a new folder") from error
        for one in people:
            write_new(options.target / f"person-{one.number}.html", files.form(one.participant_id))


def _import(options: argparse.Namespace) -> None:
    content = content_of(options.file)
    with _opened(options) as workbench:
        taken = workbench.survey.files.take_in(options.survey_id, options.file.name, content)
    print(f"{taken.new:,} answers taken in, {taken.known:,} were stored already; {taken.finished:,} people are done")


@contextmanager
def _opened(options: argparse.Namespace) -> Iterator[Workbench]:
    from bsm_core.bootstrap import build_workbench

    workbench = build_workbench(settings_of(options))
    try:
        yield workbench
    finally:
        workbench.close()
