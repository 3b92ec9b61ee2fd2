import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventStore, NewCommit, SubjectKey } from '../../platform/ports/event-store.ts';
import type { SubjectAccess } from '../../platform/ports/subject-access.ts';
import { grantSubjectAccess } from '../../platform/ports/subject-grants.ts';
import { all, commitOf, idOf, versionsOf } from './support/events.ts';

/** One storage as those have it who may open subject data; every call gives a store with nothing in memory. */
export interface SubjectStores {
  /** As principal `close-day`. */
  days(): EventStore;
  /** As principal `billing`. */
  bills(): EventStore;
  /** Destroys a row of the key table. */
  destroyKey(row: string): Promise<void>;
  /** Whether the verifier finds nothing wrong with a stream. */
  isSound(stream: string): Promise<boolean>;
  /** Calls of the key service so far. */
  keyCalls(): number;
  close(): Promise<void>;
}

/** What every implementation of `EventStore` must do with data that is a subject's. */
export function subjectStoreContract(name: string, open: () => Promise<SubjectStores>): void {
  describe(`event store contract, subject data: ${name}`, () => {
    const DAY_STREAM = 'meterday/0011223344556677/2026-03-05';
    const OF_A: SubjectKey = { of: 'usage', subject: 'acc-a', month: '2026-03' };
    const OF_B: SubjectKey = { ...OF_A, subject: 'acc-b' };
    let under: SubjectStores;
    let days: EventStore;
    const dayOf = async (name: string, subject: SubjectKey, stream = DAY_STREAM) =>
      await days.append(await days.head(stream, subject), dayCommit(name, subject)).durable;

    beforeEach(async () => {
      under = await open();
      days = under.days();
    });
    afterEach(() => under.close());

    it('a meter day is sealed under the key of its subject and month, and read with access to that subject', async () => {
      expect(await dayOf('a', OF_A)).toBe('appended');
      const [commit] = await all(days.read(DAY_STREAM, 0, accessTo(['acc-b', 'acc-a'])));
      expect(commit!.events).toEqual(dayCommit('a', OF_A).events);
      expect(commit!.sealedBy).toMatch(/^usage\/acc-a\/2026-03\/\d{13}$/);
    });

    it('a bill is sealed under the billing key of its account', async () => {
      const subject: SubjectKey = { of: 'billing', subject: 'acc-a' };
      const stream = 'bill/acc-a/up-1.2026-03-01';
      const bills = under.bills();
      await bills.append(await bills.head(stream, subject), dayCommit('bill', subject)).durable;
      const [commit] = await all(bills.read(stream, 0, accessTo(['acc-a'], { principal: 'billing' })));
      expect(commit!.sealedBy).toMatch(/^billing\/acc-a\/\d{13}$/);
    });

    it.each([
      ['without an access', undefined],
      ['with access to another subject', accessTo(['acc-b'])],
      ['with the access of another principal', accessTo(['acc-a'], { principal: 'billing' })],
      ['with access to the month before', accessTo(['acc-a'], { from: Date.UTC(2026, 1, 1), until: Date.UTC(2026, 2, 1) })],
      ['with access to the time after', accessTo(['acc-a'], { from: Date.UTC(2026, 2, 7), until: Date.UTC(2026, 3, 1) })],
      ['with something that looks like an access', { ...accessTo(['acc-a']), subjects: new Set(['acc-a']) }],
    ])('R9.1-3: %s nothing of it is read', async (_how, access) => {
      await dayOf('a', OF_A);
      await expect(all(days.read(DAY_STREAM, 0, access))).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    });

    it('a day of the zone that is first on Earth lies within the window of its own midnight', async () => {
      await dayOf('a', OF_A);
      const midnight = Date.UTC(2026, 2, 5) - 14 * 3_600_000;
      expect((await all(days.read(DAY_STREAM, 0, accessTo(['acc-a'], { from: midnight, until: midnight + 1 })))).length).toBe(1);
    });

    it("a subject is demanded where data is a subject's, and refused where it is not, or not that one", async () => {
      await expect(days.head(DAY_STREAM)).rejects.toMatchObject({ code: 'ERR_SUBJECT_MISSING' });
      const head = await days.head(DAY_STREAM, OF_A);
      expect(() => days.append(head, commitOf('a'))).toThrow(expect.objectContaining({ code: 'ERR_SUBJECT_MISSING' }));
      const wrong: [string, SubjectKey][] = [
        ['meter/0011223344556677', OF_A],
        [DAY_STREAM, { ...OF_A, month: '2026-04' }],
        [DAY_STREAM, { ...OF_A, subject: 'a/b' }],
        [DAY_STREAM, { of: 'billing', subject: 'acc-a' }],
        ['meterday/0011223344556677/soon', OF_A],
        ['bill/acc-a/up-1.2026-03-01', { of: 'billing', subject: 'acc-b' }],
        ['bill/acc-a/up-1.2026-03-01', OF_A],
      ];
      for (const [stream, subject] of wrong) {
        await expect(days.head(stream, subject), stream).rejects.toMatchObject({ code: 'ERR_SUBJECT_INVALID' });
        expect(() => days.append({ ...head, stream }, dayCommit('a', subject))).toThrow(
          expect.objectContaining({ code: 'ERR_SUBJECT_INVALID' }),
        );
      }
    });

    it('a day that passed to another subject is read by each as far as it is theirs, or not at all', async () => {
      await dayOf('a', OF_A);
      await dayOf('b', OF_B);
      await expect(all(days.read(DAY_STREAM, 0, accessTo(['acc-b'])))).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
      expect(versionsOf(await all(days.read(DAY_STREAM, 1, accessTo(['acc-b']))))).toEqual([1]);
      expect(versionsOf(await all(days.read(DAY_STREAM, 0, accessTo(['acc-a', 'acc-b']))))).toEqual([0, 1]);
    });

    it('C10.1-7: what shows a day to somebody else is its bytes and a key of its own, for whoever may read it', async () => {
      await dayOf('a', OF_A);
      await dayOf('b', OF_B);
      const access = accessTo(['acc-a', 'acc-b']);
      const shown = await all(days.evidence(DAY_STREAM, 0, access));
      const read = await all(days.read(DAY_STREAM, 0, access));
      expect(shown.map(({ recorded }) => recorded)).toEqual(read);
      expect(shown.map(({ hash }) => hash)).toEqual(read.map(({ head }) => head.hash));
      expect(new Set(shown.map(({ key }) => key?.toString('hex'))).size).toBe(2);
      expect(shown.every(({ key }) => key?.length === 32)).toBe(true);
      await expect(all(days.evidence(DAY_STREAM, 0, accessTo(['acc-b'])))).rejects.toMatchObject({ code: 'ERR_SUBJECT_SEALED' });
    });

    it('R9.1-3: a destroyed key of one subject leaves its place in the chain, and everything of the other', async () => {
      await dayOf('a', OF_A);
      await dayOf('b', OF_B);
      const [first] = await all(days.read(DAY_STREAM, 0, accessTo(['acc-a', 'acc-b'])));
      await under.destroyKey(first!.sealedBy!);
      const after = await all(under.days().read(DAY_STREAM, 0, accessTo(['acc-b'])));
      expect(after.map(({ erased, events }) => [erased, events.length])).toEqual([
        [true, 0],
        [undefined, 1],
      ]);
      expect(await under.isSound(DAY_STREAM)).toBe(true);
    });

    it('the rows of a stream are told to whoever asks, without opening anything', async () => {
      await dayOf('a', OF_A);
      await dayOf('b', OF_B);
      await dayOf('again a', OF_A);
      const before = under.keyCalls();
      const rows = await under.bills().rowsOf(DAY_STREAM);
      expect(rows.map((row) => row.slice(0, -13))).toEqual(['usage/acc-a/2026-03/', 'usage/acc-b/2026-03/']);
      expect(under.keyCalls()).toBe(before);
      expect(await days.rowsOf('meterday/none/2026-03-05')).toEqual([]);
    });

    it('keys of many subjects are prepared at once, and then needed by no look-up', async () => {
      const subjects = Array.from({ length: 300 }, (_, index): SubjectKey => ({ ...OF_A, subject: `acc-${index}` }));
      await days.prepare(subjects);
      const before = under.keyCalls();
      const appended = await Promise.all(subjects.map((subject, index) => dayOf(`day ${index}`, subject, `meterday/m${index}/2026-03-05`)));
      expect(new Set(appended)).toEqual(new Set(['appended']));
      expect(under.keyCalls()).toBe(before);
    });

    it('more subjects than memory is meant for are refused', async () => {
      const subjects = Array.from({ length: 8_193 }, (_, index): SubjectKey => ({ ...OF_A, subject: `acc-${index}` }));
      await expect(days.prepare(subjects)).rejects.toMatchObject({ code: 'ERR_SUBJECTS_TOO_MANY' });
    });
  });
}

function dayCommit(name: string, subject: SubjectKey): NewCommit {
  return { commitId: idOf(name), events: [{ type: 'DaySettled', data: { run: name, revision: 1, at: 1 } }], subject };
}

function accessTo(subjects: readonly string[], other: Partial<SubjectAccess> = {}): SubjectAccess {
  const access = { principal: 'close-day', purpose: 'close-day', from: Date.UTC(2026, 2, 1), until: Date.UTC(2026, 3, 1) } as const;
  return grantSubjectAccess({ ...access, ...other }, subjects);
}
