"""An S3 server in memory, on loopback, for states: it verifies signatures (version 4) and the
checksum of what arrives, keeps conditional writes (If-Match, If-None-Match), lists by prefix in
pages of two, and answers in S3's XML. The line "bucket" makes a bucket and names it. Without a
signature, for tests: GET /-/down/BUCKET and /-/up/BUCKET (its connections are cut meanwhile),
/-/busy/BUCKET (its next two requests are answered 503), /-/keys/BUCKET."""

import base64
import hashlib
import hmac
import http.server
import json
import sys
import threading
import urllib.parse
from xml.sax.saxutils import escape

ACCESS_KEY, SECRET_KEY, REGION = "AKIDANDON", "secret+of/andon", "eu-central-1"
PAGE = 2

buckets = {}
down, busy = set(), {}
lock = threading.Lock()


def digest(text):
    return hashlib.sha256(text).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, message=""):
        self.answer(status, f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>".encode())

    def is_signed(self, body):
        """The signature as its definition has it, made anew of what arrived."""
        authorization = self.headers.get("Authorization", "")
        if not authorization.startswith("AWS4-HMAC-SHA256 "):
            return False
        fields = dict(part.strip().split("=", 1) for part in authorization[17:].split(","))
        key_id, date, region, service, _ = fields["Credential"].split("/")
        names = fields["SignedHeaders"].split(";")
        if key_id != ACCESS_KEY or region != REGION or service != "s3" or "host" not in names:
            return False
        path, _, query = self.path.partition("?")
        pairs = sorted((urllib.parse.quote(k, safe="-_.~"), urllib.parse.quote(v, safe="-_.~"))
                       for k, v in urllib.parse.parse_qsl(query, keep_blank_values=True))
        body_hash = self.headers["x-amz-content-sha256"]
        if body_hash != "UNSIGNED-PAYLOAD" and body_hash != digest(body):
            return False
        canonical = "\n".join([self.command, path, "&".join(f"{k}={v}" for k, v in pairs),
                               "".join(f"{n}:{' '.join(self.headers[n].split())}\n" for n in names),
                               ";".join(names), body_hash])
        scope = f"{date}/{region}/{service}/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", self.headers["x-amz-date"], scope, digest(canonical.encode())])
        key = ("AWS4" + SECRET_KEY).encode()
        for part in (date, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return hmac.compare_digest(fields["Signature"], hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest())

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with lock:
            path, _, query = self.path.partition("?")
            bucket, _, key = urllib.parse.unquote(path.lstrip("/")).partition("/")
            if bucket == "-":
                return self.control(*key.split("/"))
            if bucket in down:
                self.close_connection = True
                return self.connection.close()
            if busy.get(bucket, 0) > 0:
                busy[bucket] -= 1
                return self.refuse(503, "SlowDown", "Please reduce your request rate.")
            if not self.is_signed(body):
                return self.refuse(403, "SignatureDoesNotMatch", "The request signature does not match.")
            if bucket not in buckets:
                return self.refuse(404, "NoSuchBucket", "The specified bucket does not exist")
            self.objects = buckets[bucket]
            if not key:
                return self.list(dict(urllib.parse.parse_qsl(query, keep_blank_values=True)))
            getattr(self, "object_" + self.command.lower())(key, body)

    do_GET = do_PUT = do_DELETE = do_HEAD = serve

    def control(self, word, bucket):
        if word == "down":
            down.add(bucket)
        elif word == "up":
            down.discard(bucket)
        elif word == "busy":
            busy[bucket] = 2
        self.answer(200, "".join(f"{key}\n" for key in sorted(buckets[bucket])).encode())

    def list(self, query):
        keys = sorted(k for k in self.objects if k.startswith(query.get("prefix", "")))
        begin = int(query.get("continuation-token", 0))
        page, more = keys[begin:begin + PAGE], len(keys) > begin + PAGE
        contents = "".join(f"<Contents><Key>{escape(k)}</Key></Contents>" for k in page)
        token = f"<NextContinuationToken>{begin + PAGE}</NextContinuationToken>" if more else ""
        self.answer(200, f"<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>{contents}{token}</ListBucketResult>".encode())

    def object_get(self, key, _):
        if key not in self.objects:
            return self.refuse(404, "NoSuchKey", "The specified key does not exist.")
        self.answer(200, self.objects[key], ETag=f'"{hashlib.md5(self.objects[key]).hexdigest()}"')

    object_head = object_get

    def object_put(self, key, body):
        etag = f'"{hashlib.md5(self.objects[key]).hexdigest()}"' if key in self.objects else None
        if self.headers.get("If-None-Match") == "*" and etag or self.headers.get("If-Match") not in (None, etag):
            return self.refuse(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        checksum = self.headers.get("x-amz-checksum-sha256")
        if checksum and base64.b64decode(checksum) != hashlib.sha256(body).digest():
            return self.refuse(400, "BadDigest", "The checksum did not match.")
        self.objects[key] = body
        self.answer(200, ETag=f'"{hashlib.md5(body).hexdigest()}"')

    def object_delete(self, key, _):
        self.objects.pop(key, None)
        self.answer(204)


def ask(line):
    if line != "bucket":
        return {"error": f"unknown line {line}"}
    name = f"states-{len(buckets) + 1}"
    buckets[name] = {}
    return {"bucket": name}


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"endpoint": f"http://127.0.0.1:{server.server_port}", "region": REGION,
                      "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}), flush=True)
    for line in sys.stdin:
        print(json.dumps(ask(line.strip())), flush=True)


if __name__ == "__main__":
    main()
