"""The human-graded answers of ../shared/data/asag: reading, folds, and answers that earn nothing. Texts stay where they are."""
import json
import pathlib
import random
import re
import zlib

SETS = {"mohler": "mohler_dev", "scientsbank": "scientsbank_train", "beetle": "beetle_train", "saf": "saf_train"}
FOLDS = 8


def read(folder):
    """All answers, in the order of the files; `target` is 0 to 1, `set` the name above, `fold` 0 to 7."""
    folder = pathlib.Path(folder)
    rows = []
    for name, stem in SETS.items():
        path = folder / f"{stem}.jsonl"
        if not path.exists():
            raise SystemExit(f"{path} is missing: give the folder with the graded answers")
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            row["set"] = name
            binary = name in ("scientsbank", "beetle")
            row["target"] = float(row["label_2way"] == "correct") if binary else row["score"]
            rows.append(row)
    assignments = sorted({row["group"] for row in rows if row["set"] == "mohler"}, key=int)
    if len(assignments) != FOLDS:
        raise SystemExit(f"{len(assignments)} assignments, not {FOLDS}")
    for row in rows:
        by_assignment = row["set"] == "mohler"
        row["fold"] = (assignments.index(row["group"]) if by_assignment
                       else zlib.crc32(row["question"].encode()) % FOLDS)
    return rows


def same_question(text):
    """What two askings of one question share."""
    return re.sub(r"[^a-z0-9]+", " ", text.lower()).strip()


def is_blank(answer):
    """Nothing was handed in. Reported apart and no material for learning."""
    text = same_question(answer)
    return text in ("", "no answer", "not answered", "no submission", "name", "n a", "none", "skip")


def negatives(rows, seed=20261128):
    """For each answer one that says nothing about its question: a reference or an answer of another question of the same set,
    or an answer of another set. Reproducible."""
    rnd = random.Random(seed)
    by_set = {}
    for row in rows:
        by_set.setdefault(row["set"], []).append(row)
    made = []
    for number, row in enumerate(rows):
        far = number % 3 == 2
        pool = rnd.choice([s for s in SETS if s != row["set"]]) if far else row["set"]
        other = rnd.choice(by_set[pool])
        while same_question(other["question"]) == same_question(row["question"]):
            other = rnd.choice(by_set[pool])
        text = rnd.choice(other["references"]) if number % 2 else other["answer"]
        made.append(dict(row, id=f"none-{row['id']}", answer=text, target=0.0, kind="far" if far else "near"))
    return made
