#!/usr/bin/env python3
"""Fails where a file that is used without a build names another version than CMakeLists.txt has."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What in a file names the version: every match of the first, which must be the second.
PLACES = {
    "deploy/compose.yaml": (r"image: greenroom/\w+:(.*)", "${{GREENROOM_TAG:-{version}}}"),
    "helm/greenroom/Chart.yaml": (r"(?m)^(?:version|appVersion): (.*)$", "{version}"),
    "helm/greenroom/README.md": (r"image: greenroom/\w+:(.*)", "{version}"),
}


def problems(path: str, text: str, version: str) -> list[str]:
    pattern, wanted = PLACES[path]
    wanted = wanted.format(version=version)
    found = re.findall(pattern, text)
    if not found:
        return [f"{path}: nothing looks like {pattern}"]
    return [f"{path}: {one}, not {wanted}" for one in found if one != wanted]


def main() -> int:
    version = re.search(r"^project\(greenroom VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
    texts = {path: (ROOT / path).read_text() for path in PLACES}
    found = [problem for path, text in texts.items() for problem in problems(path, text, version)]
    # That it would find something.
    found += [f"{path}: nothing refuses another version" for path, text in texts.items()
              if not problems(path, text.replace(version, version + "1", 1), version)]
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
