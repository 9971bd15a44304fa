/** A request that never becomes a call: it is answered by an HTTP status and a sentence, in plain text. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string | readonly string[]>> = {}) {
    super(text);
    this.status = status;
    this.headers = headers;
  }
}
