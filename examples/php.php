<?php
// Creates a customer with PHP's extensions xmlrpc and curl.
//
// usage: php php.php [MEMBERS.json]
// XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be
// a trusted host.

$members = ['name' => 'Example of PHP, ' . time(), 'web_password' => 'correct7horse', 'i_tariff' => 1];
if ($argc > 1) {
    $members = json_decode(file_get_contents($argv[1]), true, 512, JSON_THROW_ON_ERROR);
}

// There is no nil: null is sent as an empty string, which the service takes for nil where a member is no string.
// A float is sent with six decimals; json_encode gives all that it has, and the service takes a number's text.
foreach ($members as $name => $value) {
    if (is_float($value)) {
        $members[$name] = json_encode($value);
    }
}

// By default the extension takes every string for ISO-8859-1, and writes so: it breaks what is UTF-8.
$encoding = ['encoding' => 'UTF-8', 'escaping' => 'markup'];
$curl = curl_init(getenv('XMLAPI_URL'));
curl_setopt_array($curl, [
    CURLOPT_POSTFIELDS => xmlrpc_encode_request('createCustomer', [$members], $encoding),
    CURLOPT_HTTPHEADER => ['Content-Type: text/xml'],
    CURLOPT_RETURNTRANSFER => true,
    CURLOPT_FAILONERROR => true,
]);
if (getenv('XMLAPI_LOGIN')) {
    curl_setopt_array($curl, [
        CURLOPT_HTTPAUTH => CURLAUTH_DIGEST,
        CURLOPT_USERNAME => getenv('XMLAPI_LOGIN'),
        CURLOPT_PASSWORD => getenv('XMLAPI_PASSWORD'),
    ]);
}
$body = curl_exec($curl);
if ($body === false) {
    fwrite(STDERR, curl_error($curl) . "\n");
    exit(1);
}

$answer = xmlrpc_decode($body, 'UTF-8');
if (xmlrpc_is_fault($answer)) {
    echo "fault {$answer['faultCode']}: {$answer['faultString']}\n";
    exit(1);
}
echo "OK {$answer['i_customer']}\n";
