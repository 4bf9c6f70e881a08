#!/usr/bin/env python3
"""Holds rendered manifests against what every profile must keep. The admission of a real API server looks at pod security
too (helm/run-tests --full); this one needs no server and says more.

    policy_test.py PROFILE FILE     `helm template` of one profile
    policy_test.py --self-test      that each rule refuses what breaks it
"""
import copy
import pathlib
import re
import sys

import yaml

COMPONENTS = ("content", "session", "scoring")
MAKES_SECRETS = ("dev", "gateway")
SERVER_PORTS = {"grpc": 7700, "admin": 7710, "metrics": 7720}


def load(text: str) -> list[dict]:
    return [one for one in yaml.safe_load_all(text) if one]


def name(one: dict) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def pod_of(one: dict):
    """(metadata, spec) of the pods that an object makes; None for others."""
    if one["kind"] == "Pod":
        return one["metadata"], one["spec"]
    if one["kind"] in ("Deployment", "StatefulSet", "Job"):
        return one["spec"]["template"]["metadata"], one["spec"]["template"]["spec"]
    return None


def selects(selector: dict, labels: dict) -> bool:
    return all(labels.get(key) == value for key, value in selector.items())


def pod_security(objects):
    """Pod Security Standards, restricted, and a read-only root besides."""
    for one in filter(pod_of, objects):
        spec = pod_of(one)[1]
        security = spec.get("securityContext", {})
        yield security.get("runAsNonRoot") is True, f"{name(one)}: runAsNonRoot"
        yield security.get("runAsUser", 0) > 0, f"{name(one)}: runAsUser"
        yield security.get("seccompProfile", {}).get("type") == "RuntimeDefault", f"{name(one)}: seccompProfile"
        yield not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), f"{name(one)}: no namespace of the host"
        for volume in spec.get("volumes", []):
            kinds = set(volume) - {"name"}
            yield kinds <= {"secret", "configMap", "emptyDir", "persistentVolumeClaim"}, f"{name(one)}: volume {volume['name']}"
            yield "emptyDir" not in volume or "sizeLimit" in volume["emptyDir"], f"{name(one)}: sizeLimit of {volume['name']}"
        for container in spec["containers"] + spec.get("initContainers", []):
            own = container.get("securityContext", {})
            yield own.get("allowPrivilegeEscalation") is False, f"{name(one)}: allowPrivilegeEscalation"
            yield own.get("readOnlyRootFilesystem") is True, f"{name(one)}: readOnlyRootFilesystem"
            yield own.get("capabilities") == {"drop": ["ALL"]}, f"{name(one)}: capabilities"
            yield not any("hostPort" in port for port in container.get("ports", [])), f"{name(one)}: no port of the host"


def pods_are_left_alone(objects):
    """No token of the API server, no variables of services."""
    for one in filter(pod_of, objects):
        spec = pod_of(one)[1]
        yield spec.get("automountServiceAccountToken") is False, f"{name(one)}: automountServiceAccountToken"
        yield spec.get("enableServiceLinks") is False, f"{name(one)}: enableServiceLinks"


def resources(objects):
    for one in filter(pod_of, objects):
        for container in pod_of(one)[1]["containers"]:
            given = container.get("resources", {})
            yield {"cpu", "memory"} <= set(given.get("requests", {})), f"{name(one)}: requests"
            yield "memory" in given.get("limits", {}), f"{name(one)}: limit of memory"


def probes(objects):
    """What serves is probed; our own through the admin port, life without a store."""
    for one in objects:
        if one["kind"] not in ("Deployment", "StatefulSet"):
            continue
        for container in pod_of(one)[1]["containers"]:
            for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                yield probe in container, f"{name(one)}: {probe}"
            if one["kind"] == "Deployment":
                asked = {p: container.get(p, {}).get("grpc") for p in ("startupProbe", "readinessProbe", "livenessProbe")}
                wanted = {"startupProbe": "", "readinessProbe": "ready", "livenessProbe": "live"}
                for probe, service in wanted.items():
                    yield asked[probe] == {"port": SERVER_PORTS["admin"], "service": service}, f"{name(one)}: {probe} over gRPC"
                ports = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
                yield ports == SERVER_PORTS, f"{name(one)}: ports"


def selectors_match(objects):
    """Whatever selects pods finds some, and what it names of them is there."""
    pods = [pod_of(one) for one in objects if pod_of(one)]
    for one in objects:
        spec = one.get("spec", {})
        if one["kind"] in ("Deployment", "StatefulSet"):
            yield selects(spec["selector"]["matchLabels"], spec["template"]["metadata"]["labels"]), f"{name(one)}: its own pods"
            for spread in spec["template"]["spec"].get("topologySpreadConstraints", []):
                labels = spread["labelSelector"]["matchLabels"]
                yield selects(labels, spec["template"]["metadata"]["labels"]), f"{name(one)}: spreads its own pods"
        elif one["kind"] == "Service":
            chosen = [pod for meta, pod in pods if selects(spec["selector"], meta["labels"])]
            yield bool(chosen), f"{name(one)}: has pods"
            for port in spec["ports"]:
                for pod in chosen:
                    ports = {p["name"] for container in pod["containers"] for p in container.get("ports", [])}
                    yield port["targetPort"] in ports, f"{name(one)}: port {port['targetPort']} of its pods"
        elif one["kind"] == "PodDisruptionBudget":
            yield any(selects(spec["selector"]["matchLabels"], meta["labels"]) for meta, _ in pods), f"{name(one)}: has pods"
        elif one["kind"] == "HorizontalPodAutoscaler":
            target = [o for o in objects if o["kind"] == "Deployment" and o["metadata"]["name"] == spec["scaleTargetRef"]["name"]]
            yield len(target) == 1 and "replicas" not in target[0]["spec"], f"{name(one)}: scales a Deployment without replicas"
        elif one["kind"] == "NetworkPolicy":
            yield any(selects(spec["podSelector"]["matchLabels"], meta["labels"]) for meta, _ in pods), f"{name(one)}: has pods"
            for rule in spec.get("ingress", []) + spec.get("egress", []):
                for peer in rule.get("from", []) + rule.get("to", []):
                    labels = peer.get("podSelector", {}).get("matchLabels", {})
                    ours = "app.kubernetes.io/instance" in labels
                    yield not ours or any(selects(labels, meta["labels"]) for meta, _ in pods) or labels.get(
                        "app.kubernetes.io/component") == "cli", f"{name(one)}: peer {labels}"
        elif one["kind"] == "GRPCRoute":
            for rule in spec["rules"]:
                for backend in rule["backendRefs"]:
                    services = [o for o in objects if o["kind"] == "Service" and o["metadata"]["name"] == backend["name"]]
                    yield any(backend["port"] == p["port"] for s in services for p in s["spec"]["ports"]), f"{name(one)}: backend"
        elif one["kind"] == "ServiceMonitor":
            services = [o for o in objects if o["kind"] == "Service" and selects(spec["selector"]["matchLabels"], o["metadata"]["labels"])]
            found = {o["metadata"]["labels"]["app.kubernetes.io/component"] for o in services}
            yield found == set(COMPONENTS) and len(services) == len(COMPONENTS), f"{name(one)}: each component once"
            for endpoint in spec["endpoints"]:
                for service in services:
                    yield endpoint["port"] in {p["name"] for p in service["spec"]["ports"]}, f"{name(one)}: port of {name(service)}"


def names_exist(objects):
    """ConfigMaps, secrets of our own and claims that pods name are rendered; others are the operator's."""
    made = {(one["kind"], one["metadata"]["name"]) for one in objects}
    release = {n for _, n in made}
    for one in filter(pod_of, objects):
        spec = pod_of(one)[1]
        for volume in spec.get("volumes", []):
            if "configMap" in volume:
                yield ("ConfigMap", volume["configMap"]["name"]) in made, f"{name(one)}: ConfigMap {volume['configMap']['name']}"
            if "persistentVolumeClaim" in volume:
                claim = volume["persistentVolumeClaim"]["claimName"]
                yield ("PersistentVolumeClaim", claim) in made, f"{name(one)}: claim {claim}"
            if "secret" in volume and volume["secret"]["secretName"].startswith("greenroom-keys"):
                yield ("Secret", volume["secret"]["secretName"]) in made, f"{name(one)}: secret"
        for container in spec["containers"]:
            mounted = {mount["name"] for mount in container.get("volumeMounts", [])}
            wanted = {v["name"] for v in spec.get("volumes", [])} | {
                t["metadata"]["name"] for t in one["spec"].get("volumeClaimTemplates", [])}
            yield mounted == wanted, f"{name(one)}: every volume is mounted, every mount a volume"
            yield not any("subPath" in mount for mount in container.get("volumeMounts", [])), f"{name(one)}: no subPath"
            for source in container.get("envFrom", []):
                yield source["configMapRef"]["name"] in release, f"{name(one)}: environment"


def no_plain_secret(objects, profile):
    """Passwords come from secrets, and profiles for production render no secret at all."""
    for one in objects:
        if one["kind"] == "Secret":
            yield profile in MAKES_SECRETS, f"{name(one)}: rendered in {profile}"
            continue
        text = yaml.safe_dump(one)
        yield not re.search(r'"?d"?: ?"?[A-Za-z0-9_-]{43}\b', text), f"{name(one)}: no private key"
        yield not re.search(r"://[^/@\s]*:(?!\$\()[^/@\s]+@", text), f"{name(one)}: no password in a URL"
        if not pod_of(one):
            continue
        for container in pod_of(one)[1]["containers"]:
            for variable in container.get("env", []):
                if re.search(r"PASSWORD|AUTH$|TOKEN", variable["name"]):
                    yield "secretKeyRef" in variable.get("valueFrom", {}), f"{name(one)}: {variable['name']} comes from a secret"


def updates_lose_nothing(objects):
    """One process a file; elsewhere none unavailable; time to drain; a budget that lets nodes be drained."""
    for one in objects:
        if one["kind"] != "Deployment":
            continue
        spec, pod = one["spec"], one["spec"]["template"]["spec"]
        holds_file = any("persistentVolumeClaim" in volume for volume in pod["volumes"])
        if holds_file:
            yield spec["strategy"] == {"type": "Recreate"} and spec["replicas"] == 1, f"{name(one)}: one process a file"
        else:
            rolling = spec["strategy"].get("rollingUpdate", {})
            yield rolling.get("maxUnavailable") == 0, f"{name(one)}: none unavailable"
        config = next(o for o in objects if o["kind"] == "ConfigMap" and o["metadata"]["name"] == one["metadata"]["name"])
        drains = sum(int(config["data"][key].rstrip("s")) for key in ("GREENROOM_DRAIN_DELAY", "GREENROOM_DRAIN_TIMEOUT"))
        yield pod["terminationGracePeriodSeconds"] >= drains + 5, f"{name(one)}: time to drain"
        yield "checksum/config" in spec["template"]["metadata"]["annotations"], f"{name(one)}: checksum of its configuration"
        replicas = spec.get("replicas")
        if replicas is None or replicas > 1:
            budgets = [o for o in objects if o["kind"] == "PodDisruptionBudget"
                       and selects(o["spec"]["selector"]["matchLabels"], spec["template"]["metadata"]["labels"])]
            yield len(budgets) == 1, f"{name(one)}: a disruption budget"


def network_is_closed(objects):
    """Every pod is denied everything first, and what is allowed after that names ports and, inwards, peers."""
    policies = [one for one in objects if one["kind"] == "NetworkPolicy"]
    for one in filter(pod_of, objects):
        labels = pod_of(one)[0]["labels"]
        own = [p for p in policies if selects(p["spec"]["podSelector"]["matchLabels"], labels)]
        yield any(set(p["spec"]["policyTypes"]) == {"Ingress", "Egress"} and not p["spec"].get("ingress")
                  and not p["spec"].get("egress") for p in own), f"{name(one)}: denied everything first"
    for policy in policies:
        for rule in policy["spec"].get("ingress", []):
            yield bool(rule.get("from")) and bool(rule.get("ports")), f"{name(policy)}: inwards from somebody, to a port"
        for rule in policy["spec"].get("egress", []):
            yield bool(rule.get("ports")), f"{name(policy)}: outwards to a port"


def shape(objects):
    """The parts that a release has."""
    kinds = {(one["kind"], one["metadata"]["name"]) for one in objects}
    for component in COMPONENTS:
        for kind, suffix in (("Deployment", ""), ("ConfigMap", ""), ("Service", ""), ("Service", "-headless"), ("NetworkPolicy", "")):
            yield (kind, f"greenroom-{component}{suffix}") in kinds, f"{kind} greenroom-{component}{suffix} is missing"
    for one in objects:
        yield {"app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/managed-by"} <= set(
            one["metadata"].get("labels", {})), f"{name(one)}: labels"
        yield one["metadata"].get("namespace") == "greenroom", f"{name(one)}: namespace"


def findings(objects: list[dict], profile: str) -> tuple[int, list[str]]:
    rules = [pod_security, pods_are_left_alone, resources, probes, selectors_match, names_exist, updates_lose_nothing, network_is_closed,
             shape, lambda o: no_plain_secret(o, profile)]
    results = [result for rule in rules for result in rule(objects)]
    return len(results), [what for holds, what in results if not holds]


def broken(objects: list[dict], kind: str, change) -> list[dict]:
    objects = copy.deepcopy(objects)
    change(next(one for one in objects if one["kind"] == kind))
    return objects


def container(one):
    return one["spec"]["template"]["spec"]["containers"][0]


SELF_TEST = {
    "root": ("Deployment", lambda one: one["spec"]["template"]["spec"]["securityContext"].update(runAsNonRoot=False)),
    "seccomp": ("Deployment", lambda one: one["spec"]["template"]["spec"]["securityContext"].pop("seccompProfile")),
    "capabilities": ("Deployment", lambda one: container(one)["securityContext"]["capabilities"].update(add=["NET_ADMIN"])),
    "writable": ("Deployment", lambda one: container(one)["securityContext"].pop("readOnlyRootFilesystem")),
    "host": ("Deployment", lambda one: one["spec"]["template"]["spec"]["volumes"].append({"name": "x", "hostPath": {"path": "/"}})),
    "token": ("Deployment", lambda one: one["spec"]["template"]["spec"].pop("automountServiceAccountToken")),
    "limit": ("Deployment", lambda one: container(one)["resources"].pop("limits")),
    "probe": ("Deployment", lambda one: container(one).pop("livenessProbe")),
    "probe of a store": ("Deployment", lambda one: container(one)["livenessProbe"]["grpc"].update(service="ready")),
    "selector": ("Service", lambda one: one["spec"]["selector"].update({"app.kubernetes.io/component": "contents"})),
    "port": ("Service", lambda one: one["spec"]["ports"][0].update(targetPort="http")),
    "policy of nobody": ("NetworkPolicy", lambda one: one["spec"]["podSelector"]["matchLabels"].update(x="y")),
    "password": ("Deployment", lambda one: container(one).setdefault("env", []).append({"name": "PGPASSWORD", "value": "secret"})),
    "password in a URL": ("ConfigMap", lambda one: one.setdefault("data", {}).update(URL="redis://me:secret@redis:6379")),
    "unavailable": ("Deployment", lambda one: one["spec"].update(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}})),
    "grace": ("Deployment", lambda one: one["spec"]["template"]["spec"].update(terminationGracePeriodSeconds=5)),
    "subPath": ("Deployment", lambda one: container(one)["volumeMounts"][0].update(subPath="signing.jwk")),
    "claim": ("PersistentVolumeClaim", lambda one: one["metadata"].update(name="other")),
}


def self_test(objects: list[dict]) -> int:
    missed = [what for what, (kind, change) in SELF_TEST.items() if not findings(broken(objects, kind, change), "dev")[1]]
    for what in missed:
        print(f"policy_test.py: nothing refuses: {what}", file=sys.stderr)
    print(f"policy_test.py: {len(SELF_TEST) - len(missed)} of {len(SELF_TEST)} broken manifests refused")
    return 1 if missed else 0


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    objects = load(pathlib.Path(arguments[1]).read_text())
    if arguments[0] == "--self-test":
        return self_test(objects)
    checked, found = findings(objects, arguments[0])
    for what in found:
        print(f"{arguments[0]}: {what}", file=sys.stderr)
    print(f"{arguments[0]}: {len(objects)} objects, {checked} assertions, {len(found)} do not hold")
    return 1 if found or not objects else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
