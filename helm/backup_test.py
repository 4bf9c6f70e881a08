#!/usr/bin/env python3
"""Plays the runbook's backup and restore, with the programs of BIN on loopback: a restored system answers with the same
--state-hashes and the same catalogue, and goes on.

    backup_test.py BIN

SQLite: the files copied while the services are stopped, and as a crash leaves them, which is what a snapshot of a volume
holds. PostgreSQL: pg_dump, also while answers come in, restored into another server.
"""
import contextlib
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

from local_system import PROJECT, System, free_ports

SCRIPTS = PROJECT / "helm" / "greenroom" / "files" / "scripts"
ASKED = {"PACK": "ml-engineer", "QUESTION": "overfitting"}


def must(done: subprocess.CompletedProcess) -> str:
    if done.returncode != 0:
        raise RuntimeError(f"{done.args} ended with {done.returncode}: {done.stdout[-800:]}")
    return done.stdout


def check(what: str, holds: bool) -> None:
    if not holds:
        raise RuntimeError(f"does not hold: {what}")
    print(f"  {what}")


def state_hashes(system: System) -> dict[str, str]:
    """By learner; beside the running service, as the runbook asks for them."""
    lines = must(system.run(system.programs / "greenroom-session", "--event-log", system.log, "--state-hashes")).splitlines()
    return dict(line.split(" ") for line in lines)


def catalogue(system: System) -> list[str]:
    return sorted(must(system.run("greenroom", "packs", "--json", GREENROOM_TOKEN=system.token("author"))).splitlines())


def practise(system: System, name: str, seconds: int) -> None:
    """Twenty learners answer; greenroom-load compares every acknowledgement with the log at the end, and fails if one is lost."""
    must(subprocess.run([system.programs / "greenroom-load", "--session", f"127.0.0.1:{system.ports['session']}",
                         "--key", system.keys / "signing.jwk", "--ledger", system.folder / f"{name}.ledger", "--event-log", system.log,
                         "--duration", f"{seconds}s", "--name", name],
                        env=system.environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120))


def begun(stack: contextlib.ExitStack, system: System, *content_flags: str) -> System:
    stack.callback(system.end)
    system.begin(*content_flags)
    return system


def filled(stack: contextlib.ExitStack, system: System) -> System:
    begun(stack, system)
    must(system.run("bash", SCRIPTS / "publish"))
    must(system.run("bash", SCRIPTS / "test", **ASKED))
    practise(system, "before", 4)
    return system


def goes_on(system: System, hashes: dict[str, str], packs: list[str]) -> None:
    check(f"the same --state-hashes of {len(hashes)} learners", state_hashes(system) == hashes and len(hashes) > 20)
    check(f"the same catalogue of {len(packs)} packs", catalogue(system) == packs and len(packs) >= 3)
    must(system.run("bash", SCRIPTS / "test", **ASKED))
    changed = {learner for learner, value in state_hashes(system).items() if hashes.get(learner) != value}
    check("sessions go on, and change only the learner who practises", len(changed) == 1)
    practise(system, "after", 2)
    check("answers after the restore are all in the log", True)


def restored_files(stack: contextlib.ExitStack, system: System, folder: pathlib.Path) -> System:
    """A system on copies of the files, with an empty Redis."""
    folder.mkdir()
    for file in system.folder.glob("*.db*"):
        shutil.copy(file, folder)
    return begun(stack, System(system.programs, folder, system.keys), "--new-epoch")


def sqlite(programs: pathlib.Path, folder: pathlib.Path) -> None:
    with contextlib.ExitStack() as stack:
        system = filled(stack, System(programs, folder / "system"))
        hashes, packs = state_hashes(system), catalogue(system)
        print("SQLite, files copied while the services are stopped:")
        system.end()
        goes_on(restored_files(stack, system, folder / "copied"), hashes, packs)

        print("SQLite, files as a crash leaves them:")
        system.begin()
        practise(system, "again", 2)
        hashes = state_hashes(system)
        for name in ("session", "content"):
            system.stop(name, signal.SIGKILL)
        check("the newest answers are in the write-ahead log only", (system.folder / "session.db-wal").stat().st_size > 0)
        goes_on(restored_files(stack, system, folder / "crashed"), hashes, packs)


def postgres_server(stack: contextlib.ExitStack, folder: pathlib.Path) -> str:
    """The URL of a new server that has nothing."""
    port, = free_ports(1)
    must(subprocess.run([PROJECT / "deploy" / "postgres", "init", folder], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    with open(f"{folder}.log", "wb") as log:
        server = subprocess.Popen([PROJECT / "deploy" / "postgres", "serve", folder, str(port)], stdout=log, stderr=log)

    def stop():
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)

    stack.callback(stop)
    url = f"postgresql://greenroom@127.0.0.1:{port}/postgres"
    end = time.monotonic() + 60
    while subprocess.run(["pg_isready", "--quiet", "--dbname", url]).returncode != 0:
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL did not start: {pathlib.Path(f'{folder}.log').read_text()[-800:]}")
        time.sleep(0.1)
    return url


def dumped(url: str, file: pathlib.Path) -> None:
    must(subprocess.run(["pg_dump", "--format=custom", f"--file={file}", url], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))


def restored_database(stack: contextlib.ExitStack, system: System, folder: pathlib.Path, file: pathlib.Path) -> System:
    url = postgres_server(stack, pathlib.Path(f"{folder}-postgres"))
    must(subprocess.run(["pg_restore", "--exit-on-error", "--no-owner", f"--dbname={url}", file], text=True, stdout=subprocess.PIPE,
                        stderr=subprocess.STDOUT))
    return begun(stack, System(system.programs, folder, system.keys, (url, url)), "--new-epoch")


def connections(url: str) -> int:
    found = must(subprocess.run(["psql", "--no-psqlrc", "--tuples-only", "--command",
                                 "SELECT count(*) FROM pg_stat_activity WHERE usename = 'greenroom' AND pid <> pg_backend_pid()", url],
                                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT))
    return int(found)


def postgres(programs: pathlib.Path, folder: pathlib.Path) -> None:
    with contextlib.ExitStack() as stack:
        url = postgres_server(stack, folder / "postgres")
        system = filled(stack, System(programs, folder / "pg", stores=(url, url)))
        packs = catalogue(system)
        print(f"PostgreSQL ({connections(url)} connections of one content and one session), dumped while answers come in:")
        load = threading.Thread(target=practise, args=(system, "meanwhile", 4))
        load.start()
        time.sleep(1)
        dumped(url, folder / "busy.dump")
        load.join()
        restored = restored_database(stack, system, folder / "busy", folder / "busy.dump")
        before, after = state_hashes(restored), state_hashes(system)
        check(f"{len(before)} learners are there, none that was not", 20 < len(before) and before.keys() <= after.keys())
        quiet = [learner for learner in before if "meanwhile" not in learner and before[learner] == after[learner]]
        check(f"{len(quiet)} learners who did nothing meanwhile have the same --state-hashes", len(quiet) > 20)
        practise(restored, "after", 2)
        check("answers after the restore are all in the log", True)

        print("PostgreSQL, dumped at rest:")
        hashes = state_hashes(system)
        dumped(url, folder / "rest.dump")
        goes_on(restored_database(stack, system, folder / "rest", folder / "rest.dump"), hashes, packs)


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    programs = pathlib.Path(arguments[0]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder).chmod(0o755)  # PostgreSQL may run as another user
        sqlite(programs, pathlib.Path(folder))
        postgres(programs, pathlib.Path(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
