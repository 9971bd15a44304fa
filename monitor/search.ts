import type { RequestHandler } from 'express';
import type { Database } from '../db/connect.ts';
import { searchJournal } from '../db/search-journal.ts';
import { within } from './within.ts';

const longestText = 256;
const answerTimeoutMs = 5500;

/** Answers what `q` finds, as JSON: calls with their lives, and customers. 503 when the database does not answer. */
export function createSearch(db: Database): RequestHandler {
  return async (request, response) => {
    const { q } = request.query;
    const text = typeof q === 'string' ? q.trim() : '';
    if (text === '' || text.length > longestText || text.includes('\0')) {
      response.status(400).json({ error: `Give 1 to ${longestText} characters to search for.` });
      return;
    }
    const found = await within(searchJournal(db, text), answerTimeoutMs);
    if (found) response.json(found);
    else response.status(503).json({ error: 'The database does not answer.' });
  };
}
