"""A real server for a test: started on loopback, gone when the test is.

Each server is a program here that speaks lines: it prints one JSON object when it is ready (or
{"missing": "program"} where it cannot be), answers each line of its standard input with one JSON
object, and ends, with all that it made, when its standard input does. So a test in any language
can own one: what kills the test closes the pipe.
"""

import atexit
import json
import os
import subprocess
import sys
import threading

HERE = os.path.dirname(os.path.abspath(__file__))


class Missing(Exception):
    """The program that the server is, is not on this machine."""


class Server:
    """Starts tests/servers/NAME.py; any thread may ask."""

    def __init__(self, name):
        self.lock = threading.Lock()
        self.process = subprocess.Popen([sys.executable, os.path.join(HERE, name + ".py")], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, start_new_session=True)
        atexit.register(self.stop)
        self.facts = self.answer()
        if "missing" in self.facts:
            self.stop()
            raise Missing(self.facts["missing"])

    def answer(self):
        line = self.process.stdout.readline()
        return json.loads(line) if line else {"missing": "an answer of the server"}

    def ask(self, line):
        with self.lock:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            return self.answer()

    def stop(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            self.process.wait()
