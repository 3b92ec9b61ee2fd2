import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logStanding } from '../../lambdas/audit/log-standing.ts';
import { readCheckpoint } from '../../lambdas/log/checkpoints.ts';
import { LogFiles } from '../../lambdas/log/log-files.ts';
import { CHECKPOINTS, LATEST, PENDING } from '../../lambdas/log/places.ts';
import { Sequencer } from '../../lambdas/log/sequencer.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { encodeEntry } from '../../protocol/log/entry.ts';
import { rootOf } from '../../protocol/log/growing-root.ts';
import { leafHash } from '../../protocol/log/hashes.ts';
import { consistencyProof, inclusionProof } from '../../protocol/log/proofs.ts';
import { verifyConsistency, verifyInclusion } from '../../protocol/log/verification.ts';
import { LogWorld, MINUTE } from './log-world.ts';

/** Breaks off at the nth write, whatever it is for; -1 never does. */
function breaking(platform: Platform, at: number): Platform {
  let writes = 0;
  const write = async <T>(step: () => Promise<T>): Promise<T> => {
    if (writes++ === at) throw new Error('the power went');
    return await step();
  };
  const { objects, directory, witness } = platform;
  return {
    ...platform,
    objects: {
      get: (key) => objects.get(key),
      list: (prefix) => objects.list(prefix),
      olderThan: (prefix, instant) => objects.olderThan(prefix, instant),
      put: (key, body) => write(() => objects.put(key, body)),
      delete: (key) => write(() => objects.delete(key)),
    },
    directory: {
      get: (key) => directory.get(key),
      getMany: (keys) => directory.getMany(keys),
      list: (prefix) => directory.list(prefix),
      put: (entries) => write(() => directory.put(entries)),
    },
    witness: {
      get: (key) => witness.get(key),
      list: (prefix) => witness.list(prefix),
      put: (key, body) => write(() => witness.put(key, body)),
    },
  };
}

describe('C10.1-7: the log of all commits', () => {
  it('C10.1-7: gives every commit one place, in its order, and signs over them', async () => {
    const log = new LogWorld();
    await log.tell(log.commit(300));
    await log.run();
    await log.tell(log.commit(700));
    await log.run();
    expect(await log.entries()).toEqual(log.expected());
    const root = rootOf(log.expected().map((entry) => leafHash(encodeEntry(entry))));
    expect(await log.latest()).toEqual({ origin: 'joulekeep/log', size: 1_000, root, at: log.world.clock.now() });
    expect(await log.world.objects.list(PENDING)).toEqual([]);
  });

  it('C10.1-7: proves each entry and each earlier checkpoint from its tiles', async () => {
    const log = new LogWorld();
    const heads = [];
    for (const count of [1, 255, 1, 300, 800]) {
      await log.tell(log.commit(count));
      await log.run();
      heads.push((await log.latest())!);
    }
    const to = heads.at(-1)!;
    const hashAt = new LogFiles(log.world.objects).hashesAt(to.size);
    for (const index of [0, 1, 255, 256, 257, 1_000, to.size - 1]) {
      const leaf = leafHash(encodeEntry(log.expected()[index]!));
      expect(verifyInclusion({ leaf, index, head: to, proof: await inclusionProof(index, to.size, hashAt) }), `${index}`).toBe(true);
    }
    for (const from of heads)
      expect(verifyConsistency({ from, to, proof: await consistencyProof(from.size, to.size, hashAt) }), `${from.size}`).toBe(true);
  });

  it('signs over at most a thousand more at a time, and keeps every checkpoint', async () => {
    const log = new LogWorld();
    for (let i = 0; i < 5; i++) await log.tell(log.commit(500));
    await log.run();
    expect((await log.world.objects.list(CHECKPOINTS)).toSorted()).toEqual(
      [1_000, 2_000, 2_500].map((size) => `${CHECKPOINTS}${size}`).toSorted(),
    );
    expect(await log.entries()).toEqual(log.expected());
  });

  it('says every minute where it stands, when nothing came as well', async () => {
    const log = new LogWorld();
    await log.tell(log.commit(3));
    await log.run();
    const before = (await log.latest())!;
    log.world.clock.advance(MINUTE);
    await log.run();
    expect(await log.latest()).toEqual({ ...before, at: before.at + MINUTE });
    expect(await log.world.objects.list(CHECKPOINTS)).toHaveLength(1);
  });

  it('gives what the change stream brings again no second place, whatever it brings beside it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ back: fc.nat(60), count: fc.nat(40), run: fc.boolean() }), { maxLength: 12 }),
        async (deliveries) => {
          const log = new LogWorld();
          for (const { back, count, run } of deliveries) {
            const from = Math.max(0, log.arrivals.length - back);
            log.commit(count);
            await log.tell(log.arrivals.slice(from));
            if (run) await log.run();
          }
          await log.run();
          expect(await log.entries()).toEqual(log.expected());
        },
      ),
      { numRuns: 20 },
    );
  });

  it('C10.1-7: broken off between any two steps it goes on, and is consistent with all that it ever signed', async () => {
    for (let at = 0, broke = true; broke; at++) {
      const log = new LogWorld();
      await log.tell(log.commit(250));
      await log.run();
      const signed = [(await log.latest())!];
      await log.tell(log.commit(20));
      broke = await log.run(breaking(log.platform, at)).then(
        () => false,
        () => true,
      );
      // What was published up to here binds, whoever saw it.
      for (const key of [...(await log.world.objects.list(CHECKPOINTS)), LATEST])
        signed.push(await readCheckpoint(log.world.kms.as('auditor'), (await log.world.objects.get(key))!));
      for (const note of log.world.witness.kept.values())
        if (note.toString().startsWith('joulekeep')) signed.push(await readCheckpoint(log.world.kms.as('auditor'), note));
      // Something else arrives meanwhile, in front as well: another shard numbers as it likes. What was told before comes again beside it.
      log.commit(30);
      await log.tell(log.arrivals.slice(240));
      const inFront = { ...log.arrivals[0]!, stream: 'meter/of-another-shard', hash: Buffer.alloc(32, 1) };
      await log.tell([inFront]);
      await log.run();
      const to = (await log.latest())!;
      const entries = (await log.entries()).filter(({ stream }) => stream !== inFront.stream);
      expect([entries, to.size], `step ${at}`).toEqual([log.expected(), 301]);
      const hashAt = new LogFiles(log.world.objects).hashesAt(to.size);
      for (const from of signed)
        expect(verifyConsistency({ from, to, proof: await consistencyProof(from.size, to.size, hashAt) }), `step ${at}, ${from.size}`).toBe(
          true,
        );
      expect(at).toBeLessThan(40);
    }
  });

  it('C10.1-7: adds nothing to a log that is not the one it signed', async () => {
    const log = new LogWorld();
    await log.tell(log.commit(20));
    await log.run();
    const tile = 'log/tile/0/000.p/20';
    const bytes = (await log.world.objects.get(tile))!;
    bytes[5]! ^= 1;
    await log.world.objects.put(tile, bytes);
    await log.tell(log.commit(1));
    await expect(log.run()).rejects.toMatchObject({ code: 'ERR_LOG_REFUSED' });
    expect((await log.latest())!.size).toBe(20);
  });

  it('C10.1-7: goes on from nothing that its key did not sign', async () => {
    const log = new LogWorld();
    await log.tell(log.commit(20));
    await log.run();
    const note = (await log.world.objects.get(LATEST))!.toString();
    await log.world.objects.put(LATEST, Buffer.from(note.replace('\n20\n', '\n19\n')));
    await expect(log.run()).rejects.toMatchObject({ code: 'ERR_LOG_REFUSED' });
  });

  it('finds out by itself how far streams are when that was lost', async () => {
    const log = new LogWorld();
    await log.tell(log.commit(700));
    await log.run();
    log.world.directory.entries.clear();
    await log.tell(log.arrivals);
    await log.run();
    expect(await log.entries()).toEqual(log.expected());
  });
});

describe('C10.1-7: the witness', () => {
  it('C10.1-7: gets every checkpoint and every entry, and what was put there stays', async () => {
    const log = new LogWorld();
    await log.tell(log.commit(300));
    await log.run();
    await log.tell(log.commit(10));
    await log.run();
    const keys = [...log.world.witness.kept.keys()].toSorted();
    expect(keys).toEqual([
      'checkpoint/0000000000000300',
      'checkpoint/0000000000000310',
      'entries/0000000000000000-0000000000000300',
      'entries/0000000000000300-0000000000000310',
    ]);
    const entries = Buffer.concat([log.world.witness.kept.get(keys[2]!)!, log.world.witness.kept.get(keys[3]!)!]);
    expect(entries).toEqual(Buffer.concat(log.expected().map(encodeEntry)));
  });

  it.each(['999999999', '8', '10', 'x'])('C10.1-7: gets what it has not, whatever a mark says of it: %s', async (mark) => {
    const log = new LogWorld();
    await log.tell(log.commit(7));
    await log.run();
    log.commit(3);
    await log.tell(log.arrivals.slice(7));
    await log.world.directory.put([{ key: 'log/witnessed', value: Buffer.from(mark) }]);
    expect(await new Sequencer(log.platform).run()).toEqual({ logged: 3, witnessed: true });
    expect([...log.world.witness.kept.keys()].toSorted()).toEqual([
      ...['checkpoint/0000000000000007', 'checkpoint/0000000000000010'],
      ...['entries/0000000000000000-0000000000000007', 'entries/0000000000000007-0000000000000010'],
    ]);
    expect((await log.world.directory.get('log/witnessed'))?.toString()).toBe('10');
  });

  it('C10.1-7: out of reach stops nothing, and gets what it missed afterwards', async () => {
    const log = new LogWorld();
    log.world.witness.down = true;
    await log.tell(log.commit(5));
    await log.run();
    expect((await log.latest())!.size).toBe(5);
    log.world.witness.down = false;
    await log.run();
    expect([...log.world.witness.kept.keys()]).toEqual(['entries/0000000000000000-0000000000000005', 'checkpoint/0000000000000005']);
  });
});

describe('the audit page', () => {
  it('says how long the log is and how old its last checkpoint, and that one nobody signed is none', async () => {
    const log = new LogWorld();
    const auditor = log.world.as('auditor');
    expect(await logStanding(auditor)).toEqual({});
    await log.tell(log.commit(3));
    await log.run();
    log.world.clock.advance(90_000);
    expect(await logStanding(auditor)).toEqual({ log: { size: 3, at: '2026-01-15T10:00:00.000Z', ageSeconds: 90 } });
    await log.world.objects.put(LATEST, Buffer.from('joulekeep/log\n4\n'));
    expect(await logStanding(auditor)).toEqual({ log: null });
    expect(log.world.logged.flatMap(({ fields }) => fields?.code ?? [])).toContain('ERR_LOG_REFUSED');
  });
});
