import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { describeMembers, type MemberDescription } from '../schemas/describe-member.ts';
import { faultTable } from '../schemas/faults.ts';
import { type Html, html } from './html.ts';
import { examplesFolder } from './package-folder.ts';

/** The examples that are shown, which are the tested files of `examples/`. */
const examples = [
  { language: 'Shell', id: 'shell', file: 'curl.sh' },
  { language: 'Python', id: 'python', file: 'python-xmlrpc-client.py' },
  { language: 'PHP', id: 'php', file: 'php.php' },
  { language: 'Ruby', id: 'ruby', file: 'ruby.rb' },
  { language: 'JavaScript', id: 'javascript', file: 'node-xmlrpc.mjs' },
  { language: 'Perl', id: 'perl', file: 'perl-rpc-xml.pl' },
  { language: 'Java', id: 'java', file: 'java/CreateCustomer.java' },
] as const;

function memberRow({ name, type, limits, isMandatory, fallback, description }: MemberDescription): Html {
  const missing = isMandatory ? html`<strong class="badge">mandatory</strong>` : html`${fallback}`;
  return html`<tr id="member-${name}">
    <th scope="row"><a href="#member-${name}"><code>${name}</code></a></th>
    <td data-label="Type">${type}</td><td data-label="Limits">${limits}</td>
    <td data-label="Default">${missing}</td><td data-label="Meaning">${description}</td></tr>`;
}

function faultRow({ code, begins, when }: (typeof faultTable)[number]): Html {
  return html`<tr><th scope="row"><code>${`${code}`}</code></th>
    <td data-label="Text begins">${begins}</td><td data-label="When">${when}</td></tr>`;
}

function codeBlock(id: string, code: string): Html {
  return html`<div class="code"><button type="button" class="copy" data-copies="${id}">Copy</button>
    <pre tabindex="0"><code id="${id}">${code}</code></pre></div>`;
}

function exampleBlock({ language, id, file }: (typeof examples)[number]): Html {
  const code = readFileSync(join(examplesFolder, file), 'utf8');
  return html`<details name="example"><summary>${language} <span class="muted">${file}</span></summary>
    ${codeBlock(`example-${id}`, code)}</details>`;
}

const navigation = html`<header class="bar"><a class="brand" href="/">createcustomer</a>
  <nav aria-label="Pages"><a href="/">Overview</a> <a href="/queues">Queues</a>
  <a href="/reference" aria-current="page">Reference</a> <a href="/metrics">Metrics</a></nav></header>`;

function page(callUrl: string): string {
  const settings = `export XMLAPI_URL=${callUrl}\nexport XMLAPI_LOGIN=root\nexport XMLAPI_PASSWORD='…'`;
  const members = describeMembers();
  return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reference · createcustomer</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="/pages/icon.svg"><link rel="stylesheet" href="/pages/base.css">
<link rel="stylesheet" href="/pages/parts.css"><link rel="stylesheet" href="/pages/reference.css"><script type="module" src="/pages/reference.js"></script></head><body>
${navigation}<main class="reference">
<h1>createCustomer()</h1>
<p>Takes one struct, creates a customer below the caller and answers a struct: <code>result</code> is <code>OK</code>, and
<code>i_customer</code> is the id of the new customer. Calls go to <code>${callUrl}</code>, with HTTP Digest.</p>
<nav class="contents" aria-label="On this page"><a href="#members">Members</a> <a href="#options">Options</a>
<a href="#faults">Faults</a> <a href="#examples">Examples</a></nav>
<section aria-labelledby="members"><div class="heading"><h2 id="members">Members <span class="count">${`${members.length}`}</span></h2>
<label class="filter">Filter <input id="filter" type="search" placeholder="name or meaning" autocomplete="off"></label></div>
<table class="stack"><thead><tr><th scope="col">Member</th><th scope="col">Type</th><th scope="col">Limits</th>
<th scope="col">Default</th><th scope="col">Meaning</th></tr></thead><tbody id="member-rows">${members.map(memberRow)}</tbody></table>
<p id="no-member" class="empty" hidden>No member has that in its name or meaning.</p></section>
<section aria-labelledby="options"><h2 id="options">Options</h2><dl>
<dt>Header <code>Idempotency-Key</code>, or <code>?idempotency_key=…</code></dt>
<dd>The same key with the same parameters never creates a second customer.</dd>
<dt><code>?dry_run=1</code></dt><dd>Everything is checked, and nothing is kept.</dd>
<dt>Header <code>X-Request-Id</code></dt><dd>Comes back with the answer, and stands in log and audit. Search for it on the overview.</dd>
</dl></section>
<section aria-labelledby="faults"><h2 id="faults">Faults</h2>
<p>The text names every problem of the call, the gravest first, one a line.</p>
<table class="stack"><thead><tr><th scope="col">Code</th><th scope="col">Text begins</th><th scope="col">When</th></tr></thead>
<tbody>${faultTable.map(faultRow)}</tbody></table></section>
<section aria-labelledby="examples"><h2 id="examples">Examples</h2>
<p>Each reads where to call, and as whom, from the environment:</p>${codeBlock('example-settings', settings)}
${examples.map(exampleBlock)}</section></main></body></html>`.html;
}

/** Answers the reference of createCustomer: all of it is read from the schema, the fault table and the examples, once. */
export function createReference(callUrl: string): RequestHandler {
  const text = page(callUrl);
  return (_request, response) => {
    response.type('html').send(text);
  };
}
