#!/usr/bin/env python3
"""Starts redis-server and the three services, plays the chart's own scripts and the demonstration on them, and checks that
every metric, label and label value that a dashboard, a recording rule or an alert names is in what they then serve.

    metrics_test.py BIN [KEYS]

BIN has the programs. KEYS is a folder with signing.jwk and jwks.json, as the chart's template makes them; without it,
`greenroom keygen` makes them. The chart's scripts `publish` and `test` are run as the chart runs them.
"""
import collections
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request

import yaml

from local_system import PROJECT, System

CHART = PROJECT / "helm" / "greenroom"
# What Prometheus adds to what it reads.
TARGET_LABELS = {"job": {"greenroom"}, "component": {"content", "session", "scoring"}, "namespace": None, "instance": None}
PROMETHEUS_OWN = {"up"}
WORDS = set("""sum count avg min max by without and or unless on ignoring group_left rate increase absent clamp_min
    avg_over_time histogram_quantile topk""".split())
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')


def expressions():
    """(where, expression) of all dashboards and rules."""
    for path in sorted((CHART / "files" / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                yield f"{path.name}, {panel['title']}", target["expr"]
    for path in sorted((CHART / "files" / "prometheus").glob("*.rules.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                yield f"{path.name}, {rule.get('alert') or rule['record']}", rule["expr"]


def recorded() -> set[str]:
    return {rule["record"] for path in (CHART / "files" / "prometheus").glob("*.rules.yaml")
            for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"] if "record" in rule}


def problems(where: str, expression: str, series: dict, rules: set[str]):
    """What `expression` names that nobody serves."""
    expression = re.sub(r"#.*", "", expression)
    used = set()
    for metric, matchers in SELECTOR.findall(expression):
        used.add(metric)
        if metric in PROMETHEUS_OWN | rules:
            continue
        if metric not in series:
            yield f"{where}: no metric {metric}"
            continue
        for label, operator, value in MATCHER.findall(matchers):
            known = TARGET_LABELS.get(label, series[metric].get(label, set()))
            if label not in TARGET_LABELS and label not in series[metric]:
                yield f"{where}: {metric} has no label {label}"
            elif known is not None and operator == "=" and value not in known:
                yield f"{where}: {metric} has no {label}=\"{value}\", but {sorted(known)}"
            elif known is not None and operator == "=~" and not any(re.fullmatch(value, one) for one in known):
                yield f"{where}: {metric} has no {label} like {value}"
    for labels in re.findall(r"\bby\s*\(([^)]*)\)", expression):
        for label in re.findall(r"\w+", labels):
            if label not in TARGET_LABELS and not any(label in series.get(metric, {}) for metric in used):
                yield f"{where}: groups by {label}, which none of {sorted(used)} has"
    # Nothing may be named without a selector, unseen by the above.
    bare = re.sub(r"\bby\s*\([^)]*\)", "", SELECTOR.sub("", expression))
    bare = re.sub(r"\[[^]]*\]|(?<![\w:])\d[\d.e]*", "", bare)
    for word in re.findall(r"[a-zA-Z_:][\w:]*", bare):
        if word not in WORDS | rules:
            yield f"{where}: {word} is no function that this test knows"


def parse(text: str, series: dict) -> None:
    for line in text.splitlines():
        match = re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$", line)
        if not match or line.startswith("#"):
            continue
        labels = series[match[1]]
        for label, value in re.findall(r'(\w+)="([^"]*)"', match[2] or ""):
            labels[label].add(value)


def scrape(system: System) -> dict:
    series = collections.defaultdict(lambda: collections.defaultdict(set))
    for name in system.ports:
        with urllib.request.urlopen(f"http://127.0.0.1:{system.metrics_port(name)}/metrics", timeout=10) as answer:
            parse(answer.read().decode(), series)
    return series


def play(system: System) -> list[str]:
    """Calls of every kind; what went wrong."""
    wrong = []

    def expect(what: str, done: subprocess.CompletedProcess, says: str = "") -> None:
        if done.returncode != 0 or says not in done.stdout:
            wrong.append(f"{what}: exit {done.returncode}: {done.stdout[-600:]}")

    scripts = CHART / "files" / "scripts"
    asked = {"PACK": "ml-engineer", "QUESTION": "overfitting"}
    expect("publish", system.run("bash", scripts / "publish"), "Published ml-engineer")
    expect("publish again", system.run("bash", scripts / "publish"))
    expect("test", system.run("bash", scripts / "test", **asked), "submitted it again: the same reply")
    refused = system.run("bash", scripts / "test", PACK="no-such-pack", QUESTION="overfitting")
    if refused.returncode == 0 or "FAILED: no session of pack no-such-pack" not in refused.stdout:
        wrong.append(f"test of a pack that is not there: exit {refused.returncode}: {refused.stdout[-300:]}")
    learner = {"GREENROOM_TOKEN": system.token("learner")}
    expect("demo", system.run(PROJECT / "deploy" / "demo", "greenroom", "ml-engineer", **learner), "A good answer")
    # A failing Redis: commands that fail, live state that is not written. Answers are taken all the same.
    system.stop("redis", signal.SIGKILL)
    expect("test without Redis", system.run("bash", scripts / "test", **asked), "submitted it again: the same reply")
    return wrong


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print(__doc__, file=sys.stderr)
        return 2
    programs = pathlib.Path(arguments[0]).resolve()
    keys = pathlib.Path(arguments[1]).resolve() if len(arguments) == 2 else None
    with tempfile.TemporaryDirectory() as folder:
        system = System(programs, pathlib.Path(folder), keys)
        try:
            system.begin()
            found = play(system)
            series = scrape(system)
        finally:
            system.end()
    rules = recorded()
    checked = list(expressions())
    for where, expression in checked:
        found += problems(where, expression, series, rules)
    tenants = series["tenant_calls_total"]["tenant"]
    if tenants != {"default", "other"}:
        found.append(f"--metrics-tenants default: calls are counted for {sorted(tenants)}")
    # That it would find something.
    for wrong in ('sum(rate(no_such_total{job="greenroom"}[5m]))', 'inflight{clas="submit"}', 'inflight{class="no"}',
                  'sum by (nobody) (inflight{class="submit"})', 'rate(inflight[5m])'):
        if not list(problems("self-test", wrong, series, rules)):
            found.append(f"nothing refuses {wrong}")
    for what in found:
        print(what, file=sys.stderr)
    print(f"{len(checked)} expressions against {len(series)} metrics of three services: {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
