#!/usr/bin/env python3
"""An OpenSSH server on loopback, in a temporary folder. How a server is spoken to: server.py.

Prints {"host", "port", "user", "key", "known_hosts", "wrong_known_hosts", "wrong_key", "pid"}:
  key                lets the user in; wrong_key does not
  known_hosts        names the server's key; wrong_known_hosts another one for the same host
"""

import ctypes
import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

PORTS_TRIED = 5


def say(facts):
    print(json.dumps(facts), flush=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def sshd():
    return shutil.which("sshd") or (shutil.which("sshd", path="/usr/sbin:/usr/local/sbin"))


CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/key.pub
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
KbdInteractiveAuthentication no
AllowTcpForwarding yes
"""


def end_with_us():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def start(folder, port):
    with open(os.path.join(folder, "config"), "w") as f:
        f.write(CONFIGURATION.format(folder=folder, port=port))
    server = subprocess.Popen([sshd(), "-D", "-e", "-f", os.path.join(folder, "config")], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=end_with_us)
    for line in server.stderr:
        if "Server listening on" in line:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return server
    server.wait()
    return None


def main():
    for name in ("ssh-keygen", "ssh"):
        if not shutil.which(name):
            return say({"missing": name})
    if not sshd():
        return say({"missing": "sshd"})
    if os.geteuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # sshd asks for it where it is root.
    folder = tempfile.mkdtemp(prefix="andon-sshd-")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = None
    try:
        path = {name: os.path.join(folder, name) for name in ("key", "wrong_key", "host_key", "known_hosts", "wrong_known_hosts")}
        for name in ("key", "wrong_key", "host_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path[name]], check=True)
        for _ in range(PORTS_TRIED):
            port = free_port()
            server = start(folder, port)
            if server:
                break
        if not server:
            sys.exit("sshd does not start")
        for hosts, key in (("known_hosts", "host_key"), ("wrong_known_hosts", "wrong_key")):
            with open(path[key] + ".pub") as public, open(path[hosts], "w") as f:
                f.write(f"[127.0.0.1]:{port} " + " ".join(public.read().split()[:2]) + "\n")
        path.pop("host_key")
        say({**path, "host": "127.0.0.1", "port": port, "user": getpass.getuser(), "pid": server.pid})
        for _ in sys.stdin:
            say({"error": "unknown request"})
    finally:
        if server and server.poll() is None:
            server.terminate()
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
