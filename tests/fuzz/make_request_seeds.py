#!/usr/bin/env python3
"""Writes the request sequences below as seeds into corpus/request: what a person can read, as what request_fuzz reads.

A step is (RPC, who, request in protobuf's text format, manners); rpc_table.cc says which number an RPC has,
request_input.h what the bytes mean."""
import pathlib
import re

HERE = pathlib.Path(__file__).resolve().parent
ORDER = re.findall(r'"greenroom\.\w+\.v1\.\w+/(\w+)"', (HERE / "rpc_table.cc").read_text(encoding="utf-8"))
WHO = {name: number for number, name in enumerate(
    ("ada", "bob", "author", "instructor", "operator", "service", "rival", "nobody"))}
TEXT, TWICE, LATER, MUCH_LATER, GRADER_DOWN = 8, 16, 32, 64, 128


def uuid(number):
    return f"{number:08x}-1111-4111-8111-111111111111"


S1, S2 = uuid(1), uuid(2)
ME = "tenants/-/learners/me"
ML = "tenants/acme/packs/ml"


def create(number=1, mode="PRACTICE", more="", who="ada", manners=0, source=ML, parent=ME):
    return ("CreateSession", who, f'parent: "{parent}" session_id: "{uuid(number)}" source: "{source}" '
            f"mode: SESSION_MODE_{mode} {more}", manners)


def act(rpc, number, question="one", more="", who="ada", manners=0, session=S1):
    return (rpc, who, f'session: "{ME}/sessions/{session}" question: "{question}" request_id: "{uuid(number)}" {more}',
            manners)


def submit(number, text, question="one", more="", who="ada", manners=0, session=S1):
    return ("SubmitAnswer", who, f'session: "{ME}/sessions/{session}" question: "{question}" '
            f'answer_id: "{uuid(number)}" text: "{text}" {more}', manners)


def named(rpc, name, more="", who="ada", manners=0):
    field = {"ListPacks": "parent", "ListQuestions": "parent", "ListRevisions": "parent", "ListSessions": "parent",
             "ListAnswers": "parent", "NextQuestion": "session", "SaveDraft": "session", "ListDueQuestions": "parent", "GetCalibration": "parent"}.get(rpc, "name")
    return (rpc, who, f'{field}: "{name}" {more}', manners)


def item(number, device_seq, second, what):
    return (f'items {{ id: "{uuid(number)}" session: "{S1}" device_seq: {device_seq} '
            f"occurred_time {{ seconds: {1767258000 + second} }} {what} }}")


def sync(*items, who="ada", manners=0, more=""):
    return ("SyncLearner", who, f'parent: "{ME}" device: "phone" {" ".join(items)} {more}', manners)


PACK = (r"format: greenroom-pack/1\npack: new\nlanguage: en\nrole: Baker\nquestions:\n  - id: bread\n    kind: concept\n"
        r"    difficulty: 1\n    prompt: Why does bread rise?\n    model_answer: 95 yeast\n    hints: [Think of yeast.]\n"
        r"    rubric: [{id: yeast, point: Yeast makes gas}]\n    examples:\n"
        r"      - {id: a, answer: 90 yeast, score: [80, 100]}\n      - {id: b, answer: 85 gas, score: [80, 100]}\n"
        r"      - {id: c, answer: 10 heat, score: [0, 40]}\n      - {id: d, answer: 20 salt, score: [0, 40]}\n")
PAGE = r"Baker Interview Prep\nBake well.\nWhy does bread rise?\nShow model answer\nYeast makes gas; heat makes it grow.\n"


def bake(number, more="", who="author", manners=TWICE):
    return ("ImportPack", who, f'parent: "tenants/-" format: PACK_FORMAT_YAML source: "{PACK}" '
            f'request_id: "{uuid(number)}" {more}', manners)


def override(number, more, who="instructor", manners=0):
    return ("OverrideGrade", who, f'answer: "tenants/acme/learners/ada/sessions/{S1}/answers/{uuid(3)}" '
            f'request_id: "{uuid(number)}" {more}', manners)


def regrade(rpc, number, more="", who="instructor", manners=0):
    field = "parent" if rpc == "ListRegradeChanges" else "name"
    return (rpc, who, f'{field}: "tenants/acme/regrades/{uuid(number)}" {more}', manners)


SESSION = f"{ME}/sessions/{S1}"
SEEDS = {
    "practice": [create(manners=TWICE), named("NextQuestion", SESSION), act("TakeHint", 2, manners=TWICE),
                 submit(3, "It learns the noise of its training data.", manners=TWICE | LATER),
                 act("RateAnswer", 4, more='rating: RATING_GOOD claimed_points: "noise"', manners=TWICE),
                 act("RevealAnswer", 5, manners=TWICE), submit(6, "noise", manners=LATER),
                 act("SkipQuestion", 7, "three", manners=TWICE), named("GetSessionReport", SESSION),
                 ("FinishSession", "ada", f'name: "{SESSION}" request_id: "{uuid(8)}"', TWICE),
                 named("GetSessionReport", SESSION)],
    "mock": [create(mode="MOCK", more="seed: 7"), named("NextQuestion", SESSION), submit(3, "It fits noise."),
             submit(4, "Once more."), act("RevealAnswer", 5), act("SkipQuestion", 6, "three"),
             named("NextQuestion", SESSION, manners=MUCH_LATER), named("GetSession", SESSION)],
    "review": [create(mode="REVIEW", more='questions: "three"'),
               submit(3, "When I broke the build, I fixed it within 2 hours and learned to test.", "three"),
               act("RevealAnswer", 4, "three"), submit(5, "again", "three"), act("RateAnswer", 6, "three",
               f'rating: RATING_AGAIN answer: "{SESSION}/answers/{uuid(3)}"')],
    "exam-refused": [create(mode="EXAM"), create(2, source="tenants/acme/packs/exam"),
                     create(3, source="tenants/acme/packs/draft"), create(4, source="tenants/rival/packs/ml")],
    "criteria": [create(more='criteria { topics: "basics" kinds: QUESTION_KIND_CONCEPT tags: "open" max_difficulty: 3 '
                        'count: 1 shuffle: true } seed: 99 device: "phone"'),
                 create(2, more='criteria { min_difficulty: 5 }'), named("ListSessions", ME, "page_size: 1")],
    "late-grades": [create(), submit(3, "noise", manners=GRADER_DOWN | TWICE),
                    named("GetAnswer", f"{SESSION}/answers/{uuid(3)}"),
                    named("GetAnswer", f"{SESSION}/answers/{uuid(3)}", manners=MUCH_LATER),
                    named("ListAnswers", SESSION, 'page_size: 1 question: "one"')],
    "drafts": [create(), ("SaveDraft", "ada", f'session: "{SESSION}" question: "one" text: "It lea"', TWICE),
               ("SaveDraft", "ada", f'session: "{SESSION}" question: "one" text: ""', LATER),
               named("NextQuestion", SESSION, 'question: "three" seen_sequence: 1')],
    "other-people": [named("GetSession", f"tenants/acme/learners/bob/sessions/{uuid(7)}"),
                     named("GetAnswer", f"tenants/acme/learners/bob/sessions/{uuid(7)}/answers/{uuid(8)}"),
                     named("ListAnswers", f"tenants/acme/learners/bob/sessions/{uuid(7)}", who="instructor"),
                     named("GetSession", f"tenants/rival/learners/eve/sessions/{uuid(7)}", who="instructor"),
                     named("GetSessionReport", f"tenants/acme/learners/bob/sessions/{uuid(7)}", who="rival"),
                     named("GetSessionReport", f"{ME}/sessions/{uuid(7)}", who="rival"),
                     named("ListSessions", "tenants/-/learners/bob", who="instructor"),
                     named("ListSessions", ME, who="nobody")],
    "catalogue": [named("ListPacks", "tenants/-", "page_size: 1"), named("GetPack", ML),
                  named("GetPack", "tenants/acme/packs/exam"), named("GetPack", "tenants/acme/packs/draft", who="author"),
                  named("ListQuestions", f"{ML}/revisions/current", "page_size: 1"),
                  named("ListQuestions", f"{ML}/revisions/current", "view: QUESTION_VIEW_FULL", who="author"),
                  named("GetQuestion", f"{ML}/revisions/current/questions/one"),
                  named("GetQuestion", f"{ML}/revisions/current/questions/one", "view: QUESTION_VIEW_FULL"),
                  named("GetQuestion", "tenants/rival/packs/ml/revisions/current/questions/one", who="service"),
                  named("GetPack", ML, who="rival")],
    "authoring": [bake(1, manners=TWICE), bake(2, "validate_only: true"), named("CheckPack", "tenants/-/packs/new",
                                                                              who="author"),
                  ("PublishPack", "author", f'name: "tenants/-/packs/new" request_id: "{uuid(3)}"', TWICE),
                  named("ListRevisions", "tenants/-/packs/new", "page_size: 1", who="author"),
                  named("ExportPack", "tenants/-/packs/new", who="instructor"),
                  named("ListQuestions", "tenants/-/packs/new/revisions/current"),
                  ("CheckPack", "author", f'name: "tenants/-" source: "{PACK}"', 0)],
    "page": [("ImportPack", "operator", f'parent: "tenants/acme" format: PACK_FORMAT_PAGE pack: "page" source: "{PAGE}" '
              f'request_id: "{uuid(1)}"', TWICE),
             ("PublishPack", "operator", f'name: "tenants/-/packs/page" etag: "\\"1\\"" request_id: "{uuid(2)}"', 0),
             ("PublishPack", "operator", f'name: "tenants/-/packs/draft" request_id: "{uuid(2)}"', TWICE)],
    "scoring": [("GradeAnswer", "service", f'question: "{ML}/revisions/current/questions/one" answer: "learns noise"', 0),
                ("GradeAnswer", "author", 'reference_question { question: "Why?" references: "Because yeast makes gas." '
                 'language: "en" } answer: "Yeast makes gas"', 0),
                ("GradeAnswer", "service", f'question: "{ML}/revisions/current/questions/one" answer: "learns noise" '
                 'graded { answer: "it learns noise" score: 90 credits { key: "noise" value: 1 } } graded { score: 10 }', TWICE),
                ("GradeAnswers", "instructor", 'id: "a" request { inline_question { id: "q" kind: QUESTION_KIND_CONCEPT '
                 'prompt: "Why?" model_answer: "So." rubric { id: "p" point: "So it is" accept: "so ... is" } '
                 'red_flags { id: "f" point: "No" match: "(no|never)" } } answer: "It is so, never no." }', TWICE),
                ("GradeAnswers", "author", 'id: "b" request { question: "tenants/rival/packs/ml/revisions/current/'
                 'questions/one" answer: "x" }', 0),
                ("ListGraders", "operator", "", 0), ("GradeAnswer", "ada", 'answer: "x"', 0)],
    "finding": [("SearchQuestions", "ada", 'parent: "tenants/-" query: "noise trai" page_size: 1', 0),
                ("SearchQuestions", "author", f'parent: "tenants/acme" query: "bread" pack: "{ML}"', 0),
                ("ListPackChanges", "ada", 'parent: "tenants/-" page_size: 1', 0),
                ("ListPackChanges", "rival", 'parent: "tenants/-" change_token: "AAAA"', 0),
                named("DownloadPack", ML), named("DownloadPack", f"{ML}/revisions/current", "offset: 9"),
                named("DownloadPack", "tenants/acme/packs/exam"), named("DownloadPack", ML, who="rival")],
    "lifecycle": [("UpdatePack", "author", f'pack {{ name: "{ML}" role: "Baker" }} update_mask {{ paths: "role" }} '
                   f'request_id: "{uuid(1)}"', TWICE),
                  ("UpdatePack", "author", f'pack {{ name: "{ML}" }} update_mask {{ paths: "tips" }} etag: "x" '
                   f'request_id: "{uuid(2)}"', 0),
                  create(), ("DeletePack", "author", f'name: "{ML}" request_id: "{uuid(3)}"', TWICE),
                  submit(4, "It learns noise."), create(2), named("GetPack", ML), named("DownloadPack", ML),
                  ("SearchQuestions", "ada", 'parent: "tenants/-" query: "noise"', 0),
                  ("ListPackChanges", "ada", 'parent: "tenants/-"', 0), bake(5),
                  ("UndeletePack", "author", f'name: "{ML}" request_id: "{uuid(6)}"', TWICE),
                  ("UndeletePack", "ada", f'name: "{ML}" request_id: "{uuid(7)}"', 0)],
    "sync": [create(3), sync(item(1, 1, 0, f'begin {{ revision: "{ML}/revisions/current" questions: "one" mode: SESSION_MODE_PRACTICE }}'),
                  item(2, 2, 5, 'answer { question: "one" text: "It learns noise." confidence: CONFIDENCE_SURE }'),
                  manners=TWICE),
             sync(item(4, 4, 9, f'rating {{ question: "one" answer: "{uuid(2)}" rating: RATING_GOOD }}'),
                  item(3, 3, 7, 'reveal { question: "one" }'), item(5, 5, 99, "finish { }"), more="page_size: 1"),
             create(), sync(), sync(who="rival"), sync(more='token: "AAAA"')],
    "watch": [create(more="vary_prompts: true"), named("WatchSession", SESSION),
              submit(3, "I do not know.", manners=GRADER_DOWN), named("WatchSession", SESSION, "seen_sequence: 1",
                                                                     manners=MUCH_LATER),
              named("NextQuestion", SESSION), named("WatchSession", SESSION, who="bob"),
              create(2, more="no_follow_ups: true"), named("WatchSession", f"{ME}/sessions/{uuid(9)}")],
    "memory": [create(), submit(3, "It learns the noise of its training data."), named("ListDueQuestions", ME, "page_size: 1"),
               ("UpdateLearner", "ada", f'name: "{ME}" settings {{ time_zone: "Europe/Berlin" daily_minutes: 5 goal_pack: "{ML}" '
                f'goal_date: "2026-12-24" }} update_mask {{ paths: "time_zone" paths: "daily_minutes" paths: "goal_pack" '
                f'paths: "goal_date" }} request_id: "{uuid(4)}"', TWICE),
               ("ImportMemory", "ada", f'parent: "{ME}" items {{ pack: "{ML}" question: "three" sm2 {{ ease: 2.5 '
                f'interval_days: 10 }} last_review_time {{ seconds: 1600000000 }} reviews: 3 }} request_id: "{uuid(5)}"', TWICE),
               named("ListDueQuestions", ME, f'pack: "{ML}"', manners=MUCH_LATER), named("GetLearner", ME),
               named("GetProgress", f"{ME}/progress", "forecast_days: 3"), named("GetCalibration", ME),
               named("GetProgress", "tenants/acme/learners/ada/progress", who="instructor"),
               named("GetProgress", "tenants/acme/learners/ada/progress", who="bob"),
               named("ListDueQuestions", "tenants/acme/learners/ada", who="rival"),
               ("UpdateLearner", "bob", f'name: "{ME}" settings {{ goal_pack: "tenants/acme/packs/exam" }} update_mask '
                f'{{ paths: "*" }} request_id: "{uuid(6)}"', 0)],
    "override": [create(), submit(3, "It learns the noise of its training data."),
                 override(4, 'score: 90 comment: "Well said." note: "seen"', manners=TWICE),
                 override(5, 'items { item: "noise" credit: 0.5 }'), override(6, 'flags { flag: "absent" raised: true }'),
                 override(7, "score: 10", who="ada"), override(8, "score: 10", who="rival"),
                 named("GetAnswer", f"{SESSION}/answers/{uuid(3)}"), named("GetSessionReport", SESSION),
                 named("GetAnswer", f"tenants/acme/learners/ada/sessions/{S1}/answers/{uuid(3)}", who="instructor")],
    "regrade": [create(), submit(3, "It learns noise."),
                ("CreateRegrade", "instructor", f'parent: "tenants/-" regrade_id: "{uuid(4)}" pack: "{ML}" '
                 'questions: "one"', TWICE | MUCH_LATER),
                regrade("GetRegrade", 4, who="operator"), regrade("ListRegradeChanges", 4, "page_size: 1"),
                ("ListRegrades", "operator", 'parent: "tenants/-" page_size: 1', 0),
                ("ListRegrades", "instructor", f'parent: "tenants/acme" pack: "{ML}"', 0),
                ("ListRegrades", "rival", 'parent: "tenants/-"', 0), ("ListRegrades", "ada", 'parent: "tenants/-"', 0),
                regrade("ApplyRegrade", 4, manners=TWICE | MUCH_LATER), regrade("CancelRegrade", 4, manners=MUCH_LATER),
                regrade("GetRegrade", 4, who="rival"), regrade("GetRegrade", 5), regrade("GetRegrade", 4, who="ada"),
                ("CreateRegrade", "instructor", f'parent: "tenants/-" regrade_id: "{uuid(5)}" pack: "{ML}" '
                 f'against: "{ML}/revisions/r00000000000000000000000000000009"', 0),
                named("GetAnswer", f"{SESSION}/answers/{uuid(3)}")],
    "calibrated-regrade": [create(), submit(3, "It learns noise."), submit(9, "It learns.", session=S1),
                           override(6, 'items { item: "noise" credit: 0.5 }'),
                           ("CreateRegrade", "instructor", f'parent: "tenants/-" regrade_id: "{uuid(4)}" pack: "{ML}" '
                            'calibrate: true', TWICE | MUCH_LATER),
                           regrade("GetRegrade", 4), regrade("ListRegradeChanges", 4),
                           regrade("ApplyRegrade", 4, manners=TWICE | MUCH_LATER),
                           named("GetAnswer", f"{SESSION}/answers/{uuid(3)}")],
    "queue": [create(), submit(3, "It learns noise."), act("RevealAnswer", 4),
              act("RateAnswer", 5, more='rating: RATING_GOOD claimed_points: "noise"', manners=MUCH_LATER),
              ("ListReviewQueue", "instructor", 'parent: "tenants/-" page_size: 1', MUCH_LATER),
              ("ListReviewQueue", "instructor", f'parent: "tenants/-" pack: "{ML}" reason: REVIEW_REASON_CLAIMED', 0),
              ("ListReviewQueue", "rival", 'parent: "tenants/-"', 0), ("ListReviewQueue", "ada", 'parent: "tenants/-"', 0),
              ("GetQuestionStats", "instructor", f'pack: "{ML}" question: "one"', 0)],
    "timed": [create(mode="MOCK", more="time_limit { seconds: 600 } question_time_limit { seconds: 120 }"),
             named("NextQuestion", SESSION), submit(3, "It learns noise."),
             named("PauseSession", SESSION, f'request_id: "{uuid(4)}"', manners=TWICE), submit(5, "Paused.", question="two"),
             named("ResumeSession", SESSION, f'request_id: "{uuid(6)}"', manners=TWICE | LATER),
             named("SaveDraft", SESSION, 'question: "two" text: "half an answer"'),
             named("GetSession", SESSION, manners=MUCH_LATER), named("GetSessionReport", SESSION)],
    "assignment": [("CreateAssignment", "instructor", f'parent: "tenants/-" assignment_id: "final" assignment {{ revision: "{ML}" '
                    'mode: SESSION_MODE_EXAM time_limit { seconds: 900 } }', TWICE),
                   create(mode="EXAM", source="", more='assignment: "tenants/-/assignments/final"'), submit(3, "It learns noise."),
                   named("GetAnswer", f"{SESSION}/answers/{uuid(3)}"), named("FinishSession", SESSION, f'request_id: "{uuid(4)}"'),
                   ("ListAssignmentResults", "instructor", 'parent: "tenants/-/assignments/final"', 0),
                   named("ReleaseGrades", "tenants/-/assignments/final", who="instructor", manners=TWICE),
                   named("GetAssignment", "tenants/-/assignments/final", who="rival"),
                   named("DeleteAssignment", "tenants/-/assignments/final", who="ada")],
    "erase": [create(), submit(3, "It learns the noise of its training data."), named("ExportLearner", ME),
              named("ExportLearner", "tenants/acme/learners/ada", who="bob"),
              named("EraseLearner", ME, manners=TWICE), named("GetSession", SESSION), submit(5, "Again."), create(2),
              named("ExportLearner", ME)],
}


def main():
    folder = HERE / "corpus" / "request"
    folder.mkdir(parents=True, exist_ok=True)
    for name, steps in SEEDS.items():
        out = b""
        for rpc, who, text, manners in steps:
            payload = text.encode()
            out += bytes([ORDER.index(rpc), WHO[who] | TEXT | manners]) + len(payload).to_bytes(2, "little") + payload
        (folder / name).write_bytes(out)


if __name__ == "__main__":
    main()
