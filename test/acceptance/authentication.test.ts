import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { enrolMeters } from '../../lambdas/enrol/enrol-meters.ts';
import { loadKeyring } from '../../lambdas/shared/keys/manifest.ts';
import { readParcel } from '../../protocol/batch.ts';
import { signerOf } from '../../protocol/cose.ts';
import { sealFrame } from '../../protocol/frame.ts';
import {
  type Accept,
  ecdh,
  encodeAccept,
  encodeHello,
  ephemeralPair,
  type Hello,
  helloHashOf,
  parseAccept,
  parseHello,
  type SignedMessage,
  SUITE,
  spkiToPoint,
} from '../../protocol/handshake.ts';
import { agreeEpochSecret, epochKeys, generationOf } from '../../protocol/keys.ts';
import { encodePlaintext } from '../../protocol/plaintext.ts';
import { concentratorThing, downTopic, meterThing, TOPIC_RULES, upTopic } from '../../topology/device-access.ts';
import { dayKeyBy } from '../support/day-key.ts';
import { pair } from '../support/mdms.ts';
import { deviceKey } from '../support/memory-ca.ts';
import { HOUR, MINUTE, MONDAY, Street } from './street.ts';

const stranger = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const DC = concentratorThing('dc-1');

/** Sends a handshake message over dc-1. */
async function say(street: Street, bytes: Buffer): Promise<void> {
  await street.seats.get('dc-1')!.link.publish(upTopic(TOPIC_RULES.handshake, DC), bytes);
  await street.service.settle();
}

/** What went down to a meter over dc-1 since the wire was last cleared. */
function sentTo(street: Street, meterId: string): Buffer[] {
  return street.wire
    .filter(({ topic }) => topic === downTopic(DC))
    .flatMap(({ payload }) => readParcel(payload).filter((item) => item.meterId === meterId))
    .map(({ bytes }) => bytes);
}

async function meterEvents(street: Street, meterId: string) {
  return street.service.events(`meter/${meterId}`);
}

async function phases(street: Street, meterId: string): Promise<string[]> {
  return (await meterEvents(street, meterId)).map(({ type }) => type).filter((type) => type.startsWith('Epoch'));
}

describe('mutual authentication', () => {
  it('C10.1-2: a false MDMS is refused by the meter', async () => {
    const street = await Street.open({ meters: 1, dcIds: ['dc-1'] });
    const { meter, home } = street.member(0);
    let hello: SignedMessage<Hello> | undefined;
    street.tampering.set('dc-1', {
      up: (output) => {
        if (output.kind === 'hello') hello = parseHello(output.bytes);
        return [output];
      },
      // in place of every answer: an ACCEPT with everything right but who certified its key
      down: () => [],
    });
    await street.round(MONDAY + 3 * MINUTE);
    const { keys } = await loadKeyring(street.service.platform.as('keys'));
    const { keyId } = keys.find(({ use }) => use === 'handshake')!;
    const now = street.now;
    const falseMdms = await dayKeyBy(pair(), now, { handshakeKeyId: keyId });
    const midnights = Array.from({ length: 14 }, (_, day) => (MONDAY + (day + 1) * 24 * HOUR) / 1000);
    const accept: Accept = {
      meterId: home.meterId,
      epoch: hello!.message.epoch,
      suite: SUITE.p256,
      ephemeral: ephemeralPair().point,
      helloHash: helloHashOf(hello!),
      notBefore: now,
      notAfter: now + 10 * 24 * HOUR,
      messageLimit: 65_536,
      utc: now,
      midnights,
      dayKey: falseMdms.dayKey,
    };
    await meter.receive((await encodeAccept(accept, falseMdms.sign)).bytes, now);
    expect([meter.status.epoch, meter.status.pendingEpoch, meter.refusals.size]).toEqual([undefined, undefined, 1]);
    street.tampering.clear();
    await street.live(MONDAY + 4 * HOUR);
    expect(meter.status.epoch).toBeGreaterThan(0);
    await street.close();
  });

  it('C10.1-2: a false meter and a revoked certificate are refused, of a meter as of a concentrator', async () => {
    const street = await Street.open({ meters: 2 });
    street.keepWire = true;
    const { meterId } = street.member(0).home;
    await street.live(MONDAY + 2 * HOUR);
    street.wire.splice(0);
    const hello = await helloOf(street, meterId, 5);
    await say(street, (await encodeHello(hello, signerOf(stranger()))).bytes);
    expect(sentTo(street, meterId)).toEqual([]);
    const { privateKey } = street.member(0).meter.identity;
    const registry = street.service.platform.as('enrol').devices;
    const [certificate] = (await registry.find(meterThing(meterId)))!.certificates;
    await registry.revoke(certificate!.fingerprint);
    await say(street, (await encodeHello({ ...hello, epoch: 6 }, signerOf(privateKey))).bytes);
    expect(sentTo(street, meterId)).toEqual([]);
    const refused = (await meterEvents(street, meterId)).flatMap((event) => (event.type === 'EpochRefused' ? [event.data.reason] : []));
    expect(refused).toEqual(['not-authentic', 'certificate-revoked']);
    const [relay] = (await registry.find(concentratorThing('dc-2')))!.certificates;
    await registry.revoke(relay!.fingerprint);
    const before = street.published.batches;
    await street.live(MONDAY + 3 * HOUR);
    expect(street.service.platform.broker.connected).toEqual([DC]);
    expect(street.published.batches).toBe(before + 1);
    await street.close();
  });

  it('C10.1-2: a meter with a valid certificate that is not in stock, or is active as another, is refused (D13)', async () => {
    const street = await Street.open({ meters: 1, dcIds: ['dc-1'] });
    street.keepWire = true;
    await street.live(MONDAY + 2 * HOUR);
    street.wire.splice(0);
    const enrol = street.service.platform.as('enrol');
    const unknown = '02aabbccddeeff00';
    const { privateKey, csr } = await deviceKey(meterThing(unknown));
    await enrol.devices.issueCertificate(meterThing(unknown), 'meter', csr);
    await say(street, (await encodeHello(await helloOf(street, unknown, 1), signerOf(privateKey))).bytes);
    const { home } = street.member(0);
    const twin = await deviceKey(meterThing(home.meterId));
    const certificate = await enrol.devices.issueCertificate(meterThing(home.meterId), 'meter', twin.csr);
    await enrolMeters(enrol, [{ ...home, certificate }]).catch(() => undefined);
    await say(street, (await encodeHello(await helloOf(street, home.meterId, 9), signerOf(twin.privateKey))).bytes);
    expect(sentTo(street, unknown).concat(sentTo(street, home.meterId))).toEqual([]);
    expect(await phases(street, unknown)).toEqual([]);
    await street.close();
  });
});

describe('message authentication', () => {
  it('C10.1-3: wrong confirmation: the epoch stays pending, over MQTT as well', async () => {
    const street = await Street.open({ meters: 1, dcIds: ['dc-1'] });
    street.keepWire = true;
    const { meterId } = street.member(0).home;
    const ephemeral = ephemeralPair();
    const plain = { ...(await helloOf(street, meterId, 1)), ephemeral: ephemeral.point };
    const hello = await encodeHello(plain, signerOf(street.member(0).meter.identity.privateKey));
    await say(street, hello.bytes);
    const accept = parseAccept(sentTo(street, meterId)[0]!);
    const agreement = (await loadKeyring(street.service.platform.as('keys'))).keys.find(({ use }) => use === 'agreement')!;
    const z1 = ecdh(ephemeral.privateKey, spkiToPoint(agreement.spki));
    const secret = agreeEpochSecret(hello.tbs, accept.tbs, z1, ecdh(ephemeral.privateKey, accept.message.ephemeral));
    const { chain0, confirmation } = epochKeys(secret);
    const fin = (value: Buffer, counter: number): Buffer => {
      const plaintext = encodePlaintext({ kind: 'fin', flags: 0, confirmation: value });
      return sealFrame({ meterId, epoch: 1, generation: 0, salt: 3, counter }, generationOf(chain0, 0), plaintext);
    };
    await street.inject('dc-1', [fin(randomBytes(16), 1)]);
    await street.service.settle();
    expect(await phases(street, meterId)).toEqual(['EpochProposed']);
    expect((await street.service.recorded()).refusedByReason).toEqual({ 'wrong-confirmation': 1 });
    await street.inject('dc-1', [fin(confirmation.subarray(0, 16), 2)]);
    await street.service.settle();
    expect(await phases(street, meterId)).toEqual(['EpochProposed', 'EpochActivated']);
    await street.close();
  });
});

async function helloOf(street: Street, meterId: string, epoch: number): Promise<Hello> {
  const { keys } = await loadKeyring(street.service.platform.as('keys'));
  const agreementKeyId = keys.find(({ use }) => use === 'agreement')!.keyId;
  return { meterId, epoch, suite: SUITE.p256, ephemeral: ephemeralPair().point, nonce: randomBytes(16), agreementKeyId };
}
