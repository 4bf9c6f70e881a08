"""Writes the report's figures into README.md and MODEL_CARD.md, between the lines `<!-- tests/grading/run --write: NAME -->`
and `<!-- end -->`; tests/grading/run --write calls it. Nobody copies a number by hand."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGETS = {"README.md": ("grader",), "services/scoring/training/MODEL_CARD.md": ("reaches", "ablations")}


def span(system, key, digits):
    low, high = system[f"{key}_95"]
    return f"{system[key]:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def probe(report, family, form=None, pick=mean):
    """Over the packs and over Mohler's references; of all forms together where none is named."""
    cells = []
    for where in ("packs", "references"):
        forms = report["probes"][where].get(family, {})
        values = [forms[form]] if form in forms else [] if form else forms.values()
        cells.append(f"{pick(values):.0f}" if values else "-")
    return " / ".join(cells)


def share(parts, hit, of):
    return f"{sum(p[hit] for p in parts.values())} of {sum(p[of] for p in parts.values())}"


def suite(parts, hit):
    return f"{share(parts, hit, 'of')}; {share(parts, 'quiet', 'near_misses')}"


def grader(report):
    """What README.md shows: the measures of the design with its floor and its goal."""
    shipped, plain = (report["systems"][n] for n in ("shipped", "tf-idf cosine, a line fitted"))
    five, speed, suites = report["calibration"]["5"], report["speed"], report["suites"]
    order = report["example_order"]
    rows = [
        ("Mohler, unseen assignments: r", span(shipped["mohler"], "r", 2), "0.60", "0.65"),
        ("the same: RMSE (0-5)", span(shipped["mohler"], "rmse", 2), "0.885", "0.85"),
        ("the same by tf-idf cosine with a line fitted: r, RMSE", f"{plain['mohler']['r']:.2f}, {plain['mohler']['rmse']:.2f}", "", ""),
        ("with 5 graded answers a question: r, RMSE", f"{five['r']:.2f}, {five['rmse']:.2f}", "0.67, 0.83", "0.72, 0.78"),
        ("SciEntsBank, unseen questions: 2-way macro F1", f"{shipped['scientsbank_2way']['macro_f1']:.3f}", "0.72", "0.76"),
        ("80 % intervals hold: Mohler, SAF", ", ".join(f"{100 * report['confidence'][n]['interval_holds']:.0f} %" for n in ("mohler", "saf")), "", "80 %"),
        ("model answer", probe(report, "model"), "90", "95"),
        ("honest paraphrase", probe(report, "paraphrase"), "70", "80"),
        ("empty; \"I don't know\"; the question repeated", "; ".join(probe(report, f) for f in ("nothing", "unknowing", "parroted")), "2; 5; 10", "0; 0; 5"),
        ("another question's answer; unrelated text", "; ".join(probe(report, f) for f in ("another", "unrelated")), "25", "10"),
        ("negated model answer, all forms", probe(report, "negated"), "40", "15"),
        ("the same, \"not\" put in mechanically", probe(report, "negated", "not-inserted"), "40", "15"),
        ("keywords only; with commas", "; ".join(probe(report, "keywords", f) for f in ("keywords", "keyword-list")), "50", "30"),
        ("shuffled words; without punctuation", "; ".join(probe(report, "shuffled", f) for f in ("shuffled", "shuffled-bare")), "50", "30"),
        ("topics exchanged", probe(report, "swapped"), "40", "20"),
        ("honest forms, the one that loses most", probe(report, "honest", pick=max), "12", "8"),
        ("the packs' examples in range; good above poor",
         f"{report['probes']['packs']['examples in range']['share']:.0f} %; {order['kept']:.0f} of {order['of']}", "85 %", "95 %"),
        ("instruction appended, largest change", probe(report, "instruction"), "0", "0"),
        ("red flags raised; near misses not raised", suite(suites["red_flags"]["flags"], "raised"), "all", "all"),
        ("misconceptions raised; near misses not raised", suite(suites["misconceptions"]["flags"], "raised"), "", ""),
        ("right answers near a misconception, nothing raised: by which phrases were mended; others",
         "; ".join(f"{suites[n]['quiet']} of {suites[n]['of']}" for n in ("honest", "honest_unseen")), "", ""),
        ("STAR parts found; not found where not told", suite(suites["star"]["parts"], "found"), "", ""),
        ("80 words, 8 points, one core: median, p99", f"{speed['BM_Grade median']:.0f} us, {speed['BM_Grade p99']:.0f} us", "p99 1 ms", "median 50 us"),
    ]
    return table(("measure", "grader", "floor", "goal"), rows)


def reaches(report):
    shipped, without = report["systems"]["shipped"], report["systems"]["without the model"]
    agreement = lambda s, n: f"{s[n]['r']:.3f} / {s[n]['rmse']:.3f}"
    rows = [("Mohler r / RMSE (0-5)", agreement(shipped, "mohler"), agreement(without, "mohler"))]
    for k, m in report["calibration"].items():
        if k != "0":
            rows.append((f"with {k} graded answers", f"{m['r']:.3f} / {m['rmse']:.3f}", ""))
    for name in ("scientsbank_2way", "beetle_2way"):
        rows.append((f"{name.split('_')[0]} 2-way macro F1", f"{shipped[name]['macro_f1']:.3f}", f"{without[name]['macro_f1']:.3f}"))
    rows.append(("SAF without blanks, r / RMSE (0-1)", agreement(shipped, "saf"), agreement(without, "saf")))
    for name, m in report["confidence"].items():
        rows.append((f"{name}: 80 % intervals hold; mean error of the less / more confident half",
                     f"{100 * m['interval_holds']:.0f} %; {m['less_confident_half']:.3f} / {m['more_confident_half']:.3f}", ""))
    references = report["probes"]["references"]
    for family in ("another", "unrelated", "negated", "shuffled", "keywords"):
        rows.append((f"references: {family}", ", ".join(f"{form} {v:.0f}" if form != "all" else f"{v:.1f}" for form, v in references[family].items()), ""))
    return table(("", "model", "without the model"), rows)


def is_ablation(name):
    return name.startswith("without ") and "the model" not in name


def ablations(report):
    rows = []
    for name, system in report["systems"].items():
        if name == "shipped" or is_ablation(name):
            rows.append((name.replace("shipped", "nothing").replace("without ", ""), f"{system['mohler']['r']:.3f} / {system['mohler']['rmse']:.2f}",
                         f"{system['scientsbank_2way']['macro_f1']:.3f}", f"{system['beetle_2way']['macro_f1']:.3f}", f"{system['saf']['r']:.3f}"))
    return table(("without", "Mohler r / RMSE", "SciEntsBank", "Beetle", "SAF r"), rows)


def table(head, rows):
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def write(report):
    ablated = any(is_ablation(name) for name in report["systems"])
    for path, names in TARGETS.items():
        text = (ROOT / path).read_text(encoding="utf-8")
        for name in names:
            if name == "ablations" and not ablated:
                continue  # --quick has none
            mark = f"<!-- tests/grading/run --write: {name} -->\n"
            text, count = re.subn(re.escape(mark) + r".*?<!-- end -->",
                                  lambda _: f"{mark}{globals()[name](report)}\n<!-- end -->", text, flags=re.S)
            if count != 1:
                raise SystemExit(f"{path}: no place for {name}")
        (ROOT / path).write_text(text, encoding="utf-8")
    print("wrote", ", ".join(TARGETS))


if __name__ == "__main__":
    write(json.loads((ROOT / "build/grading/report.json").read_text(encoding="utf-8")))
