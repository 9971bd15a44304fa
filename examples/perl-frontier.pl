#!/usr/bin/env perl
# Creates a customer with Perl's Frontier::Client.
#
# usage: perl-frontier.pl [MEMBERS.json]
# XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be a
# trusted host.
use strict;
use warnings;
use open qw(:std :utf8);
use Encode qw(encode_utf8);
use Frontier::Client;
use JSON::PP;
use URI;

my $client = Frontier::Client->new(url => $ENV{XMLAPI_URL}, encoding => 'UTF-8');
# The realm is the service's DIGEST_REALM.
$client->{ua}->credentials(URI->new($ENV{XMLAPI_URL})->host_port, 'xmlapi', @ENV{qw(XMLAPI_LOGIN XMLAPI_PASSWORD)})
  if $ENV{XMLAPI_LOGIN};

# Left to itself, Frontier guesses types: the text "007" goes out as a number. As a string everything arrives as it is,
# numbers too. There is no nil: the service takes an empty string for it where a member is no string. The encoding is
# declared and left to us.
sub typed {
    my ($value) = @_;
    return $client->string('') if !defined $value;
    return $client->boolean($value ? 1 : 0) if JSON::PP::is_bool($value);
    return $client->string(encode_utf8($value));
}

my $members = { name => 'Example of Frontier, ' . time, web_password => 'correct7horse', i_tariff => 1 };
if (@ARGV) {
    open my $file, '<:raw', $ARGV[0] or die "$ARGV[0]: $!\n";
    $members = decode_json(do { local $/; <$file> });
}
my %typed = map { $_ => typed($members->{$_}) } keys %$members;

my $answer = eval { $client->call('createCustomer', \%typed) };
if (!$answer) {
    die $@ if $@ !~ /, fault code (-?\d+): (.*)/s;
    print "fault $1: $2";
    exit 1;
}
print "OK $answer->{i_customer}\n";
