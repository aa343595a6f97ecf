#!/usr/bin/env python3
"""A registry of providers and modules on loopback, over TLS, in a temporary folder. How a server
is spoken to: server.py.

Prints {"host", "address", "port", "ca", "key_id", "other_key_id", "hits"}:
  host      "localhost:PORT", which serves .well-known/terraform.json, both registry protocols, a
            network mirror at /mirror/, and module archives at /archives/
  address   the same as "127.0.0.1:PORT", for addresses of modules, whose host has a dot
  ca        the certificate to trust
  hits      a file with one line for each request: method, path, and whether a token came

The providers of the namespace hashicorp are those of build/deps/providers, where these are there;
all others are small files, good for whoever installs and starts nothing. What is wrong with a
package is told by its namespace:

  hashicorp   signed, as it should be             unsigned    no keys
  wronghash   another archive than was summed     forged      signed by a key that is not named
  wrongsums   sums that do not have the archive   traversal   an archive with ../
  symlink     an archive with a link              bomb        one that is small and unpacks large
  cut         the connection ends in the middle   shaky       503 for the first two requests
  busy        429 with Retry-After, then well     broken      503 for ever
  truncated   half a JSON document                gone        410
  private     401 without the token "secret"      elsewhere   no package for this platform
  expired     signed by a key that has expired    slow        half a package, and then nothing
"""

import base64
import hashlib
import http.server
import io
import json
import os
import platform
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROVIDERS = os.path.join(ROOT, "build/deps/providers")
VERSIONS = {"random": ["3.1.0", "3.9.0", "4.0.0-beta1"], "time": ["0.14.2"], "local": ["2.9.0"]}
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}[platform.machine()]
HERE_PLATFORM = "linux_" + ARCH
PLATFORMS = [HERE_PLATFORM, "darwin_arm64"]


def say(facts):
    print(json.dumps(facts), flush=True)


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, **more)


class Keys:
    """Keys of gpg in a home of their own."""

    def __init__(self, folder):
        self.home = os.path.join(folder, "gpg")
        os.mkdir(self.home, 0o700)

    def gpg(self, *words, **more):
        return run("gpg", "--homedir", self.home, "--batch", "--no-tty", "--quiet", "--pinentry-mode", "loopback",
                   "--passphrase", "", *words, **more).stdout

    def make(self, name, *before, expires="never"):
        self.gpg(*before, "--quick-gen-key", name, "ed25519", "sign", expires)
        listed = self.gpg("--list-keys", "--with-colons", name).decode()
        fingerprint = next(l for l in listed.splitlines() if l.startswith("fpr")).split(":")[9]
        return fingerprint

    def armored(self, fingerprint):
        return self.gpg("--armor", "--export", fingerprint).decode()

    def sign(self, fingerprint, document, *before):
        return self.gpg(*before, "--local-user", fingerprint, "--detach-sign", input=document)

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], capture_output=True)


def certificates(folder):
    def openssl(*words):
        run("openssl", *words, cwd=folder)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
            "-subj", "/CN=Test CA", "-addext", "basicConstraints=critical,CA:TRUE")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    with open(os.path.join(folder, "ext"), "w") as f:
        f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "server.pem", "-days", "30", "-extfile", "ext")


def program(kind):
    path = os.path.join(PROVIDERS, "terraform-provider-" + kind)
    if os.path.exists(path):
        with open(path, "rb") as f:
            return f.read()
    return b"#!/bin/sh\necho This is a plugin\n"


def zipped(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content, mode in entries:
            info = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return out.getvalue()


class Registry:
    def __init__(self, folder):
        self.folder, self.lock = folder, threading.Lock()
        self.made, self.requests = {}, {}
        self.keys = Keys(folder)
        self.good = self.keys.make("good@example.com")
        self.other = self.keys.make("other@example.com")
        self.old = self.keys.make("old@example.com", "--faked-system-time", "20200101T000000", expires="1y")
        self.armored = {f: self.keys.armored(f) for f in (self.good, self.other, self.old)}

    def package(self, space, kind, version, target):
        """The archive, made once."""
        with self.lock:
            key = (space, kind, version, target)
            if key not in self.made:
                self.made[key] = self.make(space, kind, version, target)
            return self.made[key]

    def make(self, space, kind, version, target):
        name = f"terraform-provider-{kind}_v{version}"
        is_real = target == HERE_PLATFORM and space == "hashicorp"
        entries = [(name, program(kind) if is_real else f"not to be started on {target}\n".encode(), 0o100755), ("LICENSE", b"as is\n", 0o100644)]
        if space == "traversal":
            entries.append(("../../../../escaped", b"x", 0o100644))
        if space == "symlink":
            entries.append(("link", b"/etc/passwd", 0o120777))
        if space == "bomb":
            entries.append(("zeros", bytes(300 << 20), 0o100644))
        return zipped(entries)

    def sums(self, space, kind, version):
        lines = []
        for target in PLATFORMS:
            digest = hashlib.sha256(self.package(space, kind, version, target)).hexdigest()
            if space == "wrongsums":
                digest = "0" * 64
            lines.append(f"{digest}  terraform-provider-{kind}_{version}_{target}.zip\n")
        return "".join(lines).encode()

    def signature(self, space, document):
        with self.lock:
            if space == "expired":
                return self.keys.sign(self.old, document, "--faked-system-time", "20200601T000000")
            return self.keys.sign(self.other if space == "forged" else self.good, document)

    def count(self, path):
        with self.lock:
            self.requests[path] = self.requests.get(path, 0) + 1
            return self.requests[path]


def module(files, kind):
    out = io.BytesIO()
    if kind == "zip":
        return zipped([(name, text.encode(), 0o100644) for name, text in files.items()])
    with tarfile.open(fileobj=out, mode={"tar.gz": "w:gz", "tar.xz": "w:xz"}[kind]) as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def module_files(version):
    if version == "9.9":
        return {"main.tf": 'module "out" {\n  source = "../../../local"\n}\n'}
    return {"main.tf": f'output "version" {{\n  value = "{version}"\n}}\nmodule "inner" {{\n  source = "./modules/inner"\n}}\n',
            "modules/inner/main.tf": 'resource "terraform_data" "x" {}\n'}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, body, status=200, kind="application/json", headers=()):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        if isinstance(body, str):
            body = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        try:
            self.serve()
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass

    def serve(self):
        registry = self.server.registry
        path = self.path.split("?")[0]
        token = self.headers.get("Authorization", "")
        with registry.lock, open(os.path.join(registry.folder, "hits"), "a") as f:
            f.write(f"{self.command} {path}{' token' if token else ''}\n")
        parts = path.strip("/").split("/")
        if path == "/.well-known/terraform.json":
            return self.answer({"providers.v1": "/providers/v1/", "modules.v1": "/modules/v1/"})
        if parts[:2] == ["providers", "v1"]:
            return self.provider(registry, parts[2:], token)
        if parts[:2] == ["modules", "v1"]:
            return self.module(parts[2:])
        if parts[0] == "packages":
            return self.package(registry, *parts[1:])
        if parts[0] == "mirror":
            return self.mirror(registry, parts[1:])
        if parts[0] == "archives":
            return self.archive(parts[1])
        self.answer({"errors": ["Not Found"]}, 404)

    def provider(self, registry, parts, token):
        space, kind = parts[:2]
        if space == "gone":
            return self.answer({}, 410)
        if space == "broken" or (space == "shaky" and registry.count("shaky") <= 1):
            return self.answer({}, 503)
        if space == "busy" and registry.count("busy") <= 1:
            return self.answer({}, 429, headers=[("Retry-After", "1")])
        if space == "private" and token != "Bearer secret":
            return self.answer({}, 401)
        if kind not in VERSIONS:
            return self.answer({"errors": ["Not Found"]}, 404)
        if parts[2:] == ["versions"]:
            text = json.dumps({"versions": [{"version": v, "protocols": ["5.0"], "platforms": []} for v in VERSIONS[kind]],
                               "warnings": ["mind the gap"] if space == "shaky" else None})
            return self.answer(text[: len(text) // 2] if space == "truncated" else text)
        if len(parts) == 6 and parts[3] == "download":
            version, target = parts[2], parts[4] + "_" + parts[5]
            if target not in PLATFORMS or version not in VERSIONS[kind] or space == "elsewhere":
                return self.answer({"errors": ["Not Found"]}, 404)
            base = f"/packages/{space}/{kind}/{version}/"
            name = f"terraform-provider-{kind}_{version}_{target}.zip"
            digest = hashlib.sha256(registry.package(space, kind, version, target)).hexdigest()
            keys = {"unsigned": [], "expired": [registry.old]}.get(space, [registry.good])
            return self.answer({
                "protocols": ["5.0"], "os": parts[4], "arch": parts[5], "filename": name, "download_url": base + name,
                "shasum": digest, "shasums_url": base + "SHA256SUMS", "shasums_signature_url": base + "SHA256SUMS.sig",
                "signing_keys": {"gpg_public_keys": [{"key_id": k[-16:], "ascii_armor": registry.armored[k]} for k in keys]}})
        self.answer({}, 404)

    def package(self, registry, space, kind, version, name):
        if name == "SHA256SUMS":
            return self.answer(registry.sums(space, kind, version), kind="text/plain")
        if name == "SHA256SUMS.sig":
            return self.answer(registry.signature(space, registry.sums(space, kind, version)), kind="application/octet-stream")
        target = "_".join(name.removesuffix(".zip").split("_")[-2:])
        body = registry.package(space, kind, version, target)
        if space == "wronghash":
            body = zipped([(f"terraform-provider-{kind}_v{version}", b"evil", 0o100755)])
        if space in ("cut", "slow"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            if space == "slow":
                time.sleep(60)
            self.close_connection = True
            return
        self.answer(body, kind="application/zip")

    def mirror(self, registry, parts):
        _, space, kind, name = parts
        if kind not in VERSIONS:
            return self.answer({}, 404)
        if name == "index.json":
            return self.answer({"versions": {v: {} for v in VERSIONS[kind]}})
        if name.endswith(".json"):
            version = name.removesuffix(".json")
            archives = {}
            for target in PLATFORMS:
                digest = hashlib.sha256(registry.package(space, kind, version, target)).hexdigest()
                archives[target] = {"url": f"/packages/{space}/{kind}/{version}/terraform-provider-{kind}_{version}_{target}.zip",
                                    "hashes": ["zh:" + digest]}
            return self.answer({"archives": archives})
        self.answer({}, 404)

    def module(self, parts):
        if parts[:3] != ["acme", "network", "local"]:
            return self.answer({"errors": ["Not Found"]}, 404)
        if parts[3:] == ["versions"]:
            return self.answer({"modules": [{"versions": [{"version": v} for v in ("1.0.0", "1.1.0", "2.0.0")]}]})
        if parts[4:] == ["download"]:
            headers = [("X-Terraform-Get", f"/archives/{parts[3]}.tar.gz")]
            return self.answer(b"", 204, headers=headers)
        self.answer({}, 404)

    def archive(self, name):
        version = name.split(".zip")[0].split(".tar")[0]
        kind = name[len(version) + 1:]
        if kind not in ("zip", "tar.gz", "tar.xz"):
            return self.answer({}, 404)
        self.answer(module(module_files(version), kind), kind="application/octet-stream")


def main():
    for needed in ("gpg", "openssl"):
        if shutil.which(needed) is None:
            return say({"missing": needed})
    folder = tempfile.mkdtemp(prefix="andon-registry-")
    registry = None
    try:
        certificates(folder)
        registry = Registry(folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.registry = registry
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(folder, "server.pem"), os.path.join(folder, "server.key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        say({"host": f"localhost:{port}", "address": f"127.0.0.1:{port}", "port": port, "ca": os.path.join(folder, "ca.pem"), "platform": HERE_PLATFORM,
             "key_id": registry.good[-16:], "other_key_id": registry.other[-16:], "hits": os.path.join(folder, "hits")})
        for _ in sys.stdin:
            say({})
    finally:
        if registry:
            registry.keys.close()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
