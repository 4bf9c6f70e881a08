"""Measures the grader; tests/grading/run calls it. Grades come from `greenroom grade --local --batch` alone."""
import argparse
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
TRAINING = HERE.parent.parent / "services/scoring/training"


def load(name, path):
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


sys.path.insert(0, str(TRAINING))
training = load("training", TRAINING / "train")  # before numpy: it says how many threads there are
import numpy  # noqa: E402
import asag  # noqa: E402
figures = load("figures", HERE / "statistics.py")
tables = load("tables", HERE / "tables.py")

DRAWS = 10  # random choices of the answers that a teacher graded
KEYS = ("id", "question", "references", "answer", "language", "pack", "graded")


class Grader:
    """`greenroom grade --local --batch` with one model."""

    def __init__(self, program, model=None):
        self.command = [program, "grade", "--local", "--batch", "-"]
        if model:
            self.command += ["--model", str(model)]

    def grade(self, lines):
        text = "".join(json.dumps({k: l[k] for k in KEYS if k in l}) + "\n" for l in lines)
        run = subprocess.run(self.command, input=text, capture_output=True, text=True, check=False)
        replies = [json.loads(line) for line in run.stdout.splitlines()]
        if run.returncode or len(replies) != len(lines):
            bad = next((r for r in replies if "error" in r), run.stderr[-500:])
            raise SystemExit(f"grading failed: {bad}")
        return replies


def scores_of(replies):
    return numpy.array([(r["score"] or 0) / 100 for r in replies])


class Folds:
    """Every graded answer, graded by a model that has seen neither its fold nor its question."""

    def __init__(self, options, rows, label, columns=None):
        self.rows = rows
        self.paths = []
        folder = options.out / "models"
        folder.mkdir(parents=True, exist_ok=True)
        table = options.table
        if columns is not None:
            table = dict(table, directions=numpy.where(numpy.isin(table["names"], columns), 0, table["directions"]))
        for fold in range(asag.FOLDS):
            path = folder / f"{label}-without-{fold}.txt"
            training.train(options.material, table, path, f"{label}-without-{fold}", fold)
            self.paths.append(path)
        self.program = options.program
        self.replies = self.grade(rows)
        self.scores = scores_of(self.replies)

    def grade(self, lines):
        replies = [None] * len(lines)
        for fold, path in enumerate(self.paths):
            at = [i for i, line in enumerate(lines) if line["fold"] == fold]
            for i, reply in zip(at, Grader(self.program, path).grade([lines[i] for i in at])):
                replies[i] = reply
        return replies


def of_set(rows, name, blank=False):
    return [i for i, r in enumerate(rows) if r["set"] == name and (blank or not asag.is_blank(r["answer"]))]


def measure_agreement(rows, scores, samples, blank):
    """Mohler and SAF for one system."""
    out = {}
    for name in ("mohler", "saf"):
        at = of_set(rows, name, blank and name == "mohler")
        out[name] = figures.agreement(scores[at], [rows[i]["target"] for i in at],
                                      [rows[i]["question_id"] for i in at], 5 if name == "mohler" else 1, samples)
    return out


def measure_labels(rows, scores):
    """2-way and 3-way; the threshold of each fold comes from the other folds. The grader does not tell contradictions from
    other wrong answers, so 3-way counts them as it says: incorrect."""
    out = {}
    for name in ("scientsbank", "beetle"):
        at = of_set(rows, name, True)
        said = {}
        for fold in range(asag.FOLDS):
            other = [i for i in at if rows[i]["fold"] != fold]
            threshold = figures.best_threshold(scores[other], [rows[i]["label_2way"] == "correct" for i in other])
            for i in at:
                if rows[i]["fold"] == fold:
                    said[i] = "correct" if scores[i] >= threshold else "incorrect"
        for way in ("2way", "3way"):
            out[f"{name}_{way}"] = figures.classification([said[i] for i in at], [rows[i][f"label_{way}"] for i in at])
    return out


def measure_calibration(rows, folds, samples):
    """Mohler with a few answers to each question graded by a person; the others are measured."""
    at = of_set(rows, "mohler", True)
    groups = figures.by_question([rows[i]["question_id"] for i in at])
    out = {}
    for count in (0, 1, 3, 5, 10):
        r, error = [], []
        for draw in range(DRAWS if count else 1):
            random = numpy.random.default_rng(figures.SEED + draw)
            lines = []
            for group in groups:
                picked = set(random.permutation(len(group))[:count].tolist())
                graded = [{"answer": rows[at[group[p]]]["answer"], "score": round(100 * rows[at[group[p]]]["target"])}
                          for p in sorted(picked)]
                for place, member in enumerate(group):
                    if place not in picked:
                        lines.append(dict(rows[at[member]], graded=graded) if graded else rows[at[member]])
            scores = scores_of(folds.grade(lines))
            result = figures.agreement(scores, [l["target"] for l in lines], [l["question_id"] for l in lines], 5, 1)
            r.append(result["r"])
            error.append(result["rmse"])
        out[str(count)] = {"r": float(numpy.mean(r)), "rmse": float(numpy.mean(error))}
    return out


def measure_confidence(rows, replies):
    """Error of the less and the more confident half, and how often the interval holds the human grade."""
    out = {}
    rank = {"low": 0, "medium": 1, "high": 2}
    for name in ("mohler", "saf"):
        at = of_set(rows, name)
        error = numpy.array([abs((replies[i]["score"] or 0) / 100 - rows[i]["target"]) for i in at])
        order = sorted(range(len(at)), key=lambda k: (rank[replies[at[k]]["confidence"]],
                                                      -(replies[at[k]]["high"] - replies[at[k]]["low"]), k))
        half = len(order) // 2
        inside = [replies[i]["low"] <= 100 * rows[i]["target"] + 0.5 and 100 * rows[i]["target"] - 0.5 <= replies[i]["high"]
                  for i in at]
        out[name] = {"less_confident_half": float(error[order[:half]].mean()),
                     "more_confident_half": float(error[order[half:]].mean()), "interval_holds": float(numpy.mean(inside)),
                     "interval_width": float(numpy.mean([replies[i]["high"] - replies[i]["low"] for i in at]))}
    return out


def probe_lines(options, mode, references=()):
    text = "".join(json.dumps(r) + "\n" for r in references)
    run = subprocess.run([options.build / "bin/grading_probes", mode], input=text, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def measure_probes(lines, scores):
    """Mean over questions of each family and form, 0 to 100; of honest forms what they lose, of instructions the largest change."""
    by_form, wholes = {}, {}
    for line, score in zip(lines, scores):
        if line["family"] in ("honest", "instruction"):
            whole, _, form = line["form"].partition("/")
            key = (line["of"], line["family"], whole)
            if not form:
                wholes[key] = score
                continue
            change = 100 * (wholes[key] - score)
            name = form if line["family"] == "honest" else "largest change"
            by_form.setdefault((line["family"], name), {}).setdefault(line["of"], []).append(
                change if line["family"] == "honest" else abs(change))
        elif line["family"] == "example":
            low, high = map(int, line["form"].rsplit(":", 1)[1].split("-"))
            inside = low <= round(100 * score) <= high
            by_form.setdefault(("examples in range", "share"), {}).setdefault("all", []).append(100 * inside)
        else:
            several = line["family"] in ("negated", "shuffled", "keywords")
            by_form.setdefault((line["family"], line["form"] if several else "all"), {}).setdefault(line["of"], []).append(
                100 * score)
    out = {}
    for (family, form), questions in by_form.items():
        means = [max(v) if family == "instruction" else sum(v) / len(v) for v in questions.values()]
        out.setdefault(family, {})[form] = max(means) if family == "instruction" else sum(means) / len(means)
    return out


def measure_order(lines, scores):
    """Share of questions where every good example stands above every poor one."""
    ends = {}
    for line, score in zip(lines, scores):
        if line["family"] == "example":
            low, high = map(int, line["form"].rsplit(":", 1)[1].split("-"))
            good, poor = ends.setdefault(line["of"], ([], []))
            (good if low >= 60 else poor if high <= 40 else []).append(score)
    kept = [min(good) > max(poor) for good, poor in ends.values() if good and poor]
    return {"kept": int(sum(kept)), "of": len(kept)}


def reference_questions(rows):
    seen = {}
    for i in of_set(rows, "mohler", True):
        row = rows[i]
        seen.setdefault(row["question_id"], {"id": row["question_id"], "question": row["question"],
                                             "references": row["references"], "fold": row["fold"]})
    return list(seen.values())


def measure_reference_probes(options, rows, folds):
    questions = reference_questions(rows)
    fold = {q["id"]: q["fold"] for q in questions}
    lines = probe_lines(options, "references", [{k: q[k] for k in ("id", "question", "references")} for q in questions])
    for line in lines:
        line["fold"] = fold[line["of"]]
    out = measure_probes(lines, scores_of(folds.grade(lines)))
    full = [i for i in of_set(rows, "mohler") if rows[i]["target"] >= 0.95]
    groups = figures.by_question([rows[i]["question_id"] for i in full])
    out["paraphrase"] = {"answers with full marks": float(100 * numpy.mean(
        [folds.scores[[full[k] for k in g]].mean() for g in groups]))}
    return out


def blocks(path):
    """A data file's lines by the words of the last heading before them."""
    heading = None
    for text in path.read_text(encoding="utf-8").splitlines():
        if text.startswith("# "):
            heading = tuple(text[2:].split())
        elif text:
            yield heading, text.replace("\\n", "\n")


def flag_lines(pattern):
    """Phrasings of each flag, and as many frames in which the same words are negated, quoted or somebody else's: each phrasing
    stands in one frame, the n-th in the n-th."""
    frames = (HERE / "data/near_misses.txt").read_text(encoding="utf-8").splitlines()
    lines, numbers = [], {}
    for path in sorted((HERE / "data").glob(pattern)):
        for heading, text in blocks(path):
            number = numbers[heading] = numbers.get(heading, -1) + 1
            lower = text.rstrip(".")
            lower = lower if lower.split()[0] in ("I", "I'm", "I've") else lower[0].lower() + lower[1:]
            near = frames[number % len(frames)].replace("{s}", lower).replace("{S}", text)
            for answer, raised in ((text, True), (near, False)):
                lines.append(dict(zip(("pack", "question", "flag"), heading), id=str(len(lines)), answer=answer, raised=raised))
    return lines


def measure_flags(options, pattern):
    """What must be raised, and what must not. `wrong` lists the answers that were not as they must."""
    lines = flag_lines(pattern)
    out, wrong = {}, []
    for line, reply in zip(lines, Grader(options.program).grade(lines)):
        suite = out.setdefault(f"{line['pack']} {line['question']} {line['flag']}", {"raised": 0, "of": 0, "quiet": 0, "near_misses": 0})
        raised = line["flag"] in reply["flags"]
        suite["of" if line["raised"] else "near_misses"] += 1
        suite["raised" if line["raised"] else "quiet"] += raised == line["raised"]
        if raised != line["raised"]:
            wrong.append({k: line[k] for k in ("question", "flag", "answer", "raised")})
    return {"flags": out, "wrong": wrong}


def measure_honest(options, name):
    """Right answers that come near a misconception: whatever they raise is raised wrongly."""
    lines = [dict(zip(("pack", "question", "flag"), heading), id=str(i), answer=text)
             for i, (heading, text) in enumerate(blocks(HERE / "data" / name))]
    accused = [{"question": line["question"], "answer": line["answer"], "raised": reply["flags"]}
               for line, reply in zip(lines, Grader(options.program).grade(lines)) if reply["flags"]]
    return {"of": len(lines), "quiet": len(lines) - len(accused), "wrong": accused}


def measure_star(options):
    """Stories in which a part is told, and texts in which it is not."""
    lines = [{"id": str(i), "pack": "ml-engineer", "question": "failed-project", "answer": text, "part": part[0], "told": told}
             for i, (part, text, told) in enumerate((part, text, told) for name, told in (("star", True), ("star_near_misses", False))
                                                    for part, text in blocks(HERE / f"data/{name}.txt"))]
    out, wrong = {}, []
    for line, reply in zip(lines, Grader(options.program).grade(lines)):
        part = out.setdefault(line["part"], {"found": 0, "of": 0, "quiet": 0, "near_misses": 0})
        found = line["part"] in reply["star"]
        part["of" if line["told"] else "near_misses"] += 1
        part["found" if line["told"] else "quiet"] += found == line["told"]
        if found != line["told"]:
            wrong.append({k: line[k] for k in ("part", "answer", "told")})
    return {"parts": out, "wrong": wrong}


def measure_speed(options):
    out = {}
    for program in ("grade_bench", "grade_steps_bench", "derived_bench"):
        run = subprocess.run([options.build / "tests" / program, "--benchmark_format=json", "--benchmark_min_time=0.2"],
                             capture_output=True, text=True, check=True)
        scale = {"ns": 1e-3, "us": 1, "ms": 1e3}
        for bench in json.loads(run.stdout)["benchmarks"]:
            out[bench["name"]] = bench["cpu_time"] * scale[bench["time_unit"]]
            for counter in ("median", "p99"):
                if f"{counter}_us" in bench:
                    out[f"{bench['name']} {counter}"] = bench[f"{counter}_us"]
    return out


ABLATIONS = {
    "without WordNet's tree": ["related", "related_count"],
    "without letters": ["letters", "letters_all", "all_letters"],
    "without order": ["pairs", "in_order", "stem_pairs"],
    "without question demotion": ["covered_unasked", "all_unasked", "unasked_words"],
    "without sentences": ["covered_in_sentence"],
    "without polarity": ["contradicted"],
}


def print_table(report):
    def line(name, *cells):
        print(f"{name:46s}" + "".join(f"{c:>22s}" for c in cells))

    def span(value, ends):
        return f"{value:.3f} [{ends[0]:.3f} {ends[1]:.3f}]"

    print("\nMohler, folds by assignment (0-5)")
    line("", "r [95 %]", "RMSE [95 %]", "median r a question")
    for name, system in report["systems"].items():
        m = system["mohler"]
        line("  " + name, span(m["r"], m["r_95"]), span(m["rmse"], m["rmse_95"]), f"{m['median_r']:.3f}")
    if "calibration" in report:
        print("\nMohler with k graded answers to each question (the rest measured)")
        for k, m in report["calibration"].items():
            line(f"  k = {k}", f"{m['r']:.3f}", f"{m['rmse']:.3f}")
    print("\nSAF without blanks (0-1)")
    for name, system in report["systems"].items():
        m = system["saf"]
        line("  " + name, span(m["r"], m["r_95"]), span(m["rmse"], m["rmse_95"]), f"{m['median_r']:.3f}")
    print("\nLabels, folds by question")
    line("", "macro F1", "weighted F1", "accuracy")
    for key in ("scientsbank_2way", "scientsbank_3way", "beetle_2way", "beetle_3way"):
        for name, system in report["systems"].items():
            m = system[key]
            line(f"  {key}: {name}", *(f"{m[x]:.3f}" for x in ("macro_f1", "weighted_f1", "accuracy")))
    if "confidence" in report:
        print("\nConfidence (mean absolute error, 0-1; the 80 % interval)")
        for name, m in report["confidence"].items():
            line(f"  {name}: less / more confident half", f"{m['less_confident_half']:.3f}", f"{m['more_confident_half']:.3f}",
                 f"holds {100 * m['interval_holds']:.0f} %", f"width {m['interval_width']:.0f}")
    print("\nProbes (0-100, mean over questions; honest forms: points lost)")
    line("", "packs", "Mohler references")
    families = dict.fromkeys([*report["probes"]["packs"], *report["probes"]["references"]])
    for family in families:
        forms = dict.fromkeys([*report["probes"]["packs"].get(family, {}), *report["probes"]["references"].get(family, {})])
        for form in forms:
            cells = [report["probes"][where].get(family, {}).get(form) for where in ("packs", "references")]
            line(f"  {family}: {form}", *("-" if c is None else f"{c:.1f}" for c in cells))
    kept = report["example_order"]
    line("  good examples above poor ones, questions", f"{kept['kept']} of {kept['of']}")
    for name, title in (("red_flags", "Red flags"), ("misconceptions", "Misconceptions")):
        suites = report["suites"][name]["flags"]
        print(f"\n{title}: phrasings raised, near misses not raised")
        line("  all", *(f"{sum(f[k] for f in suites.values())} of {sum(f[n] for f in suites.values())}"
                        for k, n in (("raised", "of"), ("quiet", "near_misses"))))
        for name, flag in suites.items():
            if flag["raised"] < flag["of"] or flag["quiet"] < flag["near_misses"]:
                line("  " + name, f"{flag['raised']} of {flag['of']}", f"{flag['quiet']} of {flag['near_misses']}")
    print("\nRight answers near a misconception: nothing raised")
    for name, title in (("honest", "by which phrases were mended"), ("honest_unseen", "others")):
        suites = report["suites"][name]
        line("  " + title, f"{suites['quiet']} of {suites['of']}")
    print("\nSTAR: parts found where they are told, not found where they are not")
    for name, part in report["suites"]["star"]["parts"].items():
        line("  " + name, f"{part['found']} of {part['of']}", f"{part['quiet']} of {part['near_misses']}")
    if "speed" in report:
        print("\nSpeed (us of processor time)")
        for name, micros in report["speed"].items():
            line("  " + name, f"{micros:.1f}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    options.program = str(options.build / "bin/greenroom")
    samples = 200 if options.quick else 1000
    start = time.time()

    rows = asag.read(options.data)
    options.material = rows + asag.negatives(rows)
    options.table = training.extract(str(options.build / "bin/credit_features"), options.material)
    folds = Folds(options, rows, "shipped")
    targets, fold_of = [r["target"] for r in rows], [r["fold"] for r in rows]

    def system(scores):
        return measure_agreement(rows, scores, samples, True) | measure_labels(rows, scores)

    def baseline(scores):
        scores, out = numpy.array(scores), numpy.zeros(len(rows))
        for name in asag.SETS:
            at = of_set(rows, name, True)
            out[at] = figures.linear(scores[at], [targets[i] for i in at], [fold_of[i] for i in at])
        return system(out)

    without = scores_of(Grader(options.program, "none").grade(rows))
    report = {"systems": {"shipped": system(folds.scores), "without the model": system(without),
                          "without the model, a line fitted": baseline(without),
                          "tf-idf cosine, a line fitted": baseline(figures.tfidf_cosine(rows)),
                          "ROUGE-L, a line fitted": baseline(figures.rouge_l(rows))}}
    if not options.quick:
        for name, columns in ABLATIONS.items():
            report["systems"][name] = system(Folds(options, rows, "ablation", columns).scores)
    report["calibration"] = measure_calibration(rows, folds, samples)
    report["confidence"] = measure_confidence(rows, folds.replies)
    lines = probe_lines(options, "packs")
    scores = scores_of(Grader(options.program).grade(lines))
    report["probes"] = {"packs": measure_probes(lines, scores), "references": measure_reference_probes(options, rows, folds)}
    report["example_order"] = measure_order(lines, scores)
    report["suites"] = {"red_flags": measure_flags(options, "red_flags_*.txt"),
                        "misconceptions": measure_flags(options, "misconceptions.txt"),
                        "honest": measure_honest(options, "honest.txt"),
                        "honest_unseen": measure_honest(options, "honest_unseen.txt"), "star": measure_star(options)}
    report["speed"] = measure_speed(options)
    (options.out / "report.json").write_text(json.dumps(report, indent=1, default=float) + "\n", encoding="utf-8")
    print_table(report)
    print(f"\n{options.out}/report.json, {time.time() - start:.0f} s")
    if options.write:
        tables.write(report)


if __name__ == "__main__":
    main()
