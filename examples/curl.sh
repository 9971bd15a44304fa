#!/bin/sh
# Creates a customer with curl.
#
# usage: curl.sh [CALL.xml]
# XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be
# a trusted host. In a document of your own, & and < in a text are written as &amp; and &lt;.
set -eu

document() {
  cat <<XML
<?xml version="1.0" encoding="UTF-8"?>
<methodCall>
  <methodName>createCustomer</methodName>
  <params><param><value><struct>
    <member><name>name</name><value><string>Example of curl, $(date +%s)</string></value></member>
    <member><name>web_password</name><value><string>correct7horse</string></value></member>
    <member><name>i_tariff</name><value><int>1</int></value></member>
  </struct></value></param></params>
</methodCall>
XML
}

call() {
  set -- --silent --show-error --fail --header 'Content-Type: text/xml' --data-binary @-
  if [ -n "${XMLAPI_LOGIN:-}" ]; then set -- "$@" --digest --user "$XMLAPI_LOGIN:$XMLAPI_PASSWORD"; fi
  curl "$@" "$XMLAPI_URL"
}

# The value of a member of the answer, which is written without white space between its tags.
value() {
  rest=${answer#*"<name>$1</name><value><$2>"}
  printf '%s\n' "${rest%%"</$2>"*}" | sed 's/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&amp;/\&/g'
}

answer=$(if [ $# -gt 0 ]; then call <"$1"; else document | call; fi)
case $answer in
*'<fault>'*)
  echo "fault $(value faultCode int): $(value faultString string)"
  exit 1
  ;;
*) echo "OK $(value i_customer int)" ;;
esac
