#!/usr/bin/env python3
"""Writes the JSON Schemas that kubeconform reads, from what Kubernetes modules carry: no network.

    kubernetes_schemas.py api SWAGGER.json FOLDER    every kind that has a group and version, and definitions.json
    kubernetes_schemas.py crd CRD.yaml FOLDER        every version of a custom resource

Closed at every level: a field that the API does not know is an error.
"""
import json
import pathlib
import sys

import yaml

DEFINITIONS = "definitions.json"
# Not an object in JSON, whatever its definition says.
SCALARS = {
    "io.k8s.apimachinery.pkg.util.intstr.IntOrString": {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    "io.k8s.apimachinery.pkg.api.resource.Quantity": {"oneOf": [{"type": "string"}, {"type": "number"}]},
}


def closed(node):
    """`node` with references into DEFINITIONS, and objects that have named fields closed."""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    result = {}
    for key, value in node.items():
        if key == "$ref":
            result[key] = value.replace("#/definitions/", f"{DEFINITIONS}#/definitions/")
        elif key == "properties":  # its keys are names of fields, not words of the schema
            result[key] = {name: closed(schema) for name, schema in value.items()}
        else:
            result[key] = closed(value)
    if result.get("x-kubernetes-int-or-string"):
        result = {"oneOf": [{"type": "string"}, {"type": "integer"}]}
    keeps_unknown = result.get("x-kubernetes-preserve-unknown-fields")
    if isinstance(result.get("properties"), dict) and result.get("type", "object") == "object" and not keeps_unknown:
        result.setdefault("additionalProperties", False)
    return result


def write(path: pathlib.Path, schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True) + "\n")


def file_name(group: str, version: str, kind: str) -> str:
    """As kubeconform asks: {{.ResourceKind}}{{.KindSuffix}}, where the suffix names the group's first word."""
    parts = [kind.lower(), group.split(".")[0], version] if group else [kind.lower(), version]
    return "-".join(parts) + ".json"


def write_api(swagger: pathlib.Path, folder: pathlib.Path) -> None:
    definitions = json.loads(swagger.read_text())["definitions"]
    schemas = {name: SCALARS.get(name) or closed(schema) for name, schema in definitions.items()}
    write(folder / DEFINITIONS, {"definitions": schemas})
    for name, schema in definitions.items():
        for kind in schema.get("x-kubernetes-group-version-kind", []):
            if not name.endswith("." + kind["kind"]):
                continue
            whole = dict(schemas[name])
            whole["properties"] = dict(whole.get("properties", {}))
            apiversion = "/".join(filter(None, (kind["group"], kind["version"])))
            whole["properties"]["apiVersion"] = {"enum": [apiversion]}
            whole["properties"]["kind"] = {"enum": [kind["kind"]]}
            whole["required"] = sorted({*whole.get("required", []), "apiVersion", "kind"})
            write(folder / file_name(kind["group"], kind["version"], kind["kind"]), whole)


def write_crd(path: pathlib.Path, folder: pathlib.Path) -> None:
    for crd in yaml.safe_load_all(path.read_text()):
        spec = crd["spec"]
        for version in spec["versions"]:
            schema = closed(version["schema"]["openAPIV3Schema"])
            schema["properties"]["metadata"] = {"type": "object"}
            schema["required"] = sorted({*schema.get("required", []), "apiVersion", "kind", "metadata"})
            write(folder / file_name(spec["group"], version["name"], spec["names"]["kind"]), schema)


def main(arguments: list[str]) -> int:
    if len(arguments) != 3 or arguments[0] not in ("api", "crd"):
        print(__doc__, file=sys.stderr)
        return 2
    {"api": write_api, "crd": write_crd}[arguments[0]](pathlib.Path(arguments[1]), pathlib.Path(arguments[2]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
