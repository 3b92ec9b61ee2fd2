import { beforeAll, describe, expect, it } from 'vitest';
import type { BilledDay } from '../../bin/proof/proven-days.ts';
import { checkSeals } from '../../bin/proof/proven-seals.ts';
import { FRAME, METER } from '../meterday/days.ts';
import { authority, type Certified, certificate, type Pair, type Part, pair, sealedPart } from './sealed-days.ts';

const [METERS, OWN, OTHER] = [pair(), pair(), pair()];
const NOON = FRAME.start + 12 * 3600;
/** The first day is over, UTC ms. */
const OVER = FRAME.end * 1000;
const MORNING = { end: NOON };
const EVENING = { start: NOON, part: 2 };
const FIRST = `meterday/${METER}/${FRAME.day}.1`;

let trust: Parameters<typeof checkSeals>[2];
beforeAll(async () => {
  trust = { checkpointKeys: [], meterAuthorities: [await authority(METERS)] };
});

async function found(days: readonly BilledDay[], certified: readonly Partial<Certified>[] = [{}], trusted = trust) {
  const ders = await Promise.all(certified.map((one) => certificate({ of: OWN, by: METERS, ...one })));
  const certificates = ders.map((der) => ({ meterId: METER, certificate: der.toString('base64') }));
  return checkSeals(days, certificates, trusted);
}

const whole = (more: Part = {}, later = 0) => sealedPart({ sealedBy: OWN, ...more }, later);
const halves = async (morning: Part, evening: Part) => [
  await whole({ frame: MORNING, ...morning }),
  await whole({ frame: EVENING, ...evening }),
];

describe('a day that its meter sealed', () => {
  it('R9.2-2, C10.1-7: is shown, in two parts of one bill as well', async () => {
    expect(await found([await whole()])).toMatchObject({ sealed: 1, divided: 0, onWord: [], keys: [{ meterId: METER }] });
    expect(await found(await halves({}, {}))).toMatchObject({ sealed: 1, divided: 0, onWord: [] });
    expect(await found([await whole({ frame: EVENING })])).toMatchObject({ sealed: 0, divided: 1 });
  });

  it.each(['estimated', 'edited', 'held', 'missing'] as const)(
    'R9.2-2, C10.1-7: and that counts one %s interval rests on the utility’s word, in whichever part of it that is',
    async (what) => {
      const outcome = { estimated: 0, edited: 0, held: 0, missing: 0, [what]: 1 };
      const told = { sealed: 1, onWord: [{ stream: FIRST, why: 'replaced' }] };
      expect(await found([await whole({ outcome })])).toMatchObject(told);
      expect(await found(await halves({ outcome }, {}))).toMatchObject(told);
      expect(await found(await halves({}, { outcome }))).toMatchObject(told);
    },
  );
});

describe('the certificates of a seal', () => {
  it('R9.2-2, C10.1-7: are none that had ended before the day did', async () => {
    expect(await found([await whole()], [{ to: OVER }])).toMatchObject({ sealed: 1 });
    await expect(found([await whole()], [{ to: OVER - 1000 }])).rejects.toThrow(/not by a certificate that is here/);
  });

  it.each<[string, Pair, string]>([
    ['the same name and another key', OTHER, 'CN=meters'],
    ['the same key and another name', METERS, 'CN=concentrators'],
  ])('R9.2-2, C10.1-7: are of the authority itself, not of one of %s', async (_what, keys, name) => {
    const trusted = { ...trust, meterAuthorities: [await authority(keys, name)] };
    await expect(found([await whole()], [{}], trusted)).rejects.toThrow(/no authority of meters that is trusted/);
    const both = { ...trust, meterAuthorities: [...trusted.meterAuthorities, ...trust.meterAuthorities] };
    expect(await found([await whole()], [{}], both)).toMatchObject({ sealed: 1 });
  });

  it('R9.2-2, C10.1-7: are of the meter that they are said to be of', async () => {
    const refused = found([await whole()], [{ subject: 'CN=meter-00124b0000000001' }]);
    await expect(refused).rejects.toThrow(/no authority of meters that is trusted/);
  });

  it('R9.2-2: that sealed none of its days are refused', async () => {
    await expect(found([await whole()], [{}, { of: OTHER }])).rejects.toMatchObject({ check: 'streams' });
    // One that sealed days of another meter is no more the meter's.
    const another = await whole({ frame: { meterId: '00124b0000000001' }, sealedBy: OTHER });
    await expect(found([await whole(), another], [{}, { of: OTHER }])).rejects.toMatchObject({ check: 'streams' });
  });

  it('R9.2-2: are read to the byte, and said to be what can not be read where they are', async () => {
    const day = [await whole()];
    const der = await certificate({ of: OWN, by: METERS });
    const refusedAs = (bytes: Buffer) => () => checkSeals(day, [{ meterId: METER, certificate: bytes.toString('base64') }], trust);
    expect(refusedAs(Buffer.concat([der, Buffer.of(0)]))).toThrow(expect.objectContaining({ check: 'layout' }));
    expect(refusedAs(der.subarray(1))).toThrow(
      expect.objectContaining({ check: 'seal', message: `${METER}: its certificate can not be read` }),
    );
  });
});

describe('a key that was certified after the day', () => {
  const LATER = { stream: FIRST, why: 'certifiedLater' };

  it('R9.2-2, C10.1-7: is named, unless one certificate of it is from before the day was over', async () => {
    expect(await found([await whole()], [{ from: OVER }])).toMatchObject({ onWord: [] });
    expect(await found([await whole()], [{ from: OVER + 1000 }])).toMatchObject({ onWord: [LATER] });
    for (const certified of [
      [{ from: OVER + 1000 }, {}],
      [{}, { from: OVER + 1000 }],
    ]) {
      const report = await found([await whole()], certified);
      expect(report).toMatchObject({ sealed: 1, onWord: [] });
      expect(report.keys).toHaveLength(1);
    }
  });

  it('R9.2-2, C10.1-7: is named whatever other keys of the meter are from before', async () => {
    const days = [await whole(), await whole({ sealedBy: OTHER }, 1)];
    const report = await found(days, [{}, { of: OTHER, from: OVER + 86_401_000 }]);
    expect(report).toMatchObject({ sealed: 2, onWord: [{ stream: days[1]!.stream, why: 'certifiedLater' }] });
    expect(report.keys).toHaveLength(2);
  });

  it('R9.2-2: is none where the seal came with one part of the day alone', async () => {
    expect(await found(await halves({}, { sealedBy: undefined }))).toMatchObject({ sealed: 1, onWord: [] });
    expect(await found(await halves({ sealedBy: undefined }, {}))).toMatchObject({ sealed: 1, onWord: [] });
  });
});
