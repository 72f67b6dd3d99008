"""The examples in glacier-std/examples that are not Rust: what can run is run, and of the rest every command line is given to the program,
and every path, port, version and option is compared with what is there."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import yaml
from glacier import BINARY, REPO, Serve, environment, glacier, scratch
from report import Report, equal

EXAMPLES = REPO / "glacier-std" / "examples"
DOCKERFILE = EXAMPLES / "container" / "Dockerfile"
HEALTH = "/_glacier/health"


def accepted(args, where):
    """The program accepts these arguments: --help comes last, so all before it are parsed."""
    done = glacier(*args, "--help")
    assert done.code == 0 and "Usage:" in done.out, f"{where}: glacier {shlex.join(args)}: {done.err}"


def instructions():
    """The lines of the Dockerfile, in stages: (name, rest) each, the first of a stage is its FROM."""
    stages = []
    for line in DOCKERFILE.read_text().replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            name, rest = line.split(maxsplit=1)
            if name == "FROM":
                stages.append([])
            stages[-1].append((name, rest))
    return stages


def only(stage, name):
    (rest,) = [rest for found, rest in stage if found == name]
    return rest


def image():
    """Command, port and volume of the image."""
    _, run = instructions()
    return json.loads(only(run, "CMD")), int(only(run, "EXPOSE")), only(run, "VOLUME")


def cargo():
    return tomllib.loads((REPO / "Cargo.toml").read_text())["workspace"]["package"]


def dockerfile():
    "container/Dockerfile: versions, sources and the command"
    build, run = instructions()
    equal(only(build, "FROM"), f"rust:{cargo()['rust-version']}-alpine AS build", "the image that builds")
    equal(only(run, "FROM"), "scratch", "the image that runs")
    # The line builds what the step build has built, and where the next stage looks for it.
    runs = [shlex.split(rest) for name, rest in build if name == "RUN"]
    (line,) = [words for words in runs if words[0] == "cargo"]
    stated = re.search(r"^build_command\(\) \{ (cargo build .*); \}$", (REPO / "tests/run").read_text(), re.MULTILINE).group(1)
    wanted = {*shlex.split(stated), "--manifest-path", "/src/Cargo.toml"} - {"--quiet"}
    equal({*line}, wanted, "the command that builds")
    equal(only(build, "COPY"), ". /src", "what is built")
    assert BINARY.exists(), BINARY
    made = {"/src/target/release/glacier", *(words[1] for words in runs if words[0] == "mkdir")}
    user = only(run, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a user without rights, by number, as there is no /etc/passwd"
    targets = {}
    for rest in (rest for name, rest in run if name == "COPY"):
        options, (source, target) = [word for word in rest.split() if word.startswith("--")], rest.split()[-2:]
        assert "--from=build" in options and source in made, rest
        targets[target] = options
    command, port, volume = image()
    assert f"--chown={user}" in targets[volume] and "--chmod=0700" in targets[volume], "the volume belongs to the user"
    equal(json.loads(only(run, "ENTRYPOINT")), ["/glacier"], "entry point")
    assert "/glacier" in targets, targets
    accepted(command, DOCKERFILE)
    equal(command[command.index("--listen") + 1], f"0.0.0.0:{port}", "the port that is listened on")
    equal(command[command.index("--data") + 1], volume, "where the vaults are")
    equal((DOCKERFILE.parent / "Dockerfile.dockerignore").read_text(), "**/target\n", "what is not sent")


def compose():
    "container/compose.yaml: the paths, the port, and the path that is asked for health"
    file = DOCKERFILE.parent / "compose.yaml"
    composed = yaml.safe_load(file.read_text())
    services = composed["services"]
    built = services["glacier"]["build"]
    context = (file.parent / built["context"]).resolve()
    equal(context, REPO, "the folder that is built from")
    equal(context / built["dockerfile"], DOCKERFILE, "the Dockerfile")
    _, port, volume = image()
    equal(services["glacier"]["ports"], [f"127.0.0.1:{port}:{port}"], "ports")
    (mounted,) = services["glacier"]["volumes"]
    name, path = mounted.split(":")
    assert path == volume and name in composed["volumes"], mounted
    equal(services["ready"]["command"][-1], f"http://glacier:{port}{HEALTH}", "what is asked")
    equal(services["app"]["environment"]["AWS_ENDPOINT_URL_GLACIER"], f"http://glacier:{port}", "endpoint")
    equal([*services["app"]["depends_on"]], ["ready"], "what the program waits for")
    # The real curl and the real server, with the same options.
    with scratch("examples") as folder, Serve(Path(folder) / "data") as server:
        asked = subprocess.run(["curl", *services["ready"]["command"][:-1], f"{server.url}{HEALTH}"], capture_output=True)
        equal((asked.returncode, json.loads(asked.stdout)), (0, {"status": "ok"}), "health")


def documents():
    "the commands of the examples' READMEs are accepted, and the paths in them exist"
    commands = 0
    for file in sorted(EXAMPLES.glob("*/README.md")):
        text = file.read_text()
        lines = [line for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for line in block.splitlines()]
        for words in map(shlex.split, lines):
            for word in words:
                assert not word.startswith("glacier-std/") or (REPO / word).exists(), f"{file}: {word}"
            if words[:2] == ["docker", "run"]:
                commands += 1
                accepted(words[words.index("glacier") + 1 :] or image()[0], file)
        for args in re.findall(r"`(serve --[^`]*)`", text):
            commands += 1
            args = shlex.split(args)
            accepted(args if "--data" in args else [*args, "--data", "/data"], file)
    assert commands > 4, commands
    return f"{commands} commands"


def pytest():
    "pytest: the tests run"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLES / "pytest")]
    env = environment(GLACIER=str(BINARY), PYTHONDONTWRITEBYTECODE="1")
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip().splitlines()[-1]


def testcontainers():
    "testcontainers: the container is that of the Dockerfile"
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(EXAMPLES / "testcontainers"))
    import glacier_container as example
    from testcontainers.core.wait_strategies import HttpWaitStrategy

    # Of its classes only what talks to an engine is left out.
    example.DockerContainer.__init__ = lambda self, image: self.__dict__.update(image=image, ports={}, _command=None)
    container = example.GlacierContainer()
    command, port, volume = image()
    equal([str(exposed) for exposed in container.ports], [str(port)], "ports")
    args = shlex.split(container._command)
    accepted(args, "testcontainers")
    equal(args[: len(command)], command, "the command begins as that of the image")
    assert isinstance(container._wait_strategy, HttpWaitStrategy), container._wait_strategy
    built = yaml.safe_load((EXAMPLES / "container/compose.yaml").read_text())["services"]["glacier"]["image"]
    equal(container.image, built, "image")
    # What it does with the host and port that the engine would tell, it does with a server of this machine.
    with scratch("examples") as folder, Serve(Path(folder) / "data", *args[len(command) :]) as server:
        host, own_port = server.url.removeprefix("http://").split(":")
        container.get_container_host_ip, container.get_exposed_port = lambda: host, lambda _: own_port
        container.client().create_vault(vaultName="photos")
        before = container.advance(0)
        assert container.advance(24 * 3600) > before, "time passes"
        with urllib.request.urlopen(f"{container.url()}{HEALTH}") as response:
            equal(response.status, 200, "health")


def workflow():
    "github-actions: the steps run, one after the other"
    (job,) = yaml.safe_load((EXAMPLES / "github-actions/workflow.yml").read_text())["jobs"].values()
    steps = {step.get("name", "checkout"): step for step in job["steps"]}
    install = shlex.split(steps["Install glacier"]["run"])
    equal(install[install.index("--git") + 1], cargo()["repository"], "repository")
    equal(install[install.index("--git") + 2 :], ["glacier-std", "--features", "cli"], "what is installed")
    with scratch("examples") as folder:
        folder = Path(folder)
        (folder / "bin").mkdir()
        (folder / "bin" / "glacier").symlink_to(BINARY)
        path = f"{folder / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        env = environment(RUNNER_TEMP=str(folder), GITHUB_ENV=str(folder / "env"), PATH=path, **job["env"])

        def shell(step):
            # As a runner does, which lets what a step began go on.
            with open(folder / "out", "w+") as out:
                done = subprocess.run(["bash", "-e", "-c", steps[step]["run"]], env=env, stdout=out, stderr=out, timeout=120)
                out.seek(0)
                text = out.read()
            assert done.returncode == 0, text
            return text

        try:
            shell("Start glacier serve")
            env |= dict(line.split("=", 1) for line in (folder / "env").read_text().splitlines())
            assert "/000000000000/vaults/photos" in shell("Test")
        finally:
            os.kill(json.loads((folder / "glacier.json").read_text())["pid"], signal.SIGTERM)


def main():
    report = Report()
    for case in (dockerfile, compose, documents, pytest, testcontainers, workflow):
        report.case(case.__doc__, case)
    return report.close()


if __name__ == "__main__":
    sys.exit(main())
