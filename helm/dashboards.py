#!/usr/bin/env python3
"""Writes the Grafana dashboards of the chart (helm/greenroom/files/dashboards) from the tables below.

    dashboards.py            write them
    dashboards.py --check    fail where they are not what this would write
"""
import json
import pathlib
import sys

FOLDER = pathlib.Path(__file__).parent / "greenroom" / "files" / "dashboards"
OURS = 'job="greenroom", namespace=~"$namespace"'
SESSION = 'grpc_service="greenroom.session.v1.SessionService"'
SCORING = 'grpc_service="greenroom.scoring.v1.ScoringService"'
FAILED = 'grpc_code=~"Unavailable|DeadlineExceeded|Internal|Unknown|DataLoss"'


def rate(metric: str, labels: str = "", by: str = "") -> str:
    inner = f"rate({metric}{{{', '.join(filter(None, (OURS, labels)))}}}[$__rate_interval])"
    return f"sum by ({by}) ({inner})" if by else f"sum({inner})"


def quantile(share: float, metric: str, labels: str = "", by: str = "") -> str:
    return f"histogram_quantile({share}, {rate(metric + '_bucket', labels, ', '.join(filter(None, (by, 'le'))))})"


def quantiles(metric: str, labels: str = "") -> list[tuple[str, str]]:
    return [(quantile(share, metric, labels), name) for share, name in ((0.5, "median"), (0.9, "p90"), (0.99, "p99"))]


def gauge(metric: str, by: str, how: str = "sum") -> str:
    return f"{how} by ({by}) ({metric}{{{OURS}}})"


# title, unit, [(expression, legend)], what it tells
Panel = tuple[str, str, list[tuple[str, str]], str]


def red(title: str, service: str) -> list[Panel]:
    labels = f'grpc_service="{service}"'
    return [
        (f"{title}: calls", "reqps", [(rate("grpc_server_started_total", labels, "grpc_method"), "{{grpc_method}}")],
         "Calls begun a second, by method."),
        (f"{title}: failures", "percentunit",
         [(f"{rate('grpc_server_handled_total', f'{labels}, {FAILED}', 'grpc_method')} "
           f"/ {rate('grpc_server_handled_total', labels, 'grpc_method')}", "{{grpc_method}}")],
         "Share of calls that ended in a way that is our fault."),
        (f"{title}: p99", "s",
         [(quantile(0.99, "grpc_server_handling_seconds", f'{labels}, grpc_type="unary"', "grpc_method"), "{{grpc_method}}")],
         "Streams are left out: they last as long as their client likes."),
    ]


def of_tenants(title: str, component: str) -> list[Panel]:
    def top(outcome: str = "") -> list[tuple[str, str]]:
        labels = ", ".join(filter(None, (f'component="{component}"', outcome and f'outcome="{outcome}"')))
        return [(f"topk(10, {rate('tenant_calls_total', labels, 'tenant')})", "{{tenant}}")]

    return [
        (f"{title}: tenants with most calls", "reqps", top(), "The first ten. Tenants that metrics.tenants does not name are one, other."),
        (f"{title}: tenants with most failures", "reqps", top("server_error"), "Calls that ended in a way that is our fault."),
        (f"{title}: tenants with most refusals", "reqps", top("client_error"), "Calls that were refused for what they asked, or cancelled."),
    ]


DASHBOARDS: dict[str, tuple[str, list[Panel]]] = {
    "calls": ("Greenroom: calls", [
        *red("Session", "greenroom.session.v1.SessionService"),
        *red("Content", "greenroom.content.v1.ContentService"),
        *red("Authoring", "greenroom.content.v1.ContentAuthoringService"),
        *red("Scoring", "greenroom.scoring.v1.ScoringService"),
        ("Codes", "reqps", [(rate("grpc_server_handled_total", "", "component, grpc_code") + " > 0", "{{component}} {{grpc_code}}")],
         "How calls end."),
        ("Between services: failures", "reqps",
         [(rate("grpc_client_handled_total", 'grpc_code!="OK"', "component, grpc_method, grpc_code") + " > 0",
           "{{component}} to {{grpc_method}}: {{grpc_code}}")], "As the calling service saw them."),
        ("Between services: p99", "s",
         [(quantile(0.99, "grpc_client_handling_seconds", 'grpc_type="unary"', "component, grpc_method"),
           "{{component}} to {{grpc_method}}")], "As the calling service saw them."),
    ]),
    "saturation": ("Greenroom: saturation", [
        ("In flight, of what is allowed", "percentunit",
         [(f"{gauge('inflight', 'component, class')} / {gauge('inflight_limit', 'component, class')}", "{{component}} {{class}}")],
         "At 1 calls are refused."),
        ("In flight", "short", [(gauge("inflight", "component, class"), "{{component}} {{class}}")], "Calls being answered."),
        ("Limits", "short", [(gauge("inflight_limit", "component, class"), "{{component}} {{class}}")],
         "They fall when calls are late and rise when they are used and calls are not."),
        ("Refused", "reqps", [(rate("shed_total", "", "component, class"), "{{component}} {{class}}")], "With UNAVAILABLE and a time to come back."),
        ("Time to refuse, p99", "s", [(quantile(0.99, "shed_seconds", "", "component"), "{{component}}")], "Should stay below 5 ms."),
        ("Open watches", "short", [(gauge("session_watchers", "instance"), "{{instance}}")], "Streams of WatchSession."),
        ("Pods that answer", "short", [(gauge("up", "component"), "{{component}}")], "To Prometheus."),
        ("Versions", "short", [(gauge("build_info", "service, version", "count"), "{{service}} {{version}}")], "Pods of each."),
    ]),
    "durability": ("Greenroom: durability", [
        ("Answers acknowledged", "reqps", [(rate("answers_acknowledged_total", "", "grade"), "grade {{grade}}")], "Each is in the log."),
        ("Units committed", "reqps", [(rate("log_batch_size_sum"), "units"), (rate("log_batch_size_count"), "batches")],
         "A unit is what one call wrote; a batch is one commit."),
        ("Commit", "s", quantiles("log_commit_seconds"), "From taking a batch to its commit."),
        ("Units in a batch", "short", quantiles("log_batch_size"), "Grows under load."),
        ("Acknowledged but not committed", "short",
         [(f"clamp_min({gauge('answers_acknowledged_total', 'instance')} - {gauge('log_batch_size_sum', 'instance')}, 0)", "{{instance}}")],
         "0, or something is very wrong."),
        ("Repeated writes", "reqps", [(rate("idempotent_replay_total"), "replayed"), (rate("fence_conflict_total"), "place taken")],
         "Clients that send again, and writers that raced."),
        ("Live state that was not written", "reqps", [(rate("live_state_write_failures_total"), "failures")],
         "After their commit: the next reader rebuilds it."),
        ("Damaged data", "reqps", [(rate("grpc_server_handled_total", 'grpc_code="DataLoss"', "component"), "{{component}}")], "Calls that ended DATA_LOSS."),
    ]),
    "redis": ("Greenroom: Redis", [
        ("Commands", "reqps", [(rate("redis_command_seconds_count", "", "command"), "{{command}}")], "As session sends them."),
        ("Failed commands", "percentunit",
         [(f"{rate('redis_command_seconds_count', 'ok=' + chr(34) + 'false' + chr(34))} / {rate('redis_command_seconds_count')}", "failed")],
         "They are given up after 50 ms."),
        ("Command time", "s", quantiles("redis_command_seconds", 'ok="true"'), "Of commands that went well."),
        ("Live state rebuilt from the log", "reqps", [(rate("session_rebuild_total", "", "reason"), "{{reason}}")],
         "redis: it did not answer; missing: flushed or expired; run: another server than the one that it was written to."),
        ("Live state that was not written", "reqps", [(rate("live_state_write_failures_total"), "failures")], "After their commit."),
    ]),
    "grading": ("Greenroom: grading", [
        ("Grades", "reqps", [(rate("grade_seconds_count", 'component="session"', "outcome"), "{{outcome}}")], "As session saw them."),
        ("Time of a grade, session", "s", quantiles("grade_seconds", 'component="session"'), "With the way to scoring and back."),
        ("Time of a grade, scoring", "s", quantiles("grade_seconds", 'component="scoring"'), "Grading alone."),
        ("Scores", "short", [(quantile(share, "grade_score", "", "grader"), "{{grader}} " + name)
                             for share, name in ((0.1, "p10"), (0.5, "median"), (0.9, "p90"))],
         "A shift that no pack explains is drift."),
        ("Acknowledged with the grade pending", "percentunit",
         [(f"{rate('answers_acknowledged_total', 'grade=' + chr(34) + 'pending' + chr(34))} / {rate('answers_acknowledged_total')}", "pending")],
         "Completed by workers."),
        ("Pending grades being worked on", "short", [(gauge("pending_grades_taken", "instance"), "{{instance}}")], "By each session pod."),
        ("Left without a score", "reqps", [(rate("grade_ungraded_total", "", "reason"), "{{reason}}")], "And why."),
        ("Compiled rubrics: hits", "percentunit",
         [(f"{rate('rubric_cache_hits_total')} / ({rate('rubric_cache_hits_total')} + {rate('rubric_cache_misses_total')})", "hits")],
         "A miss asks content and compiles."),
        ("Compiled rubrics: memory", "bytes", [(gauge("rubric_cache_bytes", "instance"), "{{instance}}")], "By each scoring pod."),
        ("Calls to scoring", "reqps", [(rate("grpc_client_handled_total", SCORING, "grpc_code") + " > 0", "{{grpc_code}}")], "From session and content."),
    ]),
    "tenants": ("Greenroom: tenants, top 10", [
        *of_tenants("Session", "session"),
        *of_tenants("Content", "content"),
        *of_tenants("Scoring", "scoring"),
    ]),
    "slo": ("Greenroom: objectives", [
        *[(title, "percentunit", [(f'greenroom:{name}:ratio_rate{window}{{namespace=~"$namespace"}}', window) for window in ("5m", "1h", "6h", "3d")], tells)
          for title, name, tells in (
              ("Answers not taken", "submit_unavailable", "Objective: 0.05 %. It pages at 0.72 % (1 h) and 0.3 % (6 h)."),
              ("Answers later than 100 ms", "submit_slow", "Objective: 1 %. It pages at 14.4 % (1 h) and 6 % (6 h)."),
              ("Questions later than 50 ms", "next_slow", "Objective: 1 %. It pages at 14.4 % (1 h) and 6 % (6 h)."))],
        ("Budget used in three days", "percentunit",
         [(f'greenroom:{name}:ratio_rate3d{{namespace=~"$namespace"}} / {budget} * 3 / 30', title)
          for title, name, budget in (("answers not taken", "submit_unavailable", 0.0005), ("answers late", "submit_slow", 0.01),
                                      ("questions late", "next_slow", 0.01))],
         "Of what 30 days allow."),
        ("Answers", "reqps", [(rate("grpc_server_handled_total", f'{SESSION}, grpc_method="SubmitAnswer"', "grpc_code") + " > 0", "{{grpc_code}}")],
         "SubmitAnswer, by how it ended."),
    ]),
}


def panel(number: int, one: Panel) -> dict:
    title, unit, queries, tells = one
    source = {"type": "prometheus", "uid": "${datasource}"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "description": tells,
        "datasource": source,
        "gridPos": {"h": 8, "w": 8, "x": 8 * (number % 3), "y": 8 * (number // 3)},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0, "custom": {"fillOpacity": 8, "showPoints": "never"}}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "targets": [{"refId": chr(ord("A") + i), "datasource": source, "expr": expression, "legendFormat": legend}
                    for i, (expression, legend) in enumerate(queries)],
    }


def dashboard(name: str) -> str:
    title, panels = DASHBOARDS[name]
    return json.dumps({
        "uid": f"greenroom-{name}",
        "title": title,
        "tags": ["greenroom"],
        "schemaVersion": 38,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Prometheus"},
            {"name": "namespace", "type": "query", "label": "Namespace", "includeAll": True, "allValue": ".*", "multi": True,
             "datasource": {"type": "prometheus", "uid": "${datasource}"}, "refresh": 2,
             "query": {"query": 'label_values(build_info{job="greenroom"}, namespace)', "refId": "namespace"},
             "current": {"text": ["All"], "value": ["$__all"]}},
        ]},
        "links": [{"title": "Greenroom", "type": "dashboards", "tags": ["greenroom"], "asDropdown": True}],
        "panels": [panel(i, one) for i, one in enumerate(panels)],
    }, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = {FOLDER / f"{name}.json": dashboard(name) for name in DASHBOARDS}
    if not arguments:
        for path, text in wanted.items():
            path.write_text(text)
        return 0
    drifted = [path for path in {*wanted, *FOLDER.iterdir()} if not path.is_file() or path.read_text() != wanted.get(path)]
    for path in drifted:
        print(f"{path} is not what helm/dashboards.py writes: run it", file=sys.stderr)
    return 1 if drifted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
