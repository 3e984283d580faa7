"""A small S3 client for load: AWS signature version 4 over one kept-alive connection."""

import datetime
import hashlib
import hmac
import http.client
import urllib.parse
import xml.etree.ElementTree

UNSIGNED = "UNSIGNED-PAYLOAD"
XMLNS = "{http://s3.amazonaws.com/doc/2006-03-01/}"


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signer:
    def __init__(self, access_key, secret_key, region="us-east-1"):
        self.access_key, self.secret_key, self.region = access_key, secret_key, region
        self.keys = {}

    def key(self, date):
        if date not in self.keys:
            secret = _hmac(("AWS4" + self.secret_key).encode(), date)
            for part in (self.region, "s3", "aws4_request"):
                secret = _hmac(secret, part)
            self.keys[date] = secret
        return self.keys[date]

    def headers(self, method, host, path, query):
        now = datetime.datetime.now(datetime.timezone.utc)
        stamp, date = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
        names = "host;x-amz-content-sha256;x-amz-date"
        canonical = "\n".join([method, path, query, f"host:{host}", f"x-amz-content-sha256:{UNSIGNED}",
                               f"x-amz-date:{stamp}", "", names, UNSIGNED])
        scope = f"{date}/{self.region}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope,
                          hashlib.sha256(canonical.encode()).hexdigest()])
        signature = hmac.new(self.key(date), text.encode(), hashlib.sha256).hexdigest()
        return {
            "Host": host, "x-amz-content-sha256": UNSIGNED, "x-amz-date": stamp,
            "Authorization": f"AWS4-HMAC-SHA256 Credential={self.access_key}/{scope}, "
                             f"SignedHeaders={names}, Signature={signature}"}


class S3Connection:
    """One connection of one thread. A request that the server did not answer raises OSError."""

    def __init__(self, server, seconds=120):
        self.host = f"127.0.0.1:{server.port}"
        self.signer = Signer(server.access_key, server.secret_key)
        self.connection = http.client.HTTPConnection(self.host, timeout=seconds)

    def call(self, method, key, query=None, body=None):
        path = "/" + urllib.parse.quote(key, safe="/-_.~")
        pairs = sorted((urllib.parse.quote(k, safe="-_.~"), urllib.parse.quote(v, safe="-_.~"))
                       for k, v in (query or {}).items())
        text = "&".join(f"{k}={v}" for k, v in pairs)
        headers = self.signer.headers(method, self.host, path, text)
        try:
            self.connection.request(method, path + ("?" + text if text else ""), body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(f"no whole answer: {error!r}") from error

    def keys(self, repository, ref, prefix=""):
        """All keys at a ref that begin so, page by page."""
        found, token = [], None
        while True:
            query = {"list-type": "2", "prefix": f"{ref}/{prefix}"} | ({"continuation-token": token} if token else {})
            status, body = self.call("GET", repository, query)
            assert status == 200, body
            page = xml.etree.ElementTree.fromstring(body)
            found += [c.findtext(XMLNS + "Key").split("/", 1)[1] for c in page.iter(XMLNS + "Contents")]
            token = page.findtext(XMLNS + "NextContinuationToken")
            if not token:
                return found

    def close(self):
        self.connection.close()
