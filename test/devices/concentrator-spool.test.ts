import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { DiskSpool } from '../../devices/concentrator/disk-spool.ts';
import { MemorySpool, type Spool } from '../../devices/concentrator/spool.ts';
import { encodeBatch } from '../../protocol/batch.ts';
import { checkFrame, FrameOpener, readHeader } from '../../protocol/frame.ts';
import { generationKeys, generationOf, nextChain } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { T0 } from '../support/mdms.ts';
import { play, rig, seeded, type TestRig } from '../support/meter-rig.ts';
import type { ToChild } from './concentrator-child.ts';

const HOUR = 3_600_000;
const folder = mkdtempSync(join(tmpdir(), 'joulekeep-spool-'));
const children = new Set<ChildProcess>();
let files = 0;
const freshPath = () => join(folder, `spool-${files++}`);

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

function startChild(): { child: ChildProcess; ask: (message: ToChild) => Promise<unknown> } {
  const child = fork(new URL('./concentrator-child.ts', import.meta.url), { serialization: 'advanced', execArgv: [] });
  children.add(child);
  const ask = async (message: ToChild) => {
    child.send(message);
    const [{ answer }] = (await once(child, 'message')) as [{ answer: unknown }];
    return answer;
  };
  return { child, ask };
}

const contentOf = ({ open, batches, bytes }: Spool) => ({
  open: open.map(({ receivedAt, bytes: frame }) => [receivedAt, frame.toString('hex')]),
  batches: batches.map(({ sequence, frames }) => encodeBatch(sequence, frames).toString('hex')),
  bytes,
});

type Step = { readonly do: 'append' | 'close' | 'remove' | 'reopen'; readonly n: number };
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('append' as const, 'append' as const, 'append' as const, 'close' as const, 'remove' as const, 'reopen' as const),
  n: fc.nat(30),
});

describe('the spool on disk', () => {
  it('is after any history and any reopening what the spool in memory is', () => {
    const property = fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const path = freshPath();
      let disk = new DiskSpool(path);
      const memory = new MemorySpool();
      for (const { do: what, n } of steps) {
        for (const spool of [disk, memory]) {
          if (what === 'append') spool.append({ receivedAt: T0 + n, bytes: Buffer.alloc(81, n) });
          else if (what === 'close' && memory.open.length > 0) spool.close(Math.min(n + 1, spool.open.length));
          else if (what === 'remove') spool.remove(n);
        }
        if (what !== 'reopen') continue;
        disk.dispose();
        disk = new DiskSpool(path);
        expect(contentOf(disk)).toEqual(contentOf(memory));
      }
      disk.dispose();
      expect(contentOf(new DiskSpool(path))).toEqual(contentOf(memory));
    });
    fc.assert(property, { numRuns: 40 });
  });

  it('survives kill -9: frames, closed batches byte for byte, and the sequence', async () => {
    const path = freshPath();
    const { child, ask } = startChild();
    await ask({ type: 'start', path, now: T0 });
    const frames = Array.from({ length: 1_203 }, (_, i) => Buffer.alloc(81, i & 0xff));
    await ask({ type: 'accept', frames: frames.slice(0, 1_200) });
    expect(await ask({ type: 'flush' })).toBe(3);
    await ask({ type: 'accept', frames: frames.slice(1_200) });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const spool = new DiskSpool(path);
    expect(spool.batches.map(({ sequence, frames: { length } }) => [sequence, length])).toEqual([
      [1, 500],
      [2, 500],
      [3, 200],
    ]);
    expect([...spool.batches.flatMap(({ frames: kept }) => kept), ...spool.open].map(({ bytes }) => bytes)).toEqual(frames);
    expect(spool.close(3).sequence).toBe(4);
  });

  it('a torn end costs the torn entry alone, wherever it tears, and what follows is appended behind it', () => {
    const path = freshPath();
    const spool = new DiskSpool(path);
    for (let i = 0; i < 5; i++) spool.append({ receivedAt: T0, bytes: Buffer.alloc(81, i) });
    spool.dispose();
    const whole = readFileSync(path);
    const entry = whole.length / 5;
    for (let cut = 4 * entry; cut < whole.length; cut += 7) {
      writeFileSync(path, whole.subarray(0, cut));
      const torn = new DiskSpool(path);
      expect(torn.open).toHaveLength(4);
      torn.append({ receivedAt: T0, bytes: Buffer.alloc(81, 9) });
      torn.dispose();
      expect(new DiskSpool(path).open.map(({ bytes }) => bytes[0])).toEqual([0, 1, 2, 3, 9]);
    }
    writeFileSync(path, whole);
    appendFileSync(path, Buffer.alloc(100));
    expect(new DiskSpool(path).open).toHaveLength(5);
    expect(statSync(path).size).toBe(whole.length);
  });

  it('moves what lives to a new file when most is dead, the sequence kept', () => {
    const path = freshPath();
    const spool = new DiskSpool(path);
    const frame = { receivedAt: T0, bytes: Buffer.alloc(370, 1) };
    for (let batch = 1; batch <= 100; batch++) {
      for (let i = 0; i < 150; i++) spool.append(frame);
      spool.close(150);
      if (batch % 40 !== 0) spool.remove(batch);
    }
    expect(statSync(path).size).toBeLessThan(4.5 * 1024 * 1024);
    spool.dispose();
    const reopened = new DiskSpool(path);
    expect(contentOf(reopened)).toEqual(contentOf(spool));
    expect(reopened.batches.map(({ sequence }) => sequence)).toEqual([40, 80]);
    reopened.append(frame);
    expect(reopened.close(1).sequence).toBe(101);
  });
});

/** A day of frames with values that are easy to recognise, and every secret behind them. */
async function sealedDay(): Promise<{ r: TestRig; frames: Buffer[]; plaintexts: Buffer[]; secrets: Buffer[] }> {
  const r = await rig();
  const value = (slot: number) => 0xa5a5 + (slot % 4);
  const said = await play(r, T0, T0 + 24 * HOUR, value);
  const frames = said.filter(({ output }) => output.kind === 'frame').map(({ output }) => output.bytes);
  const plaintexts = r.mdms.opened.map(({ plain }) => encodePlaintext(plain)).filter((plain) => plain[0] !== 4);
  const { chain0, macDown, confirmation } = r.mdms.secrets.get(1)!;
  const generations = [chain0, nextChain(chain0)].flatMap((chain) => [chain, generationKeys(chain).key.export(), generationKeys(chain).iv]);
  const scalar = (key: typeof r.options.identity.privateKey) => Buffer.from(key.export({ format: 'jwk' }).d!, 'base64url');
  const privates = [r.options.identity.privateKey, r.mdms.agreement.privateKey, r.mdms.handshake.privateKey].map(scalar);
  return { r, frames, plaintexts, secrets: [...r.mdms.epochSecrets(), ...generations, macDown.export(), confirmation, ...privates] };
}

/** What of a plaintext can be told from chance: the part before the padding. */
const tellTale = (plain: Buffer): Buffer => plain.subarray(0, plain.length === 32 ? 31 : 17);

describe('a concentrator in the wrong hands', () => {
  it('R9.1-3: its spool file holds no reading and no key, and the same scan finds both where they are', async () => {
    const { frames, plaintexts, secrets } = await sealedDay();
    const path = freshPath();
    const { ask } = startChild();
    await ask({ type: 'start', path, now: T0 });
    await ask({ type: 'accept', frames });
    await ask({ type: 'flush' });
    const spool = readFileSync(path);
    const known = [...plaintexts.map(tellTale), ...secrets];
    const foundIn = (bytes: Buffer) => known.filter((needle) => bytes.includes(needle)).length;
    expect(foundIn(spool)).toBe(0);
    expect(frames.filter((frame) => spool.includes(frame))).toHaveLength(frames.length);
    expect(foundIn(Buffer.concat([spool, ...plaintexts, ...secrets]))).toBe(known.length);
  });

  it.runIf(process.platform === 'linux')(
    'T8-P3, R9.1-3: its memory holds no reading and no key, and the same search finds a frame and a reading put there',
    async () => {
      const { frames, plaintexts, secrets } = await sealedDay();
      const { ask } = startChild();
      await ask({ type: 'start', path: freshPath(), now: T0 });
      await ask({ type: 'accept', frames });
      await ask({ type: 'flush' });
      const half = (bytes: Buffer) => ({
        head: bytes.subarray(0, bytes.length >> 1),
        invertedTail: Buffer.from(bytes.subarray(bytes.length >> 1).map((byte) => byte ^ 0xff)),
      });
      const search = async (needles: readonly Buffer[]) => (await ask({ type: 'search', needles: needles.map(half) })) as boolean[];
      const known = [...plaintexts.slice(5, 15).map(tellTale), ...secrets];
      expect(await search([...known, ...frames.slice(0, 5)])).toEqual([...known.map(() => false), ...Array(5).fill(true)]);
      await ask({ type: 'accept', frames: plaintexts.slice(0, 5) });
      expect(await search(plaintexts.slice(0, 5).map(tellTale))).toEqual(Array(5).fill(true));
    },
  );

  it('T8-P3: of 100,000 frames it changes, splices or makes up, none opens', async () => {
    const { r, frames } = await sealedDay();
    const { chain0 } = r.mdms.secrets.get(1)!;
    const opener = new FrameOpener({ verifyTag: defencesUnderTest().frameTag });
    const keys = Array.from({ length: 14 }, (_, generation) => generationOf(chain0, generation));
    const open = (bytes: Buffer) =>
      checkFrame(bytes, 0, bytes.length) === 0 ? opener.open(bytes, 0, bytes.length, keys[readHeader(bytes, 0).generation]!) : undefined;
    expect(frames.filter((frame) => open(frame) === undefined)).toEqual([]);
    const random = seeded(7);
    const known = new Set(frames.map((frame) => frame.toString('hex')));
    let tried = 0;
    let opened = 0;
    while (tried < 100_000) {
      const forged = forge(frames, random);
      if (known.has(forged.toString('hex'))) continue;
      tried += 1;
      if (open(forged) !== undefined) opened += 1;
    }
    expect(opened).toBe(0);
  });
});

/** One thing a relay can do to frames it has. */
function forge(frames: readonly Buffer[], random: (bytes: number) => Buffer): Buffer {
  const dice = random(8);
  const frame = Buffer.from(frames[dice.readUInt16BE(0) % frames.length]!);
  const other = frames[dice.readUInt16BE(2) % frames.length]!;
  const at = dice.readUInt16BE(4) % frame.length;
  const kind = dice[6]! % 6;
  if (kind === 0) frame[at]! ^= 1 << (dice[7]! & 7);
  else if (kind === 1) frame[31 + (at % (frame.length - 31))]! ^= dice[7]! | 1;
  else if (kind === 2) other.copy(frame, at, Math.min(at, other.length));
  else if (kind === 3) other.copy(frame, 3, 3, 30);
  else if (kind === 4) frame.writeUIntBE(1 + dice.readUInt16BE(4), 25, 5);
  else random(16).copy(frame, frame.length - 16);
  return frame;
}
