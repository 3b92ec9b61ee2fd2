import { createHash, type KeyObject } from 'node:crypto';
import { CompactEncrypt } from 'jose';
import { type DisclosureRefusal, JoulekeepError } from '../../events/index.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { keyThumbprint } from '../../protocol/key-list.ts';
import type { Defences } from '../../topology/defences.ts';
import { JwsSigner } from '../shared/feeds/jws-signer.ts';
import type { DisclosureAsk, Disclosures } from './disclosure.ts';

export interface BulkAsk extends Omit<DisclosureAsk, 'cursor' | 'via'> {
  /** Public key that the recipient registered for files, on P-256. */
  readonly recipientKey: KeyObject;
}

export type BulkExport =
  | { readonly outcome: 'exported'; readonly file: string; readonly rows: number }
  | { readonly outcome: 'refused'; readonly why: DisclosureRefusal };

/** What the first line of an export says, signed. */
export interface ExportManifest {
  readonly format: 'joulekeep-export-1';
  readonly recipient: string;
  readonly consentId: string;
  readonly requestId: string;
  readonly resolution: DisclosureAsk['resolution'];
  /** UTC ms. */
  readonly from: number;
  readonly until: number;
  readonly createdAt: number;
  /** Rows of all series, and bills. */
  readonly rows: number;
  /** SHA-256 of each line behind this one, base64url, in their order. */
  readonly lines: readonly string[];
}

/** `typ` of the signature. */
export const EXPORT_TYP = 'joulekeep-export+jws';

type ExportDefences = Pick<Defences, 'signedExports' | 'sealedExports'>;

/**
 * A whole window as one file: a manifest as JWS, then a line of JSON per series and page, and per bill; sealed as compact JWE to the recipient's key,
 * so that whoever carries or stores it reads nothing. A consent that ends on the way ends the file.
 * @source X.1332 9.3 (confidentiality and integrity from MDMS to third party)
 * @throws ERR_RECIPIENT_KEY for a key that isn't a public one on P-256
 */
export async function exportBulk(
  platform: Platform,
  disclosures: Disclosures,
  { recipientKey, ...ask }: BulkAsk,
  defences: ExportDefences,
): Promise<BulkExport> {
  checkKey(recipientKey);
  const lines: string[] = [];
  let rows = 0;
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await disclosures.disclose({ ...ask, via: 'bulk', ...(cursor === undefined ? {} : { cursor }) });
    if (page.outcome === 'refused') return page;
    lines.push(...page.series.map((series) => JSON.stringify(series)), ...page.bills.map((bill) => JSON.stringify({ bill })));
    rows += page.rows;
    cursor = page.next;
  }
  const body = defences.signedExports ? [await manifestOf(platform, ask, lines, rows), ...lines] : lines;
  const plain = `${body.join('\n')}\n`;
  return { outcome: 'exported', rows, file: defences.sealedExports ? await sealedTo(recipientKey, plain) : plain };
}

async function manifestOf(platform: Platform, ask: Omit<BulkAsk, 'recipientKey'>, lines: readonly string[], rows: number): Promise<string> {
  const { recipient, consentId, requestId, resolution, window } = ask;
  const manifest: ExportManifest = {
    ...{ format: 'joulekeep-export-1', recipient, consentId, requestId, resolution, ...window },
    createdAt: platform.clock.now(),
    rows,
    lines: lines.map((line) => createHash('sha256').update(line).digest('base64url')),
  };
  return await new JwsSigner(platform.kms, 'third-party-feed', EXPORT_TYP).sign(manifest);
}

async function sealedTo(key: KeyObject, plain: string): Promise<string> {
  const header = { alg: 'ECDH-ES+A256KW', enc: 'A256GCM', typ: 'joulekeep-export+jwe', kid: keyThumbprint(key) };
  return await new CompactEncrypt(Buffer.from(plain)).setProtectedHeader(header).encrypt(key);
}

function checkKey(key: KeyObject): void {
  if (key.type !== 'public' || key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new JoulekeepError('ERR_RECIPIENT_KEY', 'files are sealed to a public key on P-256');
}
