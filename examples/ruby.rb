#!/usr/bin/env ruby
# Creates a customer with Ruby's xmlrpc.
#
# usage: ruby.rb [MEMBERS.json]
# XMLAPI_URL is the service; XMLAPI_LOGIN and XMLAPI_PASSWORD log in by HTTP Digest, and without a login this must be a
# trusted host.
require 'cgi'
require 'json'
require 'net/http/digest_auth'
require 'xmlrpc/client'

# Without this, nil cannot be sent. It is a constant of the library, for which there is no setting.
XMLRPC::Config.send(:remove_const, :ENABLE_NIL_CREATE)
XMLRPC::Config::ENABLE_NIL_CREATE = true

uri = URI(ENV.fetch('XMLAPI_URL'))
client = XMLRPC::Client.new2(uri.to_s)

# The library knows Basic authentication only: an empty request fetches the challenge. A nonce is good for five minutes.
if ENV['XMLAPI_LOGIN']
  challenge = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') do |http|
    http.post(uri.request_uri, '', 'Content-Type' => 'text/xml')['WWW-Authenticate']
  end
  uri.user, uri.password = %w[XMLAPI_LOGIN XMLAPI_PASSWORD].map { |name| CGI.escape(ENV.fetch(name)) }
  client.http_header_extra = { 'Authorization' => Net::HTTP::DigestAuth.new.auth_header(uri, challenge, 'POST') }
end

members = { 'name' => "Example of Ruby, #{Time.now.to_i}", 'web_password' => 'correct7horse', 'i_tariff' => 1 }
members = JSON.parse(File.read(ARGV[0], encoding: 'UTF-8')) unless ARGV.empty?

begin
  puts "OK #{client.call('createCustomer', members)['i_customer']}"
rescue XMLRPC::FaultException => e
  puts "fault #{e.faultCode}: #{e.faultString}"
  exit 1
end
