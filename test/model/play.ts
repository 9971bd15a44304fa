import fc from 'fast-check';
import type { Database } from '../../db/connect.ts';
import { rootPassword } from '../services/constants.ts';
import { drafts } from './draw-call.ts';
import { settle, sketches } from './draw-tree.ts';
import { grow } from './grow-tree.ts';
import type { Client, Said } from './open-client.ts';
import { plant } from './plant-tree.ts';
import { judge, type Verdict } from './rules.ts';
import { type Call, type Customer, root, type Tree } from './tree.ts';
import { writeCall } from './write-call.ts';

/** A tree, and calls that come one after the other. Long lists are as likely as short ones, and can be shrunk. */
export const scenarios = fc.record({
  sketch: sketches,
  drafts: fc.array(drafts, { minLength: 1, maxLength: 80, size: 'max' }),
});

export type Scenario = typeof scenarios extends fc.Arbitrary<infer Value> ? Value : never;

function describeTree({ customers, tariffs, groups }: Tree): string {
  const lines = (list: readonly object[]) => list.map((each) => `\n    ${JSON.stringify(each)}`).join('');
  return `  customers:${lines(customers)}\n  tariffs:${lines(tariffs)}\n  routing groups:${lines(groups)}`;
}

/** Everything that is needed to say who is right. */
function describeMismatch(tree: Tree, { caller, members }: Call, said: { model: Verdict; service: Said }): string {
  const by = caller === 'trusted host' ? caller : `customer ${caller.i_customer}`;
  const { code, problems } = said.model;
  const rules = problems.map((problem) => `\n    ${problem.code} ${problem.rule}`).join('');
  return [
    `The model says ${code}, the service ${said.service.code}.`,
    describeTree(tree),
    `  call by ${by}: ${JSON.stringify(members, null, 2).replaceAll('\n', '\n  ')}`,
    `  model: ${code}${rules}`,
    `  service: ${JSON.stringify(said.service)}`,
  ].join('\n');
}

function loginOf({ passwords }: Tree, { caller }: Call) {
  if (caller === 'trusted host') return undefined;
  const password = caller.i_customer === root.i_customer ? rootPassword : passwords[caller.i_customer];
  return { user: `${caller.web_login}`, password: `${password}` };
}

/** Plays scenarios against a service, each in a tree of its own, and keeps what the model says of them. */
export function createPlayer({ db, client }: { readonly db: Database; readonly client: Client }) {
  let trees = 0;
  const verdicts: Verdict[] = [];
  const expected = new Map<number, Customer>([[root.i_customer, root]]);

  async function makeCall(tree: Tree, call: Call): Promise<Tree> {
    const model = judge(tree, call);
    const service = await client.call(call.members, loginOf(tree, call));
    if (model.code !== service.code) throw new Error(describeMismatch(tree, call, { model, service }));
    verdicts.push(model);
    return 'i_customer' in service ? grow(tree, model, service.i_customer) : tree;
  }

  return {
    /** @throws Error when the model and the service disagree; it names the tree, the call and both answers. */
    async play({ sketch, drafts }: Scenario): Promise<void> {
      trees += 1;
      const number = trees;
      let tree = settle(sketch, number);
      await plant(db, tree);
      for (const [index, draft] of drafts.entries()) {
        tree = await makeCall(tree, writeCall(tree, draft, `T${number}n${index}`));
      }
      for (const customer of tree.customers) expected.set(customer.i_customer, customer);
    },
    /** What the model said of each call. */
    verdicts,
    /** The customers that there must be by now, and no others. */
    expected,
  };
}

export type Player = ReturnType<typeof createPlayer>;
