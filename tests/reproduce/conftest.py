"""What is loaded and trained once for all tests of this folder."""

import threading
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from reproduce.data import load, mnist
from tests.reproduce.training.test_loop import SETTINGS, outcome, train


@pytest.fixture(scope="session")
def data(mnist_folder):
    """The small folder's images."""
    return load("mnist", str(mnist_folder))


@pytest.fixture(scope="session")
def as_mnist(data):
    """The same, taken for MNIST itself."""
    found = replace(data, name="mnist", title="MNIST")
    vars(found)["fingerprint"] = mnist.FINGERPRINT  # as if computed before
    return found


@pytest.fixture(scope="session")
def undisturbed(data, tmp_path_factory):
    """What killed and damaged runs are compared with."""
    return outcome(train(SETTINGS, data, tmp_path_factory.mktemp("undisturbed")))


class _Answers(BaseHTTPRequestHandler):
    """Has some files by name."""

    def __init__(self, files, *arguments):
        self._files = files
        super().__init__(*arguments)

    def do_GET(self):
        content = self._files.get(self.path.lstrip("/"))
        self.send_response(404 if content is None else 200)
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_):
        """Nothing: it would be among what tests look at."""


@pytest.fixture
def served():
    """Serves files, given by name, on this machine; gives the address they are below."""
    servers = []

    def serve(files):
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), partial(_Answers, files)))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()
