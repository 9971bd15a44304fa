#!/usr/bin/env python3
"""Creates a customer with Python's requests, which carries what the standard library encodes.

usage: python-requests.py [MEMBERS.json]
XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be a
trusted host.
"""

import json
import os
import sys
import time
import xmlrpc.client

import requests
from requests.auth import HTTPDigestAuth

members = {"name": f"Example of requests, {time.time():.0f}", "web_password": "correct7horse", "i_tariff": 1}
if len(sys.argv) > 1:
    with open(sys.argv[1], encoding="utf-8") as file:
        members = json.load(file)

login = os.environ.get("XMLAPI_LOGIN")
response = requests.post(
    os.environ["XMLAPI_URL"],
    # allow_none: None is sent as <nil/>.
    data=xmlrpc.client.dumps((members,), "createCustomer", allow_none=True).encode(),
    headers={"Content-Type": "text/xml"},
    auth=HTTPDigestAuth(login, os.environ["XMLAPI_PASSWORD"]) if login else None,
    timeout=60,
)
response.raise_for_status()

try:
    ((answer,), _) = xmlrpc.client.loads(response.content)
    print("OK", answer["i_customer"])
except xmlrpc.client.Fault as fault:
    print(f"fault {fault.faultCode}: {fault.faultString}")
    sys.exit(1)
