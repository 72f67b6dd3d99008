"""The AWS CLI, version 1: each command in a process of its own, forked from one that has read Python's modules and the service's model.

That is where a command spends half a second; the rest takes a few hundredths.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))

import awscli.clidriver

from glacier import REGION, environment
from report import equal

# Operations that succeeded, and those that one command called several times: pages, or the polls of a waiter.
succeeded, repeated = set(), set()


class Ran:
    """How a command ended, and the calls that it made, each an operation and the status of its response."""

    def __init__(self, code, out, err, calls):
        self.code, self.out, self.err, self.calls = code, out, err, calls

    @property
    def json(self):
        return json.loads(self.out)


class Running:
    """A command in a process of its own."""

    def __init__(self, driver, words):
        self.words = words
        self.files = [tempfile.TemporaryFile() for _ in range(3)]
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._become(driver)
            finally:
                os._exit(99)

    def _become(self, driver):
        out, err, calls = (file.fileno() for file in self.files)
        os.dup2(out, 1)
        os.dup2(err, 2)

        def note(model, http_response, **_):
            os.write(calls, f"{model.name} {http_response.status_code}\n".encode())

        driver.session.register("after-call.glacier.*", note)
        code = driver.main(self.words)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)

    def _read(self, file):
        # The process writes through the same file description, so this must not move.
        return os.pread(file.fileno(), os.fstat(file.fileno()).st_size, 0).decode()

    def calls(self):
        """The calls that have ended, each an operation and the status of its response."""
        return [(name, int(status)) for name, status in map(str.split, self._read(self.files[2]).splitlines())]

    def end(self):
        """Waits for the command."""
        _, status = os.waitpid(self.pid, 0)
        calls, out, err = self.calls(), *map(self._read, self.files[:2])
        for file in self.files:
            file.close()
        succeeded.update(name for name, status in calls if status < 300)
        names = [name for name, _ in calls]
        repeated.update(name for name in names if names.count(name) > 1)
        return Ran(os.waitstatus_to_exitcode(status), out, err, calls)


class Aws:
    """`aws glacier`, for the server at `url`."""

    def __init__(self, url, folder):
        self.folder = folder
        settings = environment(AWS_ENDPOINT_URL_GLACIER=url, AWS_DEFAULT_REGION=REGION, AWS_REGION=None, AWS_MAX_ATTEMPTS="1")
        # Where the command's own models are: set by its import.
        settings["AWS_DATA_PATH"] = os.environ["AWS_DATA_PATH"]
        os.environ.clear()
        os.environ.update(settings)
        self.driver = awscli.clidriver.create_clidriver()
        # Reads the model, in this process: every command that is forked from it has it.
        sys.stdout.flush()
        shown = os.dup(1)
        with tempfile.TemporaryFile() as nowhere:
            os.dup2(nowhere.fileno(), 1)
            code = self.driver.main(["glacier", "list-vaults", "--account-id", "-"])
            sys.stdout.flush()
            os.dup2(shown, 1)
        os.close(shown)
        equal(code, 0, "exit code of the first command")

    def start(self, command, *words):
        return Running(self.driver, ["glacier", *command.split(), "--account-id", "-", *map(str, words)])

    def run(self, command, *words):
        return self.start(command, *words).end()

    def good(self, command, *words):
        """The output of a command that must succeed: what its JSON says, or `None` without any."""
        ran = self.run(command, *words)
        equal((ran.code, ran.err), (0, ""), f"exit code and errors of {command} {' '.join(map(str, words))}")
        return ran.json if ran.out else None

    def fails(self, code, status, command, *words):
        """The command must end with this service error, by its code, after a response of this status."""
        ran = self.run(command, *words)
        equal((ran.code, ran.out, [status for _, status in ran.calls]), (255, "", [status]), f"{command}: {ran.err}")
        assert f"An error occurred ({code}) when calling the {ran.calls[0][0]} operation: " in ran.err, ran.err

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path
