import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { RequestHandler } from 'express';
import type { BoardQueues } from '../queue/open-board.ts';
import { hidden, redactJobData, secretsOf, withoutTexts } from './redact.ts';

type Queue = BoardQueues['queues'][number];
type Job = Parameters<BullMQAdapter['getArmedJobSchedulerId']>[0];

/** Where Bull Board is. */
export const boardPath = '/queues';

/** What would write into the queue what the board has redacted, or what is no job of the contract. Never allowed. */
const forbiddenRoutes: readonly string[] = [
  '/api/queues/:queueName/add',
  '/api/queues/:queueName/:jobId/update-data',
  '/api/queues/:queueName/job-schedulers/:schedulerId/run',
];

/** The links of the page to other hosts: it asks one for its fonts. */
const foreignLinks = /<link [^>]*href="https?:[^>]*>/g;

/** Our jobs have the name of their queue. Another name is a foreign producer's, and may be anything. */
function redactName({ name }: { readonly name?: string }, queue: Queue): string {
  return name === queue.name ? name : hidden;
}

/**
 * Bull Board shows of a job more than its four formatters reach: reasons, stacks and options. Those never hold a secret of our
 * own jobs; what a foreign producer has in its data is taken out of them too.
 */
function redactRest(job: Job): Job {
  const json = job.toJSON.bind(job);
  return Object.assign(job, {
    toJSON() {
      const { data, ...rest } = json();
      return { ...(withoutTexts(rest, secretsOf(data)) as typeof rest), data };
    },
  });
}

function createAdapter(queue: Queue, readOnlyMode: boolean): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, { readOnlyMode });
  adapter.setFormatter('data', redactJobData);
  adapter.setFormatter('returnValue', redactJobData);
  adapter.setFormatter('progress', (progress) => (typeof progress === 'number' ? progress : 0));
  adapter.setFormatter('name', (job) => redactName(job, queue));
  const getJob = adapter.getJob.bind(adapter);
  const getJobs = adapter.getJobs.bind(adapter);
  return Object.assign(adapter, {
    async getJob(id: string) {
      const job = await getJob(id);
      return job && redactRest(job);
    },
    async getJobs(...wanted: Parameters<typeof getJobs>) {
      return (await getJobs(...wanted)).map(redactRest);
    },
    // Ours write none, and what a foreign one writes may be anything.
    getJobLogs: async () => [],
    getJobSchedulers: async () => [],
  });
}

/** Takes the foreign fonts out of the page: it has others of the same kind to fall back on. */
const withoutForeignLinks: RequestHandler = (_request, response, next) => {
  const render = response.render.bind(response);
  response.render = (view: string, values?: object) => {
    render(view, values ?? {}, (error: Error | null, html: string) => {
      if (error) next(error);
      else response.send(html.replace(foreignLinks, ''));
    });
  };
  next();
};

/** Without this, whoever asks while Redis is away would wait until it is back. */
function requireStore(board: BoardQueues): RequestHandler {
  return async (request, response, next) => {
    if (!request.path.startsWith('/api/')) return next();
    try {
      await board.ping();
      next();
    } catch {
      response.status(503).json({ error: 'The store of the queues cannot be reached' });
    }
  };
}

function noFlow(nodeId: unknown) {
  return { status: 200, body: { nodeId, isFlowNode: false, flowRoot: null } } as const;
}

/** Makes Bull Board for both queues, every secret redacted, read-only unless changes are allowed. */
export function createBoard(board: BoardQueues, readOnly: boolean): readonly RequestHandler[] {
  const serverAdapter = new ExpressAdapter().setBasePath(boardPath);
  createBullBoard({
    queues: board.queues.map((queue) => createAdapter(queue, readOnly)),
    serverAdapter,
    options: {
      uiConfig: { boardTitle: 'createcustomer', hideDocsLink: true, miscLinks: [{ text: 'Overview', url: '/' }] },
      handlerHooks: {
        before: ({ route }) => ({ allow: !forbiddenRoutes.includes(route) }),
        // No job of ours belongs to others; of those that do, names and progress would be shown as they are.
        after: ({ route, request }, result) => (route.endsWith('/flow') ? noFlow(request.params.jobId) : result),
      },
    },
  });
  return [withoutForeignLinks, requireStore(board), serverAdapter.getRouter()];
}
