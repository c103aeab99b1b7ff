"""A worker ends with its caller, whatever it does."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
from translator.workers.serve import serve

class Nothing:
    name = "nothing"
    def use(self, device):
        print("busy", flush=True)
        time.sleep(60)

raise SystemExit(serve(Nothing))
"""


@pytest.fixture
def served():
    requests_read, requests_write = os.pipe()
    answers_read, answers_write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(requests_read), str(answers_write)],
        pass_fds=(requests_read, answers_write),
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    os.close(requests_read)
    os.close(answers_write)
    yield process, requests_write
    process.kill()
    process.communicate()
    os.close(answers_read)


def test_ends_while_it_waits(served) -> None:
    process, requests = served
    os.close(requests)
    assert process.wait(20) == 0


def test_ends_while_it_computes(served) -> None:
    process, requests = served
    os.write(requests, b'{"operation": "start", "arguments": {"device": "cpu"}}\n')
    assert process.stdout.readline() == b"busy\n"
    os.close(requests)
    assert process.wait(20) == 1
