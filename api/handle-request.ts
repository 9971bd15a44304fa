import { randomUUID } from 'node:crypto';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { finished } from 'node:stream';
import type { CallRecord } from '../db/call-journal.ts';
import type { Logger } from '../runtime/logger.ts';
import { annotate, inSpan, inTrace } from '../runtime/tracing.ts';
import { faults, toFault } from '../schemas/faults.ts';
import { requestIdPattern } from '../schemas/jobs.ts';
import { type Answer, faultAnswer, faultOfError, type ReadCall, readCall } from './answer-call.ts';
import type { Authentication, Caller, Refusal } from './authenticate.ts';
import { readCallOptions } from './call-options.ts';
import { originForm } from './digest.ts';
import { answerHealth, answerReadiness, type Dependencies } from './health.ts';
import { HttpError } from './http-error.ts';
import { logLine } from './log-line.ts';
import type { Methods } from './method.ts';
import { checkHeaders, readBody } from './read-body.ts';

const callPaths = ['/xmlapi/xmlapi', '/xmlapi', '/RPC2'];
const requestIdForm = new RegExp(requestIdPattern);

interface Parts {
  readonly methods: Methods;
  readonly authenticate: (request: IncomingMessage) => Promise<Authentication>;
  /** True while calls are refused because too many wait; asked before the body is read, so that a refusal is cheap. */
  readonly isFull: () => boolean;
  readonly dependencies: Dependencies;
  readonly maxBodyBytes: number;
  /** Is given the life of each call that its method has not noted: it was refused before, or it created nothing. */
  readonly onAnswer: (record: CallRecord) => void;
  /** Is told the status of each request that was refused before it was a call. */
  readonly onRefusal: (status: number) => void;
  readonly log: Logger;
}

function readRequestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && requestIdForm.test(given) ? given : randomUUID();
}

/**
 * Sends an answer, which may overtake the body. The response ends after the body, what is left of which is read and
 * dropped: a client whose connection closes while it is still sending never sees the answer. The server limits the time.
 */
function send(
  response: ServerResponse,
  status: number,
  { headers, body }: { headers: OutgoingHttpHeaders; body: string },
) {
  const request = response.req.resume();
  response.writeHead(status, { 'Content-Length': Buffer.byteLength(body), ...headers });
  if (request.complete) {
    response.end(body);
    return;
  }
  response.write(body);
  finished(request, () => response.end());
}

function sendError(response: ServerResponse, error: HttpError): void {
  const headers = { 'Content-Type': 'text/plain; charset=utf-8', ...(error.headers as OutgoingHttpHeaders) };
  send(response, error.status, { headers, body: `${error.message}\n` });
}

function sendAnswer(response: ServerResponse, { xml, headers }: Answer): void {
  send(response, 200, { headers: { 'Content-Type': 'text/xml; charset=utf-8', ...headers }, body: xml });
}

/** A call, as far as it is known before its method runs. */
interface Begun {
  readonly requestId: string;
  readonly receivedAt: number;
  caller?: Caller;
}

function bareRecord({ outcome, faultText }: Answer, { requestId, receivedAt, caller }: Begun): CallRecord {
  const { mode, address } = caller ?? {};
  return { requestId, mode, address, outcome, faultText, receivedAt, answeredAt: Date.now() };
}

/** Logs and counts a refusal. The challenge that begins a login is none. */
function noteRefusal(
  request: IncomingMessage,
  { status, requestId }: { readonly status: number; readonly requestId: string },
  { log, onRefusal }: Pick<Parts, 'log' | 'onRefusal'>,
): void {
  const refusal = { address: request.socket.remoteAddress, status, request_id: requestId };
  if (status === 401 && request.headers.authorization === undefined) {
    log.debug(refusal, 'challenged');
    return;
  }
  log.info(refusal, 'refused');
  onRefusal(status);
}

function requireMethod(request: IncomingMessage, allowed: readonly string[]): void {
  if (allowed.includes(request.method ?? '')) return;
  throw new HttpError(405, `Use ${allowed.join(' or ')} here.`, { Allow: allowed.join(', ') });
}

/** A call is a trace of its own, or a part of the one that its client names in the header `traceparent`. */
function traced(request: IncomingMessage, requestId: string, run: () => Promise<void>): Promise<void> {
  const { traceparent } = request.headers;
  const attributes = { 'http.request.method': request.method, 'createcustomer.request_id': requestId };
  const given = typeof traceparent === 'string' ? traceparent : undefined;
  return inTrace(given, () => inSpan({ name: 'XML-RPC call', kind: 'server', attributes }, run));
}

/** The error that says how to be let in. */
function refusalError(refusal: Refusal): HttpError {
  if ('retryAfterSeconds' in refusal) {
    return new HttpError(429, 'Too many failed logins from this address: wait before the next one.', {
      'Retry-After': String(refusal.retryAfterSeconds),
    });
  }
  return new HttpError(401, 'Authenticate with HTTP Digest: web_login and api_password.', {
    'WWW-Authenticate': refusal.challenge,
  });
}

/**
 * Makes the handler of every HTTP request: health checks, and XML-RPC calls on their three paths. It never throws, and
 * whatever a client sends ends in an answer.
 */
export function createRequestHandler(parts: Parts): (request: IncomingMessage, response: ServerResponse) => void {
  const { methods, dependencies, maxBodyBytes, log } = parts;

  async function read(request: IncomingMessage, caller: Caller, { requestId, receivedAt }: Begun): Promise<ReadCall> {
    if (parts.isFull()) return () => faultAnswer(faults.tooManyRequests());
    const options = readCallOptions(request);
    const body = await readBody(request, maxBodyBytes);
    if ('problem' in options) return () => faultAnswer(toFault([options.problem]));
    const contentType = request.headers['content-type'];
    return readCall(methods, { body, contentType, caller, requestId, receivedAt, options }, log);
  }

  async function answer(request: IncomingMessage, begun: Begun): Promise<Answer> {
    checkHeaders(request, maxBodyBytes);
    const authentication = await parts.authenticate(request);
    if (!authentication.ok) throw refusalError(authentication);
    const { caller } = authentication;
    begun.caller = caller;
    const run = await read(request, caller, begun);
    const refusal = await authentication.refusal;
    if (refusal) throw refusalError(refusal);
    return run();
  }

  async function handleCall(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    requireMethod(request, ['POST']);
    const begun: Begun = { requestId, receivedAt: Date.now() };
    const answered = await answer(request, begun).catch((error: unknown) => {
      if (error instanceof HttpError || request.socket.destroyed) throw error;
      return faultAnswer(faultOfError(error, requestId, log));
    });
    sendAnswer(response, answered);
    const record = answered.record ?? bareRecord(answered, begun);
    if (!answered.record) parts.onAnswer(record);
    annotate({ 'createcustomer.outcome': record.outcome });
    log.info(logLine(record, begun.caller), 'call');
  }

  async function route(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const [path = ''] = originForm(request.url ?? '').split('?');
    if (callPaths.includes(path)) return traced(request, requestId, () => handleCall(request, response, requestId));
    if (path !== '/healthz' && path !== '/readyz') {
      throw new HttpError(404, 'There is nothing here. Calls go to /xmlapi/xmlapi, /xmlapi or /RPC2.');
    }
    requireMethod(request, ['GET', 'HEAD']);
    return path === '/healthz' ? answerHealth(response) : answerReadiness(response, dependencies);
  }

  return function handle(request, response) {
    const requestId = readRequestId(request);
    response.setHeader('X-Request-Id', requestId);
    route(request, response, requestId).catch((error: unknown) => {
      if (!(error instanceof HttpError)) {
        log.debug({ err: error, request_id: requestId }, 'the client went away');
        return;
      }
      sendError(response, error);
      noteRefusal(request, { status: error.status, requestId }, parts);
    });
  };
}
