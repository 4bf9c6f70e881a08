#!/usr/bin/env python3
"""Checks that every alert has a part in the chart's README that says what it means and what to do, and a test that makes it
fire and one that does not; and that the README speaks of no alert that is not there."""
import pathlib
import re
import sys

import yaml

PROJECT = pathlib.Path(__file__).resolve().parent.parent
README = PROJECT / "helm" / "greenroom" / "README.md"
PROMETHEUS = PROJECT / "deploy" / "prometheus"


def main() -> int:
    rules = yaml.safe_load((PROMETHEUS / "greenroom.rules.yaml").read_text())
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yaml").read_text())
    alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
    told = dict(re.findall(r"^### (Greenroom\w+)\n(.*?)(?=^##|\Z)", README.read_text(), re.MULTILINE | re.DOTALL))
    fired, quiet = set(), set()
    for test in tests["tests"]:
        for case in test["alert_rule_test"]:
            for one in case["exp_alerts"]:
                fired.add((case["alertname"], one["exp_labels"]["severity"], one["exp_labels"].get("window")))
            if not case["exp_alerts"]:
                quiet.add(case["alertname"])
    problems = []
    for alert in alerts:
        name, labels = alert["alert"], alert["labels"]
        if labels["severity"] not in ("page", "ticket"):
            problems.append(f"{name}: severity {labels['severity']}")
        if (name, labels["severity"], labels.get("window")) not in fired:
            problems.append(f"{name} {labels}: no series of alerts_test.yaml makes it fire")
        if name not in quiet:
            problems.append(f"{name}: alerts_test.yaml does not show when it stays quiet")
        text = told.get(name, "")
        if not re.search(r"Means\b.*Do\b", text, re.DOTALL) or len(text) < 150:
            problems.append(f"{name}: the README does not say what it means and what to do")
    for name in set(told) - {alert["alert"] for alert in alerts}:
        problems.append(f"the README tells of {name}, which is no alert")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{len(alerts)} alerts: each in the runbook, each fires and stays quiet in a test" if not problems
          else f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
