#!/usr/bin/env python3
"""PostgreSQL on loopback, in a temporary folder. How a server is spoken to: server.py.

Prints {"url", "admin_url", "host", "port", "user", "password", "ca", "socket", "log"}:
  url        of an empty database that the user "andon" owns
  admin_url  of the same, as a superuser
  ca         the certificate that signed the server's, which is for "localhost" (not for 127.0.0.1)
  log        every statement that was run
Who connects to the database "only_tls" without TLS is refused.
The line "database" makes another empty database, and answers with its url and admin_url.
"""

import ctypes
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import urllib.parse

USER, PASSWORD = "andon", "pa/ss:w@rd%1"
ADMIN, ADMIN_PASSWORD = "admin", "admin"
PORTS_TRIED = 5


def say(facts):
    print(json.dumps(facts), flush=True)


def program(name):
    versions = sorted(glob.glob("/usr/lib/postgresql/*/bin/" + name), key=lambda p: float(p.split("/")[4]))
    return shutil.which(name) or (versions[-1] if versions else None)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def owner():
    """PostgreSQL refuses to run as root: then it is the user that its package made."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        return None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def end_with_us():
    """The kernel ends it with us: SIGQUIT is PostgreSQL's immediate shutdown."""
    ctypes.CDLL(None).prctl(1, signal.SIGQUIT)  # PR_SET_PDEATHSIG


def make_certificates(folder):
    """An authority, and the server's certificate for localhost."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=test authority", "-days", "3650")
    openssl("req", *new_key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    with open(os.path.join(folder, "names"), "w") as f:
        f.write("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "server.crt", "-days", "3650", "-extfile", "names")
    os.chmod(os.path.join(folder, "server.key"), 0o600)


CONFIGURATION = """
listen_addresses = '127.0.0.1'
unix_socket_directories = '{folder}'
fsync = off
full_page_writes = off
shared_buffers = 16MB
max_connections = 40
lc_messages = 'C'
log_statement = all
logging_collector = off
ssl = {ssl}
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
"""

ACCESS = """
local     all      all                trust
hostnossl only_tls all 127.0.0.1/32   reject
host      all      all 127.0.0.1/32   scram-sha-256
"""


class Postgres:
    def __init__(self, folder, who):
        self.folder, self.who, self.count = folder, who, 0
        self.data = os.path.join(folder, "data")
        self.log = os.path.join(folder, "log")
        self.port = None

    def run(self, *command):
        return subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, **self.who).stdout

    def start(self):
        self.run(program("initdb"), "-D", self.data, "-U", ADMIN, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        has_tls = shutil.which("openssl") is not None
        if has_tls:
            make_certificates(self.folder)
        if self.who:
            for name in os.listdir(self.folder):
                if name.startswith("server."):
                    os.chown(os.path.join(self.folder, name), self.who["user"], self.who["group"])
        with open(os.path.join(self.data, "postgresql.conf"), "a") as f:
            f.write(CONFIGURATION.format(folder=self.folder, ssl="on" if has_tls else "off"))
        with open(os.path.join(self.data, "pg_hba.conf"), "w") as f:
            f.write(ACCESS)
        for _ in range(PORTS_TRIED):
            self.port = free_port()
            if self.serve():
                return True
        return False

    def serve(self):
        self.server = subprocess.Popen([program("postgres"), "-D", self.data, "-p", str(self.port)], cwd=self.folder,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                       text=True, errors="replace", preexec_fn=end_with_us, **self.who)
        log = open(self.log, "w")
        for line in self.server.stderr:
            log.write(line)
            log.flush()
            if "database system is ready to accept connections" in line:
                threading.Thread(target=self.keep_log, args=(log,), daemon=True).start()
                return True
        self.server.wait()
        return False

    def keep_log(self, log):
        for line in self.server.stderr:
            log.write(line)
            log.flush()

    def sql(self, statement):
        self.run(program("psql"), "-X", "-q", "-h", self.folder, "-p", str(self.port), "-U", ADMIN, "-d", "postgres",
                 "-v", "ON_ERROR_STOP=1", "-c", statement)

    def url(self, user, password, database):
        secret = urllib.parse.quote(password, safe="")
        return f"postgres://{user}:{secret}@127.0.0.1:{self.port}/{database}"

    def database(self):
        self.count += 1
        name = f"test{self.count}"
        self.sql(f"CREATE DATABASE {name} OWNER {USER}")
        return {"url": self.url(USER, PASSWORD, name), "admin_url": self.url(ADMIN, ADMIN_PASSWORD, name), "database": name}

    def facts(self):
        self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        self.sql(f"ALTER ROLE {ADMIN} PASSWORD '{ADMIN_PASSWORD}'")
        self.sql("CREATE DATABASE only_tls")
        ca = os.path.join(self.folder, "ca.crt")
        return {**self.database(), "host": "127.0.0.1", "port": self.port, "user": USER, "password": PASSWORD,
                "ca": ca if os.path.exists(ca) else "", "socket": self.folder, "log": self.log}

    def stop(self):
        if getattr(self, "server", None) and self.server.poll() is None:
            self.server.send_signal(signal.SIGQUIT)
            self.server.wait()


def main():
    who = owner()
    for name in ("initdb", "postgres", "psql"):
        if program(name) is None:
            return say({"missing": name})
    if who is None:
        return say({"missing": "the user postgres"})
    # In /tmp, as a socket's path is short.
    folder = tempfile.mkdtemp(prefix="andon-postgres-", dir="/tmp")
    if who:
        os.chown(folder, who["user"], who["group"])
    os.chmod(folder, 0o755)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = Postgres(folder, who)
    try:
        if not server.start():
            with open(server.log) as f:
                sys.exit("PostgreSQL does not start:\n" + f.read())
        say(server.facts())
        for line in sys.stdin:
            say(server.database() if line.strip() == "database" else {"error": "unknown request"})
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
