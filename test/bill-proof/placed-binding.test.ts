import { describe, expect, it } from 'vitest';
import { type DomainEvent, JoulekeepError } from '../../events/index.ts';
import { placedBinding } from '../../lambdas/bill-proof/placed-binding.ts';
import type { Places } from '../../lambdas/bill-proof/proven-commit.ts';
import type { CommitEvidence } from '../../platform/ports/event-store.ts';
import { cut, MIDNIGHT, OPENED } from '../subjects/given.ts';

const [ACCOUNT, POINT] = ['account/ann', 'usagepoint/up-1'];

function commit(stream: string, version: number, ...events: readonly DomainEvent[]): CommitEvidence {
  const [hash, bytes] = [Buffer.alloc(32, version + 1), Buffer.from(`${stream} ${version}`)];
  const head = { stream, version: version + events.length - 1, hash };
  const recorded = { stream, version, commitId: hash, recordedAt: MIDNIGHT, events, head, prev: hash };
  return { recorded, envelope: bytes, body: bytes, tag: bytes, hash, key: Buffer.alloc(32, 7) };
}

function stated(usagePoint: string, through: number): DomainEvent {
  return { type: 'PointStated', data: { usagePoint, through, spans: [], meters: [], multipliers: [], tariffs: [], at: MIDNIGHT } };
}

const shown = (evidence: CommitEvidence) => ({ evidence, shown: true });
const point = [commit(POINT, 0, OPENED), commit(POINT, 1, cut('ann', 0), cut('ben', 1)), commit(POINT, 3, cut('ann', 2))].map(shown);
/** Of another usage point it says more than this one ever had. */
const account = [OPENED, stated('up-1', 0), stated('up-2', 99), stated('up-1', 2), stated('up-1', 3)]
  .map((event, version) => commit(ACCOUNT, version, event))
  .map(shown);

/** A log that has all but some commits. @param code of the error for these */
function without(waiting: readonly string[], code: 'ERR_PROOF_EARLY' | 'ERR_PROOF_IMPOSSIBLE' = 'ERR_PROOF_EARLY'): Places {
  return {
    place: async ({ stream, version }) => {
      if (waiting.includes(`${stream} ${version}`)) throw new JoulekeepError(code, 'it is not there');
      return { index: 100 + version, path: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)] };
    },
  };
}

const versionsOf = (commits: readonly { readonly entry: number }[]) => commits.map(({ entry }) => entry - 100);

describe('what of account and usage point is shown', () => {
  it.each<[string, readonly string[], { readonly account: readonly number[]; readonly point: readonly number[] }]>([
    ['nothing waits', [], { account: [0, 1, 2, 3, 4], point: [0, 1, 3] }],
    ['the usage point’s last commit waits', [`${POINT} 3`], { account: [0, 1, 2, 3], point: [0, 1] }],
    ['one before it waits', [`${POINT} 1`], { account: [0, 1, 2], point: [0] }],
    ['all of the usage point waits', [`${POINT} 0`], { account: [0], point: [] }],
    ['one of the account waits', [`${ACCOUNT} 2`], { account: [0, 1], point: [0, 1, 3] }],
  ])(
    'R9.2-2: ends where a commit waits for its place, and before the account speaks of one that does: %s',
    async (_what, waiting, told) => {
      const placed = await placedBinding(without(waiting), { account, point }, 'up-1');
      expect({ account: versionsOf(placed.account), point: versionsOf(placed.point) }).toEqual(told);
    },
  );

  it('R9.2-2: is nothing of an account that speaks of one that waits in its first commit', async () => {
    const first = [shown(commit(ACCOUNT, 0, OPENED, stated('up-1', 3)))];
    const placed = await placedBinding(without([`${POINT} 3`]), { account: first, point }, 'up-1');
    expect({ account: placed.account, point: versionsOf(placed.point) }).toEqual({ account: [], point: [0, 1] });
    expect((await placedBinding(without([]), { account: first, point }, 'up-1')).account).toHaveLength(1);
  });

  it('R9.2-2: is not cut short by a commit that the log will never have', async () => {
    const log = (one: string) => placedBinding(without([one], 'ERR_PROOF_IMPOSSIBLE'), { account, point }, 'up-1');
    for (const one of [`${POINT} 3`, `${ACCOUNT} 4`]) await expect(log(one)).rejects.toMatchObject({ code: 'ERR_PROOF_IMPOSSIBLE' });
  });

  it('C10.1-7: has no more of a commit that is not the tenant’s to see than version, hash and place, though its key is there', async () => {
    const held = point.map((one, i) => ({ ...one, shown: i !== 1 }));
    const told = (await placedBinding(without([]), { account, point: held }, 'up-1')).point;
    const path = Buffer.concat([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]).toString('base64');
    expect(told[1]).toEqual({ withheld: 1, hash: Buffer.alloc(32, 2).toString('base64'), entry: 101, path });
    expect(told.map((one) => 'key' in one)).toEqual([true, false, true]);
  });
});
