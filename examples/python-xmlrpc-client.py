#!/usr/bin/env python3
"""Creates a customer with Python's standard library alone.

usage: python-xmlrpc-client.py [MEMBERS.json]
XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be a
trusted host.
"""

import json
import os
import sys
import time
import urllib.request
import xmlrpc.client


class DigestTransport(xmlrpc.client.Transport):
    """xmlrpc.client knows Basic authentication only; urllib knows Digest. Its login and password must be ASCII."""

    def __init__(self, url, login, password):
        super().__init__()
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        passwords.add_password(None, url, login, password)
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPDigestAuthHandler(passwords))

    def request(self, host, handler, request_body, verbose=False):
        self.verbose = verbose
        request = urllib.request.Request(self.url, request_body, {"Content-Type": "text/xml"})
        with self.opener.open(request) as response:
            return self.parse_response(response)


url, login = os.environ["XMLAPI_URL"], os.environ.get("XMLAPI_LOGIN")
transport = DigestTransport(url, login, os.environ["XMLAPI_PASSWORD"]) if login else None
# allow_none: None is sent as <nil/>.
service = xmlrpc.client.ServerProxy(url, transport=transport, allow_none=True)

members = {"name": f"Example of Python, {time.time():.0f}", "web_password": "correct7horse", "i_tariff": 1}
if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as file:
        members = json.load(file)

try:
    print("OK", service.createCustomer(members)["i_customer"])
except xmlrpc.client.Fault as fault:
    print(f"fault {fault.faultCode}: {fault.faultString}")
    sys.exit(1)
