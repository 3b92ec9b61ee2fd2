import { createPublicKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EpochVault } from '../../lambdas/shared/keys/epoch-vault.ts';
import { signerOf } from '../../protocol/cose.ts';
import { verifyDaySigned } from '../../protocol/day-key.ts';
import { classifyDownlink } from '../../protocol/downlink.ts';
import { encodeHello, helloHashOf, parseAccept, parseEpochIs } from '../../protocol/handshake.ts';
import { openManifest } from '../../protocol/manifest.ts';
import { failedIds } from '../support/sqs.ts';
import { DAY, HOUR, makeScene } from './scene.ts';

describe('HELLO', () => {
  it('C10.1-2: a meter and the service agree on a secret nobody else has seen', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const said = await meter!.hello(1);
    expect(failedIds(await scene.handshake('north-1', said.hello.bytes))).toEqual([]);
    const [answer] = scene.down('north-1');
    expect(answer).toMatchObject({ meterId: meter!.meterId });
    const accept = parseAccept(answer!.bytes);
    const key = scene.keyring.keys.find(({ keyId }) => keyId === accept.message.dayKey.message.handshakeKeyId)!;
    expect(verifyDaySigned(accept, createPublicKey({ key: key.spki, format: 'der', type: 'spki' }))).toBe(true);
    expect(accept.message).toMatchObject({ epoch: 1, suite: 1, helloHash: helloHashOf(said.hello), messageLimit: 65_536, utc: scene.now });
    expect(accept.message.notAfter - accept.message.notBefore).toBe(10 * DAY);
    const vault = new EpochVault(scene.world.as('ingest'));
    const secret = meter!.secret(said, answer!.bytes);
    expect(await vault.secret(meter!.meterId, 1)).toEqual(secret);
    const stored = [...scene.world.keys.rows.values()].map(({ wrapped }) => wrapped).concat(scene.world.events.bodies());
    for (const bytes of stored) expect(bytes.includes(secret)).toBe(false);
    expect(JSON.stringify(scene.world.logged)).not.toContain(secret.toString('hex'));
  });

  it('carries the next 14 local midnights, over the change of the clocks', async () => {
    const scene = await makeScene();
    scene.world.clock.set(Date.UTC(2026, 2, 24, 22, 30));
    const [meter] = scene.meters;
    await scene.handshake('north-1', (await meter!.hello(1)).hello.bytes);
    const { midnights } = parseAccept(scene.down('north-1')[0]!.bytes).message;
    const at = midnights.map((second) => new Date(second * 1000).toISOString());
    expect(at.slice(0, 6)).toEqual([
      '2026-03-24T23:00:00.000Z',
      '2026-03-25T23:00:00.000Z',
      '2026-03-26T23:00:00.000Z',
      '2026-03-27T23:00:00.000Z',
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    expect(at).toHaveLength(14);
  });

  it('the secret is durable before the commit, the commit before ACCEPT', async () => {
    const scene = await makeScene();
    const order: string[] = [];
    const { keys, events, published } = scene.world;
    const put = keys.putIfAbsent.bind(keys);
    keys.putIfAbsent = async (row) => {
      if (row.id.startsWith('epoch/')) order.push('secret');
      return put(row);
    };
    events.afterAppend = (stream, { events: [event] }) => {
      if (stream.startsWith('meter/')) order.push(`${event!.type} ${published.length}`);
    };
    await scene.handshake('north-1', (await scene.meters[0]!.hello(1)).hello.bytes);
    expect(order).toEqual(['secret', 'EpochProposed 0']);
    expect(published).toHaveLength(1);
  });

  it('C10.1-3: the epoch stays pending, whatever HELLOs come', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const said = await meter!.hello(1);
    await scene.handshake('north-1', said.hello.bytes, said.hello.bytes, (await meter!.hello(2)).hello.bytes);
    const types = scene.types(meter!);
    expect(types.filter((type) => type === 'EpochProposed')).toHaveLength(2);
    expect(types).not.toContain('EpochActivated');
  });

  it('D2: the same HELLO gets the same ACCEPT over any concentrator, and KMS is not called again', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const { bytes } = (await meter!.hello(1)).hello;
    await scene.handshake('north-1', bytes);
    const calls = scene.kmsCalls();
    const [first] = scene.down('north-1');
    await scene.handshake('north-1', bytes, bytes, bytes);
    scene.restart();
    await scene.handshake('north-1', bytes);
    const again = scene.down('north-1');
    expect(again).toHaveLength(4);
    for (const answer of again) expect(answer).toEqual(first);
    expect(scene.kmsCalls()).toBe(calls);
    expect(scene.types(meter!).filter((type) => type === 'EpochProposed')).toHaveLength(1);
  });

  it('D2: a HELLO that was signed again is the same HELLO', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const { hello } = await meter!.hello(1);
    const again = await encodeHello(hello.message, signerOf(meter!.privateKey));
    expect(again.bytes).not.toEqual(hello.bytes);
    await scene.handshake('north-1', hello.bytes, again.bytes);
    const [first, second] = scene.down('north-1');
    expect(second).toEqual(first);
    expect(scene.world.kms.count('deriveSharedSecret')).toBe(1);
  });

  it('D2: one HELLO many times in one invocation agrees once', async () => {
    const scene = await makeScene();
    const { bytes } = (await scene.meters[0]!.hello(1)).hello;
    await scene.handshake('north-1', ...Array.from({ length: 20 }, () => bytes));
    const answers = scene.down('north-1').map((answer) => answer.bytes.toString('hex'));
    expect([answers.length, new Set(answers).size]).toEqual([20, 1]);
    expect(scene.world.kms.count('deriveSharedSecret')).toBe(1);
  });

  it('D2: two workers at once leave one secret and one ACCEPT', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const said = await meter!.hello(1);
    const first = scene.handshake('north-1', said.hello.bytes);
    scene.restart();
    const responses = await Promise.all([first, scene.handshake('north-1', said.hello.bytes)]);
    expect(responses.flatMap(failedIds)).toEqual([]);
    const answers = scene.down('north-1').map(({ bytes }) => bytes.toString('hex'));
    expect(new Set(answers).size).toBe(1);
    expect(scene.types(meter!).filter((type) => type === 'EpochProposed')).toHaveLength(1);
    const kept = await new EpochVault(scene.world.as('keys')).secret(meter!.meterId, 1);
    expect(kept).toEqual(meter!.secret(said, Buffer.from(answers[0]!, 'hex')));
  });

  it('a crash at any point heals with the next delivery', async () => {
    for (const crash of ['before commit', 'after commit', 'at publish'] as const) {
      const scene = await makeScene();
      const [meter] = scene.meters;
      const said = await meter!.hello(1);
      const { world } = scene;
      const fail = () => {
        throw new Error('power cut');
      };
      if (crash === 'before commit') world.events.beforeAppend = fail;
      if (crash === 'after commit') world.events.afterAppend = fail;
      const push = world.published.push.bind(world.published);
      if (crash === 'at publish') world.published.push = fail;
      expect(failedIds(await scene.handshake('north-1', said.hello.bytes)), crash).toEqual(['message-0']);
      world.events.beforeAppend = undefined;
      world.events.afterAppend = undefined;
      world.published.push = push;
      scene.restart();
      expect(failedIds(await scene.handshake('north-1', said.hello.bytes)), crash).toEqual([]);
      const [answer] = scene.down('north-1');
      expect(await new EpochVault(world.as('keys')).secret(meter!.meterId, 1)).toEqual(meter!.secret(said, answer!.bytes));
      expect(world.kms.count('deriveSharedSecret'), crash).toBe(1);
    }
  });

  it('D2: a lower or far number is answered with EPOCH-IS, bound to the nonce, once in 10 minutes', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await scene.handshake('north-1', (await meter!.hello(5)).hello.bytes);
    scene.down('north-1');
    const far = await meter!.hello(40);
    await scene.handshake('north-1', far.hello.bytes);
    const [answer] = scene.down('north-1');
    expect(classifyDownlink(answer!.bytes)).toBe('epoch-is');
    const epochIs = parseEpochIs(answer!.bytes);
    expect(epochIs.message).toMatchObject({ meterId: meter!.meterId, nonce: far.hello.message.nonce, epoch: 5 });
    const signers = scene.keyring.keys.filter(({ use }) => use === 'handshake');
    expect(signers.some(({ spki }) => verifyDaySigned(epochIs, createPublicKey({ key: spki, format: 'der', type: 'spki' })))).toBe(true);
    const calls = scene.kmsCalls();
    await scene.handshake('north-1', (await meter!.hello(3)).hello.bytes, (await meter!.hello(5)).hello.bytes);
    expect(scene.down('north-1')).toEqual([]);
    expect(scene.kmsCalls()).toBe(calls);
    scene.world.clock.advance(10 * 60_000);
    await scene.handshake('north-1', (await meter!.hello(3)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
    expect(scene.reasons(meter!)).toEqual(['epoch-too-far', 'epoch-used', 'epoch-used', 'epoch-used']);
  });

  it('C10.1-6: a HELLO that names an unknown agreement key is answered with the key manifest', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const calls = scene.kmsCalls();
    await scene.handshake('north-1', (await meter!.hello(1, { agreementKeyId: '0123456789abcdef' })).hello.bytes);
    const [answer] = scene.down('north-1');
    expect(classifyDownlink(answer!.bytes)).toBe('keys');
    expect(openManifest(answer!.bytes, scene.root.publicKey, 0).version).toBe(1);
    expect(scene.kmsCalls()).toBe(calls);
    expect(scene.reasons(meter!)).toEqual(['agreement-key-unknown']);
  });

  it('property: any order and repetition of HELLOs gives one ACCEPT each, at most, and one secret each', async () => {
    const orders = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(orders, fc.array(fc.boolean(), { minLength: 14, maxLength: 14 }), async (order, restarts) => {
        const scene = await makeScene();
        const [meter] = scene.meters;
        const said = await Promise.all([1, 2, 2, 3, 5, 16].map((epoch) => meter!.hello(epoch)));
        const accepts = new Map<number, Set<string>>();
        for (const [i, which] of order.entries()) {
          if (restarts[i]) scene.restart();
          expect(failedIds(await scene.handshake('north-1', said[which]!.hello.bytes))).toEqual([]);
          for (const { bytes } of scene.down('north-1')) {
            if (classifyDownlink(bytes) !== 'accept') continue;
            expect(parseAccept(bytes).message.helloHash).toEqual(helloHashOf(said[which]!.hello));
            accepts.set(which, (accepts.get(which) ?? new Set()).add(bytes.toString('hex')));
          }
        }
        const vault = new EpochVault(scene.world.as('keys'));
        for (const [which, bytes] of accepts) {
          expect(bytes.size).toBe(1);
          const { epoch } = said[which]!.hello.message;
          expect(await vault.secret(meter!.meterId, epoch)).toEqual(meter!.secret(said[which]!, Buffer.from([...bytes][0]!, 'hex')));
        }
        expect(scene.world.kms.count('deriveSharedSecret')).toBe(accepts.size);
        const rows = [...scene.world.keys.rows.keys()].filter((id) => id.startsWith('epoch/'));
        expect(rows).toHaveLength(accepts.size);
      }),
      { numRuns: 25 },
    );
  });

  it('C10.1-6: 44 days offline cost no number: the next HELLO gets its epoch', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await scene.handshake('north-1', (await meter!.hello(1)).hello.bytes);
    scene.world.clock.advance(44 * DAY + 3 * HOUR);
    scene.restart();
    scene.down('north-1');
    const said = await meter!.hello(16);
    await scene.handshake('north-1', said.hello.bytes);
    expect(classifyDownlink(scene.down('north-1')[0]!.bytes)).toBe('accept');
  });
});
