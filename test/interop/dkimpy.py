"""Signs or verifies with dkimpy: a job as JSON on standard input, the outcome as JSON on standard output."""
import base64
import json
import sys

import dkim


def verify(job, message):
    keys = job["keys"]

    def lookup(name, timeout=5):
        text = keys.get(name.decode("ascii").rstrip("."))
        return None if text is None else text.encode("ascii")

    outcomes = []
    for index in range(job["signatures"]):
        try:
            outcomes.append(dkim.DKIM(message).verify(idx=index, dnsfunc=lookup))
        except dkim.DKIMException as problem:
            outcomes.append(str(problem))
    return outcomes


def sign(job, message):
    header, body = job["canonicalization"].encode("ascii").split(b"/")
    field = dkim.sign(
        message,
        job["selector"].encode("ascii"),
        job["domain"].encode("ascii"),
        job["privateKey"].encode("ascii"),
        canonicalize=(header, body),
        signature_algorithm=job["algorithm"].encode("ascii"),
    )
    return base64.b64encode(field).decode("ascii")


def chain(job, message):
    keys = job["keys"]

    def lookup(name, timeout=5):
        text = keys.get(name.decode("ascii").rstrip("."))
        return None if text is None else text.encode("ascii")

    found, _, reason = dkim.arc_verify(message, dnsfunc=lookup)
    return found.decode("ascii") if found == b"pass" else f"{found} {reason}"


jobs = json.load(sys.stdin)
work = {"sign": sign, "verify": verify, "chain": chain}
json.dump([work[job["work"]](job, base64.b64decode(job["message"])) for job in jobs], sys.stdout)
