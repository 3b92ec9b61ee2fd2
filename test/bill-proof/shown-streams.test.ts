import { describe, expect, it } from 'vitest';
import { bindingStreams } from '../../bin/proof/binding-streams.ts';
import { emptyHead, type SealedCommit } from '../../platform/store/commit.ts';
import { cut, installed, MIDNIGHT, OPENED, removed } from '../subjects/given.ts';
import { commitOn, type LogByHand, logOf } from './log-by-hand.ts';
import { statement } from './said.ts';

const { period } = statement();
const POINT = `usagepoint/${period.usagePoint}`;
const EMPTY = emptyHead(POINT);

/** Two events, and one each in the commits behind. */
const first = commitOn(EMPTY, [OPENED, cut('ann', MIDNIGHT)]);
const second = commitOn(first.head, [installed()]);
const third = commitOn(second.head, [removed()]);
const fourth = commitOn(third.head, [cut('ben', MIDNIGHT)]);

type Told = (log: LogByHand) => Parameters<typeof bindingStreams>[0]['point'];

/** What is shown of the usage point. @param besides commits that the log has as well */
async function shown(told: Told, besides: readonly SealedCommit[] = []) {
  const log = await logOf([first, second, third, fourth, ...besides]);
  return bindingStreams({ account: [], point: told(log) }, period, log.head).point;
}

const broken = (message: RegExp) => expect.objectContaining({ check: 'chain', message: expect.stringMatching(message) });
const GAP = broken(/does not continue the one before it/);

describe('a stream from its beginning on', () => {
  it('R9.2-2: is known up to its last event, opened or withheld', async () => {
    const { opened, ...rest } = await shown(({ open }) => [open(first)]);
    expect(opened).toHaveLength(1);
    expect(rest).toMatchObject({ withheld: [], last: 1 });
    expect(await shown(({ open, withhold }) => [open(first), withhold(second)])).toMatchObject({ withheld: [2], last: 2 });
    expect(await shown(() => [])).toMatchObject({ opened: [], withheld: [], last: -1 });
  });

  it('R9.2-2, C10.1-7: is refused with more versions withheld than anybody records', async () => {
    const far = { ...second, version: 1_000_000, head: { ...second.head, version: 1_000_000 } };
    await expect(shown(({ open, withhold }) => [open(first), withhold(far)], [far])).rejects.toThrow(broken(/more events than anybody/));
  });

  it('R9.2-2, C10.1-7: of what is withheld every version up to the next that is there may be among it', async () => {
    const gap = await shown(({ open, withhold }) => [open(first), withhold(second), withhold(fourth)]);
    expect(gap).toMatchObject({ withheld: [2, 3, 4], last: 4 });
    const whole = await shown(({ open, withhold }) => [open(first), withhold(second), open(third), withhold(fourth)]);
    expect(whole).toMatchObject({ withheld: [2, 4], last: 4 });
  });

  it('R9.2-2, C10.1-7: without its beginning is refused, opened or withheld', async () => {
    await expect(shown(({ open }) => [open(second)])).rejects.toEqual(broken(/its beginning is missing/));
    await expect(shown(({ withhold }) => [withhold(second)])).rejects.toEqual(broken(/its beginning is missing/));
  });

  it.each<[string, Told]>([
    ['one that is opened left out between two', ({ open }) => [open(first), open(third)]],
    ['one left out before one that is withheld', ({ open, withhold }) => [open(first), withhold(third)]],
    [
      'one before what is opened left out, behind one that is withheld',
      ({ open, withhold }) => [open(first), withhold(second), open(fourth)],
    ],
    ['one that is withheld twice', ({ open, withhold }) => [open(first), withhold(second), withhold(second)]],
    [
      'two that are withheld in each other’s place',
      ({ open, withhold }) => [open(first), withhold(second), withhold(fourth), withhold(third)],
    ],
    ['one that is opened twice', ({ open }) => [open(first), open(first)]],
  ])('R9.2-2, C10.1-7: with %s is refused', async (_what, told) => {
    await expect(shown(told)).rejects.toEqual(GAP);
  });

  it('R9.2-2, C10.1-7: with a version left out by a commit that names the one before all the same is refused', async () => {
    const leap = commitOn({ ...first.head, version: 4 }, [installed()]);
    await expect(shown(({ open }) => [open(first), open(leap)], [leap])).rejects.toEqual(GAP);
    const back = commitOn({ ...third.head, version: 1 }, [installed()]);
    const behind: Told = ({ open, withhold }) => [open(first), withhold(second), withhold(third), open(back)];
    await expect(shown(behind, [back])).rejects.toEqual(GAP);
  });

  it('R9.2-2, C10.1-7: with a commit of the right version that names another before it is refused', async () => {
    const other = commitOn({ ...first.head, hash: third.head.hash }, [installed()]);
    await expect(shown(({ open }) => [open(first), open(other)], [other])).rejects.toEqual(GAP);
    const after = commitOn({ ...second.head, hash: first.head.hash }, [removed()]);
    await expect(shown(({ open, withhold }) => [open(first), withhold(second), open(after)], [after])).rejects.toEqual(GAP);
  });

  it('R9.2-2, C10.1-7: has no commit of another stream, and none that the log has not', async () => {
    const strange = commitOn(emptyHead('usagepoint/home-2'), [OPENED]);
    await expect(shown(({ open }) => [open(strange)], [strange])).rejects.toMatchObject({ check: 'streams' });
    await expect(shown(({ withhold }) => [withhold(strange)], [strange])).rejects.toMatchObject({ check: 'log' });
    const unlogged: Told = ({ withhold }) => [{ ...withhold(first), hash: third.head.hash.toString('base64') }];
    await expect(shown(unlogged)).rejects.toMatchObject({ check: 'log' });
  });
});
