import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { signerOf } from '../../protocol/cose.ts';
import { decodeCertificate, openDownlink } from '../../protocol/downlink.ts';
import { encodeRenewal } from '../../protocol/handshake.ts';
import { epochKeys } from '../../protocol/keys.ts';
import { meterThing } from '../../topology/device-access.ts';
import { csrFor, deviceKey } from '../support/memory-ca.ts';
import { failedIds } from '../support/sqs.ts';
import { DAY, HOUR, makeScene, type Scene, type TestMeter, withEpoch } from './scene.ts';

/** Opens what came down as the meter does. */
function certificateIn(scene: Scene, meter: TestMeter, secret: Buffer): { certificate: X509Certificate; dnSeq: number } {
  const [item] = scene.down('north-1');
  const message = openDownlink(item!.bytes, () => epochKeys(secret).macDown);
  expect([message.type, message.meterId]).toEqual(['certificate', meter.meterId]);
  return { certificate: new X509Certificate(decodeCertificate(message.body).certificate), dnSeq: message.dnSeq };
}

async function statuses(scene: Scene, meter: TestMeter): Promise<string[]> {
  return (await scene.world.devices.find(meterThing(meter.meterId)))!.certificates.map(({ status }) => status);
}

describe('renewal of a meter certificate', () => {
  it('C10.1-2, C10.1-6: a new key gets its certificate over the live link, signed for by the old one', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const secret = await withEpoch(scene, meter!);
    const { bytes, privateKey, publicKey } = await meter!.renewal();
    expect(failedIds(await scene.handshake('north-1', bytes))).toEqual([]);
    const { certificate } = certificateIn(scene, meter!, secret);
    expect(certificate.publicKey.equals(publicKey)).toBe(true);
    expect(scene.types(meter!)).toContain('CertificateRenewed');
    expect(scene.world.events.eventsOf('segment/00000').at(-1)).toMatchObject({
      type: 'DownlinksIssued',
      data: { messages: [{ kind: 'certificate' }] },
    });
    const oldKey = meter!.privateKey;
    await scene.handshake('north-1', (await meter!.hello(2)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
    meter!.privateKey = privateKey;
    await scene.handshake('north-1', (await meter!.hello(3)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
    expect(await statuses(scene, meter!)).toEqual(['revoked', 'active']);
    meter!.privateKey = oldKey;
    await scene.handshake('north-1', (await meter!.hello(4)).hello.bytes);
    expect(scene.down('north-1')).toEqual([]);
    expect(scene.reasons(meter!)).toEqual(['certificate-revoked']);
  });

  it('is issued once per key, however often it is asked for', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    const secret = await withEpoch(scene, meter!);
    const { bytes } = await meter!.renewal();
    await scene.handshake('north-1', bytes);
    const first = certificateIn(scene, meter!, secret);
    scene.restart();
    await scene.handshake('north-1', bytes);
    const again = certificateIn(scene, meter!, secret);
    expect(again.certificate.fingerprint256).toBe(first.certificate.fingerprint256);
    expect(again.dnSeq).toBeGreaterThan(first.dnSeq);
    expect(scene.types(meter!).filter((type) => type === 'CertificateRenewed')).toHaveLength(1);
    expect(await statuses(scene, meter!)).toEqual(['active', 'active']);
  });

  it('heals after a crash between issuing and recording', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await withEpoch(scene, meter!);
    const { bytes } = await meter!.renewal();
    scene.world.events.beforeAppend = () => {
      throw new Error('power cut');
    };
    expect(failedIds(await scene.handshake('north-1', bytes))).toEqual(['message-0']);
    scene.world.events.beforeAppend = undefined;
    scene.restart();
    await scene.handshake('north-1', bytes);
    expect(await statuses(scene, meter!)).toEqual(['active', 'active']);
    expect(scene.down('north-1')).toHaveLength(1);
  });

  it('C10.1-2: is refused when signed by a stranger, for another subject, for a key the sender does not hold, or too often', async () => {
    const scene = await makeScene({ meters: 2 });
    const [meter, other] = scene.meters;
    await withEpoch(scene, meter!);
    const renewalWith = async (csr: Buffer, signer = meter!.privateKey) =>
      (await encodeRenewal({ meterId: meter!.meterId, csr }, signerOf(signer))).bytes;
    const stranger = await deviceKey(meterThing(meter!.meterId));
    const wrongName = await deviceKey(meterThing(other!.meterId));
    const notHeld = await csrFor(meterThing(meter!.meterId), wrongName.privateKey, stranger.publicKey);
    const hostile = [
      await renewalWith(stranger.csr, stranger.privateKey),
      await renewalWith(stranger.csr, other!.privateKey),
      await renewalWith(wrongName.csr),
      await renewalWith(notHeld),
      await renewalWith(Buffer.from('no request')),
    ];
    await scene.handshake('north-1', ...hostile);
    expect(scene.allDown()).toEqual([]);
    expect(await statuses(scene, meter!)).toEqual(['active']);
    expect(scene.reasons(meter!).sort()).toEqual([
      'not-authentic',
      'not-authentic',
      'request-refused',
      'request-refused',
      'request-refused',
    ]);
    await scene.handshake('north-1', (await meter!.renewal()).bytes);
    scene.world.clock.advance(HOUR);
    await scene.handshake('north-1', (await meter!.renewal()).bytes);
    expect(scene.reasons(meter!)).toContain('renewal-too-soon');
    scene.world.clock.advance(DAY);
    scene.down('north-1');
    await scene.handshake('north-1', (await meter!.renewal()).bytes);
    expect(scene.types(meter!).filter((type) => type === 'CertificateRenewed')).toHaveLength(2);
  });

  it('C10.1-2: the replaced certificate speaks for 90 days', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await withEpoch(scene, meter!);
    await scene.handshake('north-1', (await meter!.renewal()).bytes);
    scene.allDown();
    scene.world.clock.advance(89 * DAY);
    await scene.handshake('north-1', (await meter!.hello(2)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
    scene.world.clock.advance(2 * DAY);
    await scene.handshake('north-1', (await meter!.hello(3)).hello.bytes);
    expect(scene.down('north-1')).toEqual([]);
  });

  it('C10.1-2: the replaced certificate says nothing more once it is revoked, while the new one goes on', async () => {
    const scene = await makeScene();
    const [meter] = scene.meters;
    await withEpoch(scene, meter!);
    const [replaced] = (await scene.world.devices.find(meterThing(meter!.meterId)))!.certificates;
    const { bytes, privateKey } = await meter!.renewal();
    await scene.handshake('north-1', bytes);
    scene.allDown();
    await scene.world.devices.revoke(replaced!.fingerprint);
    await scene.handshake('north-1', (await meter!.hello(2)).hello.bytes);
    expect(scene.down('north-1')).toEqual([]);
    expect(scene.reasons(meter!)).toEqual(['certificate-revoked']);
    meter!.privateKey = privateKey;
    await scene.handshake('north-1', (await meter!.hello(3)).hello.bytes);
    expect(scene.down('north-1')).toHaveLength(1);
  });
});
