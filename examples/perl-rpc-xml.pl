#!/usr/bin/env perl
# Creates a customer with Perl's RPC::XML.
#
# usage: perl-rpc-xml.pl [MEMBERS.json]
# XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be a
# trusted host.
use strict;
use warnings;
use open qw(:std :utf8);
use JSON::PP;
use RPC::XML qw(:types);
use RPC::XML::Client;

# Without this it declares us-ascii, and sends UTF-8 (which the service expects of it).
$RPC::XML::ENCODING = 'UTF-8';
# Without this, undef and RPC_NIL cannot be sent as <nil/>.
$RPC::XML::ALLOW_NIL = 1;

# Left to itself, RPC::XML guesses types: the text "1.10" goes out as 1.10000000000000008882, "007" as a number, what
# looks like a date as a date. As a string everything arrives as it is, numbers too.
sub typed {
    my ($value) = @_;
    return RPC_NIL if !defined $value;
    return RPC_BOOLEAN($value) if JSON::PP::is_bool($value);
    return RPC_STRING($value);
}

my $members = { name => 'Example of RPC::XML, ' . time, web_password => 'correct7horse', i_tariff => 1 };
if (@ARGV) {
    open my $file, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
    $members = decode_json(do { local $/; <$file> });
}
my %typed = map { $_ => typed($members->{$_}) } keys %$members;

my $client = RPC::XML::Client->new($ENV{XMLAPI_URL});
# The realm is the service's DIGEST_REALM.
$client->credentials('xmlapi', $ENV{XMLAPI_LOGIN}, $ENV{XMLAPI_PASSWORD}) if $ENV{XMLAPI_LOGIN};

my $answer = $client->send_request('createCustomer', \%typed);
die "$answer\n" if !ref $answer;
if ($answer->is_fault) {
    printf "fault %d: %s\n", $answer->code, $answer->string;
    exit 1;
}
print 'OK ', $answer->value->{i_customer}, "\n";
