"""redis-server and the three services on loopback, for the chart's tests."""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    return [one.getsockname()[1] for one in sockets]


class System:
    """One of each in a folder of their own, with stores that are there or new. `stores` are the URLs of catalogue and log;
    by default SQLite files in the folder. Everything it starts it stops, by its process id."""

    def __init__(self, programs: pathlib.Path, folder: pathlib.Path, keys: pathlib.Path | None = None,
                 stores: tuple[str, str] | None = None):
        self.programs, self.folder, self.processes = programs, folder, []
        self.folder.mkdir(parents=True, exist_ok=True)
        self.keys = keys or folder / "keys"
        self.catalogue, self.log = stores or (f"sqlite:{folder}/content.db", f"sqlite:{folder}/session.db")
        # GREENROOM_ variables stand for flags.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("GREENROOM_")}
        if keys is None:
            subprocess.run([programs / "greenroom", "keygen", self.keys], check=True, stdout=subprocess.DEVNULL)
        self.redis, content, session, scoring = free_ports(4)
        self.ports = {"content": content, "session": session, "scoring": scoring}

    def begin(self, *content_flags: str) -> None:
        for ports in self.folder.glob("*.ports"):
            ports.unlink()
        self._start("redis", "redis-server", "--port", self.redis, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
                    "--maxmemory-policy", "noeviction", "--dir", self.folder)
        address = {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}
        own = {
            "content": ["--store", self.catalogue, "--scoring", address["scoring"], *content_flags],
            "scoring": ["--content", address["content"]],
            "session": ["--event-log", self.log, "--redis", f"redis://127.0.0.1:{self.redis}",
                        "--content", address["content"], "--scoring", address["scoring"]],
        }
        for name, flags in own.items():
            self._start(name, self.programs / f"greenroom-{name}", "--listen", address[name], "--ports-file",
                        self.folder / f"{name}.ports", "--drain-delay", "0s", "--metrics-tenants", "default", "--jwks", self.keys / "jwks.json",
                        "--key", self.keys / "signing.jwk", *flags)
            self._await_ports(name)

    def end(self) -> None:
        for name, _ in reversed(self.processes):
            self.stop(name)
        self.processes.clear()

    def stop(self, name: str, how=signal.SIGTERM) -> None:
        for one, process in self.processes:
            if one == name and process.poll() is None:
                process.send_signal(how)
                process.wait(timeout=60)

    def metrics_port(self, name: str) -> int:
        return json.loads((self.folder / f"{name}.ports").read_text())["metrics_port"]

    def command(self, *command, **variables) -> tuple[list[str], dict[str, str]]:
        """A command and the environment in which `greenroom` finds this system."""
        return [str(c) for c in command], {
            **self.environment, "PATH": f"{self.programs}:{self.environment['PATH']}",
            "GREENROOM_HOME": str(self.folder / "home"), "SIGNING_KEY": str(self.keys / "signing.jwk"),
            **{f"GREENROOM_{name.upper()}": f"127.0.0.1:{port}" for name, port in self.ports.items()}, **variables}

    def run(self, *command, **variables) -> subprocess.CompletedProcess:
        words, environment = self.command(*command, **variables)
        return subprocess.run(words, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              stdin=subprocess.DEVNULL, timeout=120)

    def token(self, role: str) -> str:
        return self.run("greenroom", "token", "--key", self.keys / "signing.jwk", "--role", role).stdout.strip()

    def _start(self, name: str, *command) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, env=self.environment)
        self.processes.append((name, process))

    def _await_ports(self, name: str) -> None:
        end = time.monotonic() + 60
        while not (self.folder / f"{name}.ports").exists():
            if self.processes[-1][1].poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{name} did not start: {(self.folder / f'{name}.log').read_text()[-800:]}")
            time.sleep(0.05)
