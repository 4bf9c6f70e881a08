#!/usr/bin/env python3
"""Writes the table of values into the chart's README, between its two markers, from the comments of values.yaml.

    values_readme.py            write it
    values_readme.py --check    fail where the README has another, a value has no comment, or the schema another shape
"""
import json
import pathlib
import re
import sys

import yaml

CHART = pathlib.Path(__file__).parent / "greenroom"
BEGIN = "<!-- values: written by helm/values_readme.py -->"
END = "<!-- end of values -->"


def described(text: str) -> list[tuple[str, str, str]]:
    """(path, default, description) of every value, in the file's order."""
    values = yaml.safe_load(text)
    rows, path, comment = [], [], ""
    for line in text.splitlines():
        if match := re.match(r"\s*# -- (.*)", line):
            comment = match[1]
            continue
        match = re.match(r"(\s*)([A-Za-z]\w*):", line)
        if not match or (path and len(match[1]) // 2 > len(path)):
            continue
        path = path[: len(match[1]) // 2] + [match[2]]
        default = values
        for key in path:
            default = default[key]
        if comment:
            rows.append((".".join(path), json.dumps(default), comment))
            comment = ""
    return rows


def leaves(values, schema, path=""):
    """Paths that are values of their own: where the schema has no named fields, or no fields at all."""
    for key, value in values.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value and "properties" in schema.get(key, {}):
            yield from leaves(value, schema[key]["properties"], here)
        else:
            yield here


def resolved(node, root):
    """`node` with its references into the schema's definitions replaced."""
    if isinstance(node, dict):
        if "$ref" in node:
            return resolved(root["definitions"][node["$ref"].rsplit("/", 1)[1]], root)
        return {key: resolved(value, root) for key, value in node.items() if key != "definitions"}
    return [resolved(one, root) for one in node] if isinstance(node, list) else node


def shape_problems(schema, values, path="") -> list[str]:
    """Objects that are open, and fields that values.yaml and the schema do not have in common."""
    problems = []
    if schema.get("type") == "object":
        rest = schema.get("additionalProperties")
        if rest is not False and not (isinstance(rest, dict) and "type" in rest):
            problems.append(f"values.schema.json: {path or 'the root'} takes keys that it does not know")
    for key, child in schema.get("properties", {}).items():
        here = f"{path}.{key}" if path else key
        problems += shape_problems(child, values.get(key) if isinstance(values, dict) else None, here)
    for child in ([schema["items"]] if "items" in schema else []) + schema.get("anyOf", []):
        problems += shape_problems(child, None, path + "[]")
    return problems


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = (CHART / "values.yaml").read_text()
    rows = described(text)
    values = yaml.safe_load(text)
    root = json.loads((CHART / "values.schema.json").read_text())
    schema = resolved(root, root)
    # `resources` and the like are described as a whole.
    named = {path for path, _, _ in rows}
    problems = shape_problems(schema, values)
    for leaf in leaves(values, schema["properties"]):
        if not any(leaf == path or leaf.startswith(path + ".") for path in named):
            problems.append(f"values.yaml: {leaf} has no comment")

    def unknown(of_values, of_schema, path):
        for key in of_schema.get("properties", {}):
            here = f"{path}.{key}" if path else key
            if here in named or not isinstance(of_values, dict):
                continue
            if key not in of_values:
                problems.append(f"values.yaml lacks {here}, which the schema has")
            else:
                unknown(of_values[key], of_schema["properties"][key], here)

    unknown(values, schema, "")

    table = [BEGIN, "", "| value | default | what |", "| --- | --- | --- |"]
    table += [f"| `{path}` | `{default}` | {what} |" for path, default, what in rows]
    readme = (CHART / "README.md").read_text()
    before, rest = readme.split(BEGIN)
    wanted = before + "\n".join(table) + "\n\n" + END + rest.split(END)[1]
    if not arguments:
        (CHART / "README.md").write_text(wanted)
    elif wanted != readme:
        problems.append("README.md of the chart has another table of values: run helm/values_readme.py")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
