import { join } from 'node:path';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { Database } from '../db/connect.ts';
import type { BoardQueues } from '../queue/open-board.ts';
import type { Logger } from '../runtime/logger.ts';
import { boardPath, createBoard } from './board.ts';
import { createOverview } from './overview.ts';
import { chartsFolder, pagesFolder } from './package-folder.ts';
import { createReference } from './reference.ts';
import type { Sampler } from './sampler.ts';
import { createSearch } from './search.ts';
import { requireSameOrigin, safeHeaders } from './security.ts';

/** Metrics, as they are printed for Prometheus. */
export interface PrintedMetrics {
  readonly contentType: string;
  print(): Promise<string>;
}

/** Answers metrics in the text form of Prometheus. */
function createMetricsHandler(metrics: PrintedMetrics): RequestHandler {
  return async (_request, response) => {
    response.set('Content-Type', metrics.contentType).send(await metrics.print());
  };
}

function createErrorHandler(log: Logger): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  // biome-ignore lint/complexity/useMaxParams: see above.
  return (error, request, response, next) => {
    log.warn({ err: error, path: request.path }, 'the monitor could not answer');
    if (response.headersSent) next(error);
    else response.status(500).type('text').send('The monitor could not answer: the log says why.\n');
  };
}

/** An application that lets nobody in but by `auth`. */
function createLockedApp(auth: RequestHandler): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(safeHeaders, auth, requireSameOrigin);
  return app;
}

/** Makes the application of a process that serves nothing but its metrics. */
export function createMetricsApp(metrics: PrintedMetrics, auth: RequestHandler): Express {
  const app = createLockedApp(auth);
  app.get('/metrics', createMetricsHandler(metrics));
  return app;
}

/**
 * Makes the monitor: overview, search, reference, metrics and Bull Board. Everything is behind `auth`, and nothing can be
 * changed when it is read-only.
 */
export function createMonitorApp(parts: {
  readonly auth: RequestHandler;
  readonly db: Database;
  readonly board: BoardQueues;
  readonly sampler: Sampler;
  readonly metrics: PrintedMetrics;
  readonly readOnly: boolean;
  /** Where calls go, for the examples. */
  readonly callUrl: string;
  readonly log: Logger;
}): Express {
  const { db, board, sampler } = parts;
  const app = createLockedApp(parts.auth);
  app.get('/', (_request, response) => response.sendFile(join(pagesFolder, 'overview.html')));
  app.get('/api/overview', createOverview({ db, kind: board.kind, sampler }));
  app.get('/api/search', createSearch(db));
  app.get('/reference', createReference(parts.callUrl));
  app.get('/metrics', createMetricsHandler(parts.metrics));
  app.use('/pages/uplot', express.static(chartsFolder, { index: false, cacheControl: false }));
  app.use('/pages', express.static(pagesFolder, { index: false, cacheControl: false }));
  app.use(boardPath, ...createBoard(board, parts.readOnly));
  app.use((_request, response) => response.status(404).type('text').send('There is nothing here.\n'));
  app.use(createErrorHandler(parts.log));
  return app;
}
