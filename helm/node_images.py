#!/usr/bin/env python3
"""Writes container images for helm/with-node, without a registry and without a builder: the programs of BIN and this machine's
redis-server, with the libraries that they load and the few commands that the chart's scripts use.

    node_images.py BIN VERSION FOLDER     FOLDER/greenroom.tar and FOLDER/pause.tar, docker archives

For trying the chart. What is shipped is built by deploy/Dockerfile.
"""
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile

COMPONENTS = ("content", "session", "scoring", "cli")
COMMANDS = "bash cat cut date grep head ls mkdir redis-cli redis-server rm sed sh sleep sort tar tr".split()
USER = "65532:65532"


def program(component: str) -> str:
    return "greenroom" if component == "cli" else f"greenroom-{component}"


def libraries(file: pathlib.Path) -> set[str]:
    words = subprocess.run(["ldd", file], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split()
    return {word for word in words if word.startswith("/")}


def root(programs: pathlib.Path, folder: pathlib.Path) -> None:
    """A root file system with merged /usr."""
    for name in ("usr/bin", "usr/lib", "usr/lib64", "tmp", "data", "proc", "sys", "dev", "etc", "var/lib/greenroom"):
        (folder / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (folder / name).symlink_to(f"usr/{name}")
    sources = [programs / program(component) for component in COMPONENTS] + [pathlib.Path(shutil.which(c)) for c in COMMANDS]
    for source in sources:
        shutil.copy(os.path.realpath(source), folder / "usr" / "bin" / source.name)
        for library in libraries(source):
            target = folder / os.path.join("usr", library.lstrip("/").removeprefix("usr/"))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(library), target)
    (folder / "etc" / "passwd").write_text("root:x:0:0::/:/bin/sh\ngreenroom:x:65532:65532::/var/lib/greenroom:/bin/sh\n")
    (folder / "etc" / "nsswitch.conf").write_text("hosts: files dns\n")


def archive(path: pathlib.Path, layer: pathlib.Path, images: list[tuple[str, list[str], str]]) -> None:
    """A docker archive of one layer that all `images` (name, entry point, user) have."""
    def owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        return member

    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.add(layer, arcname=".", filter=owned_by_root)
    with tarfile.open(path, "w") as tar:
        def add(name: str, data: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))

        add("layer.tar", packed.getvalue())
        manifest = []
        for name, entry, user in images:
            config = json.dumps({
                "architecture": "amd64", "os": "linux",
                "config": {"Entrypoint": entry, "User": user, "Env": ["PATH=/usr/bin"], "WorkingDir": "/"},
                "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(packed.getvalue()).hexdigest()]},
            }).encode()
            file = hashlib.sha256(config).hexdigest() + ".json"
            add(file, config)
            manifest.append({"Config": file, "RepoTags": [name], "Layers": ["layer.tar"]})
        add("manifest.json", json.dumps(manifest).encode())


def main(arguments: list[str]) -> int:
    if len(arguments) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    programs, version, folder = pathlib.Path(arguments[0]), arguments[1], pathlib.Path(arguments[2])
    root(programs, folder / "root")
    archive(folder / "greenroom.tar", folder / "root", [
        *[(f"docker.io/greenroom/{c}:{version}", [f"/usr/bin/{program(c)}"], USER) for c in COMPONENTS],
        ("docker.io/library/redis:7.4", ["/usr/bin/redis-server"], USER)])
    shutil.rmtree(folder / "root")
    # What holds a pod's network: a program that waits.
    (folder / "pause").mkdir()
    subprocess.run(["cc", "-static", "-x", "c", "-o", folder / "pause" / "pause", "-"], text=True, check=True,
                   input="#include <unistd.h>\nint main() { for (;;) pause(); }\n")
    archive(folder / "pause.tar", folder / "pause", [("registry.k8s.io/pause:3.9", ["/pause"], USER)])
    shutil.rmtree(folder / "pause")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
