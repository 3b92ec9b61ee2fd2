import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { compactDecrypt, compactVerify } from 'jose';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SharedBill, SharedSeries } from '../../exchange/usage/shared-usage.ts';
import { type BulkAsk, type BulkExport, type ExportManifest, exportBulk } from '../../lambdas/third-party/bulk-export.ts';
import { defencesUnderTest } from '../support/defences.ts';
import { billed, computed } from './billed-home.ts';
import { ACCOUNT, at, ConsentWorld, RECIPIENT } from './consent-world.ts';

const recipient = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const window = { from: at('2026-10-01'), until: at('2026-11-15') };

let world: ConsentWorld;
let consent: string;
let signer: KeyObject;
beforeEach(async () => {
  world = await ConsentWorld.make();
  consent = await world.grant();
  signer = createPublicKey({ key: await world.api.kms.getPublicKey('third-party-feed'), format: 'der', type: 'spki' });
});

async function exported(more: Partial<BulkAsk> = {}): Promise<Extract<BulkExport, { outcome: 'exported' }>> {
  const asked = { recipient: RECIPIENT, consentId: consent, window, resolution: 'hour', requestId: 'b-1' } as const;
  const ask = { ...asked, recipientKey: recipient.publicKey, ...more };
  const bulk = await exportBulk(world.api, world.disclosures, ask, defencesUnderTest());
  if (bulk.outcome === 'refused') throw new Error(bulk.why);
  return bulk;
}

async function opened(file: string, key: KeyObject = recipient.privateKey): Promise<string> {
  return Buffer.from((await compactDecrypt(file, key)).plaintext).toString();
}

/** The text of an export, whether or not it came sealed. */
async function textOf(file: string): Promise<string> {
  return file.split('.').length === 5 ? await opened(file) : file;
}

/** What a recipient does with a file that it opened, by a library of its own. @throws for what isn't whole */
async function verified(text: string): Promise<{ manifest: ExportManifest; series: SharedSeries[]; bills: SharedBill[] }> {
  const [head, ...lines] = text.trimEnd().split('\n') as [string, ...string[]];
  const { payload, protectedHeader } = await compactVerify(head, signer, { algorithms: ['ES256'] });
  if (protectedHeader.typ !== 'joulekeep-export+jws') throw new Error('signed for something else');
  const manifest = JSON.parse(Buffer.from(payload).toString()) as ExportManifest;
  const hashes = lines.map((line) => createHash('sha256').update(line).digest('base64url'));
  if (JSON.stringify(hashes) !== JSON.stringify(manifest.lines)) throw new Error('the lines are not those that were signed');
  const told = lines.map((line) => JSON.parse(line) as SharedSeries | { readonly bill: SharedBill });
  const series = told.filter((one) => 'rows' in one);
  const bills = told.flatMap((one) => ('bill' in one ? one.bill : []));
  if (series.reduce((sum, { rows }) => sum + rows.length, bills.length) !== manifest.rows) throw new Error('not so many rows');
  return { manifest, series, bills };
}

describe('a bulk export', () => {
  let text: string;
  beforeEach(async () => {
    text = await textOf((await exported()).file);
  });

  it('R9.3-2: is whole, and says for whom, of which window and how many rows', async () => {
    const { manifest, series } = await verified(text);
    expect(manifest).toMatchObject({ recipient: RECIPIENT, consentId: consent, requestId: 'b-1', resolution: 'hour', ...window, rows: 73 });
    expect(series.flatMap(({ rows }) => rows)).toHaveLength(73);
    expect(world.types(consent).filter((type) => type === 'DataDisclosed').length).toBeGreaterThan(1);
  });

  it('R9.3-2: with a row dropped, changed, doubled or a line moved it fails verification', async () => {
    const lines = (await verified(text)) && text.trimEnd().split('\n');
    const [head, first, ...rest] = lines as [string, string, ...string[]];
    const series = JSON.parse(first) as SharedSeries;
    const withRows = (rows: SharedSeries['rows']) => [head, JSON.stringify({ ...series, rows }), ...rest].join('\n');
    const [row] = series.rows;
    const forged = [
      withRows(series.rows.slice(1)),
      withRows([...series.rows, row!]),
      withRows(series.rows.map((one) => ({ ...one, energyWh: 1 }))),
      [head, ...rest].join('\n'),
      [head, ...rest, first, first].join('\n'),
      lines.slice(1).join('\n'),
      `${head.slice(0, -4)}AAAA\n${[first, ...rest].join('\n')}`,
    ];
    for (const one of forged) await expect(verified(one)).rejects.toThrow();
  });

  it('R9.3-2: has bills among the lines that are signed: one changed, dropped or put in fails verification', async () => {
    await billed(world, ACCOUNT, 'home-1', computed(ACCOUNT, 'home-1'));
    consent = await world.grant({ purpose: 'bill-check', resolution: 'month', dataClasses: ['usage', 'bills'] });
    text = await textOf((await exported({ resolution: 'month' })).file);
    const { bills } = await verified(text);
    expect(bills).toMatchObject([{ totalMicro: '7300000' }]);
    const lines = text.trimEnd().split('\n');
    const isBill = (line: string) => line.startsWith('{"bill"');
    const forged = [
      lines.map((line) => (isBill(line) ? line.replace('7300000', '1300000') : line)),
      lines.filter((line) => !isBill(line)),
      [...lines, lines.find(isBill)!],
    ];
    for (const one of forged) await expect(verified(one.join('\n'))).rejects.toThrow();
  });
});

describe('a sealed file', () => {
  let other: KeyObject;
  beforeAll(() => {
    other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  });

  it('R9.3-1: is readable with its recipient’s key alone', async () => {
    const { file } = await exported();
    expect(file).not.toMatch(/energyWh|Europe|joulekeep-export-1/);
    expect(Buffer.from(file.replaceAll('.', ''), 'base64url').toString('latin1')).not.toMatch(/energyWh|Europe/);
    await expect(opened(file, other)).rejects.toThrow();
    await expect(opened(`${file.slice(0, -2)}AA`)).rejects.toThrow();
    expect((await verified(await opened(file))).manifest.rows).toBe(73);
  });

  it('goes to a public key on P-256 and to nothing else', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey;
    for (const key of [rsa, recipient.privateKey, generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey])
      await expect(exported({ recipientKey: key })).rejects.toMatchObject({ code: 'ERR_RECIPIENT_KEY' });
  });

  it('R9.3-4: does not come to be where the consent ends on the way', async () => {
    const { disclose } = world.disclosures;
    let pages = 0;
    world.disclosures.disclose = async (ask) => {
      if (pages++ === 1) await world.consents.revoke({ account: ACCOUNT }, consent);
      return await disclose.call(world.disclosures, ask);
    };
    await expect(exported()).rejects.toThrow('consent-revoked');
    expect(pages).toBe(2);
  });
});
