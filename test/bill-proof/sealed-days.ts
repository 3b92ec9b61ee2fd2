import 'reflect-metadata';
import { generateKeyPairSync, sign, webcrypto, X509Certificate } from 'node:crypto';
import { BasicConstraintsExtension, cryptoProvider, KeyUsageFlags, KeyUsagesExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { BilledDay } from '../../bin/proof/proven-days.ts';
import { RECORD_SIZE } from '../../domain/meterday/records.ts';
import type { ChannelOutcome, CollectedChannel, DayFrame } from '../../events/index.ts';
import { chainStep, dayChainStart, encodeSeal } from '../../protocol/profile.ts';
import { meterThing } from '../../topology/device-access.ts';
import { close, collected, FRAME, METER, readings, records, registerAt, stream, valueAt, verified } from '../meterday/days.ts';

cryptoProvider.set(webcrypto as never);

const ES256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const [SLOTS, AN_HOUR, QUARTER] = [96, 4, 900];
const SALT = Buffer.alloc(16, 7);

/** A pair of keys of a meter, or of an authority. */
export const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
export type Pair = ReturnType<typeof pair>;

/** What a certificate says, and by whom. UTC ms. */
export interface Certified {
  readonly of: Pair;
  readonly by: Pair;
  readonly issuer?: string;
  readonly subject?: string;
  readonly from?: number;
  readonly to?: number;
}

/** DER. */
export async function certificate(of: Certified): Promise<Buffer> {
  const { issuer = 'CN=meters', subject = `CN=${meterThing(METER)}`, from = 0, to = Date.UTC(2040, 0, 1) } = of;
  const leaf = await X509CertificateGenerator.create({
    ...{ serialNumber: '01', subject, issuer, notBefore: new Date(from), notAfter: new Date(to), signingAlgorithm: ES256 },
    signingKey: await privateKey(of.by),
    publicKey: of.of.publicKey.export({ format: 'der', type: 'spki' }),
  });
  return Buffer.from(leaf.rawData);
}

/** An authority under a name of its own. */
export async function authority({ publicKey: spki, ...keys }: Pair, name = 'CN=meters'): Promise<X509Certificate> {
  const publicKey = await webcrypto.subtle.importKey('spki', spki.export({ format: 'der', type: 'spki' }), ES256, true, ['verify']);
  const made = await X509CertificateGenerator.createSelfSigned({
    ...{ serialNumber: '02', name, notBefore: new Date(0), notAfter: new Date(Date.UTC(2050, 0, 1)), signingAlgorithm: ES256 },
    keys: { publicKey, privateKey: await privateKey({ publicKey: spki, ...keys }) } as never,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  return new X509Certificate(Buffer.from(made.rawData));
}

async function privateKey(of: Pair) {
  return await webcrypto.subtle.importKey('pkcs8', of.privateKey.export({ format: 'der', type: 'pkcs8' }), ES256, true, ['sign']);
}

/** The meter's day, with every record of it, signed. */
async function sealOf({ privateKey: key }: Pair, { start, end }: DayFrame): Promise<Uint8Array> {
  const bytes = Buffer.from(recordsOf({ ...FRAME, start, end }, start).records);
  let headEnd = dayChainStart(METER, 0, start, SALT);
  for (let hour = 0; hour < SLOTS / AN_HOUR; hour++)
    headEnd = chainStep(headEnd, [bytes.subarray(hour * AN_HOUR * RECORD_SIZE, (hour + 1) * AN_HOUR * RECORD_SIZE)]);
  const channels = [{ headEnd, registerStart: 5_000, registerEnd: registerAt(SLOTS - 1), slots: SLOTS }];
  const of = { meterId: METER, tableVersion: 1, day: 0, start, end, clockStatus: 0, salt: SALT, previous: Buffer.alloc(32), channels };
  const { bytes: seal } = await encodeSeal(of, async (tbs) => sign('sha256', tbs, { key, dsaEncoding: 'ieee-p1363' }));
  return new Uint8Array(seal);
}

/** Of a part, as the meter had them over the day. */
function recordsOf(part: DayFrame, midnight: number): CollectedChannel {
  const first = (part.start - midnight) / QUARTER;
  const count = (part.end - part.start) / QUARTER;
  const list = records(0, count).map(({ slot }) => ({ slot, value: valueAt(first + slot), register: registerAt(first + slot) }));
  return collected(list, { registerBefore: first === 0 ? 5_000 : registerAt(first - 1) }, part);
}

/** How a part of a day came. */
export interface Part {
  readonly frame?: Partial<DayFrame>;
  /** Nobody where it came without. */
  readonly sealedBy?: Pair | undefined;
  /** What is said to stand in place of what was measured. */
  readonly outcome?: Partial<ChannelOutcome>;
}

/** A day as it was billed, or a part of it. @param later days after the first one */
export async function sealedPart({ frame: more = {}, sealedBy, outcome = {} }: Part, later = 0): Promise<BilledDay> {
  const midnight = FRAME.start + later * 86_400;
  const day = new Date(midnight * 1000).toISOString().slice(0, 10);
  const whole: DayFrame = { ...FRAME, day, start: midnight, end: midnight + 86_400 };
  const frame = { ...whole, ...more };
  const seals = sealedBy === undefined ? [] : [await sealOf(sealedBy, whole)];
  const came = readings([recordsOf(frame, midnight)], { frame, seals });
  const { day: state } = stream({ type: 'CollectReadings', readings: came }, verified, close(true, { at: (whole.end + 31 * 3600) * 1000 }));
  state.outcome = { ...state.outcome!, channels: state.outcome!.channels.map((channel) => ({ ...channel, ...outcome })) };
  return { stream: `meterday/${METER}/${day}.${frame.part}`, state, recordedAt: 0 };
}
