#!/usr/bin/env python3
"""Reads every #include line of the project and fails on a direction the architecture does not have (CONTRIBUTING, Layers).

    main -> service, adapters, base       service -> domain, ports, errors, base, proto
    adapters -> port, base                domain -> standard library, abseil, pure libraries, proto messages
    clients/cli -> base, proto, scoring/domain, content/domain, session/fsrs
    session/fsrs -> the standard library: phones run it
    base -> never a service; content, session and scoring never one another; nothing -> tests (but tests)
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
SERVICES = ("content", "scoring", "session")
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')

# Third-party headers that few files may see: what the build time and the exceptions are made of.
RESERVED = {
    r"(hiredis/|uv\.h)": r"services/base/redis/",
    r"soci": r"services/base/sql/",
    r"sqlite3": r"services/base/sql/",
    r"(cjose|jansson)": r"services/base/auth/",
    r"yaml-cpp/": r"services/content/domain/",
    r"spdlog/": r"services/base/log\.cc$",
    r"prometheus/": r"services/base/metrics\.cc$",
    r"(libstemmer|unicode/)": r"services/(scoring|content|base|session)/|clients/cli/",
}
AT_MOST_FILES = {r"yaml-cpp/": 2, r"spdlog/": 1, r"prometheus/": 1}


def is_test(path: str) -> bool:
    return bool(re.search(r"^tests/|_test(_\w+)?\.(h|cc)$|_(bench\.cc|contract\.h)$|(^|/)test_\w+\.h$|/testing/|/fakes/", path))


def refusal(path: str, include: str) -> str:
    """Why `path` may not include `include`; empty where it may."""
    for header, where in RESERVED.items():
        if re.match(header, include) and not re.match(where, path) and not is_test(path):
            return f"only {where} may see {header}"
    if include.startswith("tests/") and not is_test(path):
        return "nothing depends on tests"
    if is_test(path):
        return ""
    target = next((s for s in SERVICES if include.startswith(f"services/{s}/")), None)
    if path.startswith("services/base/"):
        if target or include.startswith(("greenroom/", "clients/")):
            return "base knows nothing of interviews"
        return ""
    if path.startswith("clients/cli/"):
        if target and not re.match(r"services/((scoring|content)/(domain|packs)|session/fsrs)/", include):
            return "the CLI sees only the domains of scoring and content, and FSRS"
        return ""
    if path.startswith("services/session/fsrs/"):
        return "" if "/" not in include or include.startswith("services/session/fsrs/") else "phones run this folder"
    own = next((s for s in SERVICES if path.startswith(f"services/{s}/")), None)
    if own is None:
        return ""
    if include.startswith("clients/"):
        return "services do not depend on clients"
    if target and target != own:
        return f"{own} and {target} meet in proto/"
    # memory is a domain too, on top of the session's and of FSRS.
    pure = {f"services/{own}/domain/": (), "services/session/memory/": ("services/session/domain/", "services/session/fsrs/")}
    folder = next((f for f in pure if path.startswith(f)), None)
    if folder:
        if include.endswith(".grpc.pb.h") or include.startswith(("grpcpp/", "grpc/")):
            return "a domain makes no calls"
        if include.startswith("services/base/"):
            return "a domain stands on no runtime"
        if target and not include.startswith((folder, *pure[folder])):
            return "a domain depends on nothing around it"
    return ""


def main() -> int:
    listing = subprocess.run(["git", "ls-files", "*.h", "*.cc"], cwd=ROOT, capture_output=True, text=True, check=True)
    bad, includes, seen = [], 0, {header: set() for header in AT_MOST_FILES}
    for path in listing.stdout.split():
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            includes += 1
            include = match.group(1)
            why = refusal(path, include)
            if why:
                bad.append(f"{path}:{number}: includes {include}: {why}")
            for header in AT_MOST_FILES:
                if re.match(header, include) and not is_test(path):
                    seen[header].add(path)
    for header, most in AT_MOST_FILES.items():
        if len(seen[header]) > most:
            bad.append(f"{header} is included by {len(seen[header])} files, at most {most}: {sorted(seen[header])}")
    # The check itself must be able to fail.
    for path, include in (("services/base/rpc.cc", "services/session/service.h"),
                          ("services/content/service.cc", "services/scoring/domain/grade.h"),
                          ("services/session/domain/fold.cc", "services/base/task.h"),
                          ("clients/cli/main.cc", "services/session/domain/fold.h"),
                          ("services/session/fsrs/fsrs.cc", "absl/strings/str_cat.h"),
                          ("services/session/memory/reviews.cc", "services/session/log/event_log.h"),
                          ("services/session/domain/fold.cc", "services/session/memory/reviews.h"),
                          ("services/session/main.cc", "tests/servers/process.h")):
        if not refusal(path, include):
            bad.append(f"the check lets {path} include {include}")
    print("\n".join(bad) or f"{includes} includes, every one in an allowed direction")
    if includes == 0:
        print("no include was read")
    return 1 if bad or includes == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
