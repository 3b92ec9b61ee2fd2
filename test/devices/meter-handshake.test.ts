import { describe, expect, it } from 'vitest';
import { signerOf } from '../../protocol/cose.ts';
import { type Accept, encodeAccept, encodeEpochIs, parseAccept, parseHello, spkiKeyId } from '../../protocol/handshake.ts';
import { dayKeyBy } from '../support/day-key.ts';
import { pair, T0, TestMdms } from '../support/mdms.ts';
import { METER_ID, rig, type TestRig } from '../support/meter-rig.ts';

const DAY = 86_400_000;

/** The HELLO that waits for its answer. */
async function helloOf(r: TestRig): Promise<Buffer> {
  const hello = (await r.meter.poll(T0)).find(({ kind }) => kind === 'hello');
  return hello!.bytes;
}

/** The true ACCEPT, changed and signed again by the true key. */
async function resigned(r: TestRig, hello: Buffer, change: Partial<Accept>): Promise<Buffer> {
  const accept = parseAccept(await r.mdms.acceptOf(hello, T0)).message;
  const { dayKey, sign } = await r.mdms.dayKey(T0);
  return (await encodeAccept({ ...accept, dayKey, ...change }, sign)).bytes;
}

describe('the meter and a false MDMS', () => {
  it('C10.1-2: an ACCEPT signed by another key is refused, the true one afterwards is taken', async () => {
    const r = await rig();
    const hello = await helloOf(r);
    const accept = parseAccept(await r.mdms.acceptOf(hello, T0)).message;
    const { handshakeKeyId } = accept.dayKey.message;
    for (const falseKey of [new TestMdms().handshake, r.mdms.agreement]) {
      for (const named of [handshakeKeyId, spkiKeyId(falseKey.spki)]) {
        const { dayKey, sign } = await dayKeyBy(falseKey, T0, { handshakeKeyId: named });
        await r.meter.receive((await encodeAccept({ ...accept, dayKey }, sign)).bytes, T0);
      }
    }
    for (const { privateKey } of [new TestMdms().handshake, r.mdms.handshake]) {
      await r.meter.receive((await encodeAccept(accept, signerOf(privateKey))).bytes, T0);
    }
    expect(r.meter.status.pendingEpoch).toBeUndefined();
    expect([...r.meter.refusals]).toEqual([['signature', 6]]);
    await r.meter.receive((await r.mdms.answer(hello, r.identityKey, T0))!, T0);
    expect(r.meter.status.pendingEpoch).toBe(1);
  });

  it('C10.1-2: a flipped bit anywhere in ACCEPT is refused', async () => {
    const r = await rig();
    const hello = await helloOf(r);
    const accept = (await r.mdms.answer(hello, r.identityKey, T0))!;
    for (let at = 0; at < accept.length; at++) {
      const flipped = Buffer.from(accept);
      flipped[at]! ^= 1 << (at & 7);
      await r.meter.receive(flipped, T0);
      expect(r.meter.status.pendingEpoch).toBeUndefined();
    }
    await r.meter.receive(accept, T0);
    expect(r.meter.status.pendingEpoch).toBe(1);
  });

  it.each([
    ['for another meter', { meterId: '02a1b2c3d4e5f608' }, 'not-asked'],
    ['for another epoch', { epoch: 2 }, 'not-asked'],
    ['to another HELLO', { helloHash: Buffer.alloc(32, 1) }, 'hello-hash'],
    ['that has ended', { notBefore: T0 - 11 * DAY, notAfter: T0 }, 'validity'],
    ['from tomorrow', { notBefore: T0 + DAY, notAfter: T0 + 2 * DAY }, 'validity'],
  ] as const)('C10.1-2: a signed ACCEPT %s is refused', async (_, change, reason) => {
    const r = await rig();
    await r.meter.receive(await resigned(r, await helloOf(r), change), T0);
    expect(r.meter.status.pendingEpoch).toBeUndefined();
    expect([...r.meter.refusals]).toEqual([[reason, 1]]);
  });

  it('an ACCEPT is taken once, and nothing is taken that was not asked for', async () => {
    const r = await rig();
    const hello = await helloOf(r);
    const accept = (await r.mdms.answer(hello, r.identityKey, T0))!;
    await r.meter.receive(accept, T0);
    await r.meter.receive(accept, T0);
    expect([...r.meter.refusals]).toEqual([['not-asked', 1]]);
  });

  it("EPOCH-IS counts only with the nonce of the HELLO that waits and under a day key of the manifest's handshake key", async () => {
    const r = await rig();
    const { nonce } = parseHello(await helloOf(r)).message;
    const { dayKey, sign: trusted } = await r.mdms.dayKey(T0);
    const epochIs = { meterId: METER_ID, nonce, epoch: 900, dayKey };
    const stranger = await dayKeyBy(pair(), T0, { handshakeKeyId: dayKey.message.handshakeKeyId });
    await r.meter.receive((await encodeEpochIs({ ...epochIs, dayKey: stranger.dayKey }, stranger.sign)).bytes, T0);
    await r.meter.receive((await encodeEpochIs({ ...epochIs, nonce: Buffer.alloc(16) }, trusted)).bytes, T0);
    await r.meter.receive((await encodeEpochIs({ ...epochIs, meterId: '02a1b2c3d4e5f608' }, trusted)).bytes, T0);
    expect(r.meter.refusals.get('not-asked')).toBe(2);
    expect(r.meter.refusals.get('signature')).toBe(1);
    const later = T0 + 20 * 3_600_000;
    const again = (await r.meter.poll(later)).find(({ kind }) => kind === 'hello');
    expect(parseHello(again!.bytes).message.epoch).toBe(1);
    await r.meter.receive((await encodeEpochIs(epochIs, trusted)).bytes, later);
    const next = (await r.meter.poll(later)).find(({ kind }) => kind === 'hello');
    expect(parseHello(next!.bytes).message.epoch).toBe(901);
  });
});

describe('the key manifest', () => {
  it('a meter two years in stock names its expired key, learns the new ones from a manifest, and enrols', async () => {
    const r = await rig();
    const late = T0 + 3700 * DAY;
    const [first] = await r.meter.poll(late);
    expect(first?.kind).toBe('hello');
    const fresh = new TestMdms();
    const keys = fresh.manifestKeys().map((key) => ({ ...key, notBefore: late - DAY, notAfter: late + 365 * DAY }));
    await r.meter.receive(await r.mdms.manifest(2, keys), late);
    const second = (await r.meter.poll(late + 60_000)).find(({ kind }) => kind === 'hello');
    expect(parseHello(second!.bytes).message).toMatchObject({ epoch: 2, agreementKeyId: spkiKeyId(fresh.agreement.spki) });
    await r.meter.receive(await fresh.acceptOf(second!.bytes, late + 60_000), late + 60_000);
    expect(r.meter.status.pendingEpoch).toBe(2);
  });

  it('is taken only from the pinned root and only with a higher version, also after a reboot', async () => {
    const r = await rig();
    const hello = await helloOf(r);
    const stranger = new TestMdms();
    await r.meter.receive(await stranger.manifest(9), T0);
    await r.meter.receive(await r.mdms.manifest(1, stranger.manifestKeys()), T0);
    expect([...r.meter.refusals]).toEqual([
      ['signature', 1],
      ['version', 1],
    ]);
    await r.meter.receive(await r.mdms.manifest(3), T0);
    r.meter.reboot();
    await r.meter.receive(await r.mdms.manifest(2, stranger.manifestKeys()), T0);
    expect(r.meter.refusals.get('version')).toBe(2);
    expect(hello.length).toBeLessThan(4096);
  });

  it('a factory manifest of another root stops the meter from being made', async () => {
    await expect(rig({ manifest: await new TestMdms().manifest() })).rejects.toThrow('ERR_MANIFEST_REFUSED');
  });
});
