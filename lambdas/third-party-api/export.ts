import { createPublicKey } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import type { ProblemName } from '../../api/problems.ts';
import type { PullQuery } from '../../api/third-party.ts';
import type { KnownRecipient } from '../../domain/recipient/recipient.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import type { Defences } from '../../topology/defences.ts';
import { exportBulk } from '../third-party/bulk-export.ts';
import type { Disclosures } from '../third-party/disclosure.ts';
import { consentOf, windowOf } from './pull.ts';
import type { Bearing } from './token.ts';

export interface ExportParts {
  readonly platform: Platform;
  readonly disclosures: Disclosures;
  readonly defences: Defences;
}

/**
 * A subscription's window as one file, signed and sealed to the key that the recipient registered. Consent is decided for every page of it:
 * one that ends on the way ends the file.
 * @source X.1332 9.3
 */
export async function exportSubscription(
  { platform, disclosures, defences }: ExportParts,
  { sealingKey, recipientId }: KnownRecipient,
  { consentId }: Bearing,
  query: PullQuery,
  requestId: string,
): Promise<APIGatewayProxyResult | { readonly refused: ProblemName }> {
  if (sealingKey === undefined) return { refused: 'sealing-key-missing' };
  const consent = await consentOf(platform.events, consentId);
  if (consent === undefined) return { refused: 'consent-missing' };
  const recipientKey = createPublicKey({ key: Buffer.from(sealingKey, 'base64'), format: 'der', type: 'spki' });
  const { resolution = consent.resolution } = query;
  const ask = { recipient: recipientId, consentId, window: windowOf(consent, query), resolution, requestId, recipientKey };
  const made = await exportBulk(platform, disclosures, ask, defences);
  if (made.outcome === 'refused') return { refused: made.why };
  return { statusCode: 200, headers: { 'content-type': 'application/jose' }, body: made.file };
}
