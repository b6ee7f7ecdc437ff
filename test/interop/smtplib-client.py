"""Sends one message with smtplib. The job comes as JSON on standard input."""
import base64
import json
import smtplib
import ssl
import sys

job = json.load(sys.stdin)
context = ssl.create_default_context(cafile=job["ca"])
where = ("127.0.0.1", job["port"], "client.test")
if job["tls"] == "implicit":
    smtp = smtplib.SMTP_SSL(*where, timeout=30, context=context)
else:
    smtp = smtplib.SMTP(*where, timeout=30)
if job["tls"] == "starttls":
    smtp.starttls(context=context)
smtp.ehlo_or_helo_if_needed()
if "mechanism" in job:
    smtp.user, smtp.password = job["account"], job["password"]
    smtp.auth(job["mechanism"], getattr(smtp, "auth_" + job["mechanism"].lower().replace("-", "_")))
else:
    smtp.login(job["account"], job["password"])
refused = smtp.sendmail(job["from"], [job["to"]], base64.b64decode(job["message"]), ["BODY=8BITMIME"])
smtp.quit()
sys.exit(str(refused) if refused else 0)
