import { createHash, sign, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { corpusOf } from '../../fuzz/corpus.ts';
import { benchPair } from '../../fuzz/keys.ts';
import { openCursor, sealCursor } from '../../lambdas/http/cursor.ts';
import { readTelemetryMessage } from '../../lambdas/ingest/telemetry-message.ts';
import { certificateFault, readCertificate } from '../../lambdas/shared/devices/certificates.ts';
import { leafFault } from '../../platform/doors/leaf-check.ts';
import { compactJws, jwsSigningInput } from '../../protocol/jws.ts';
import { verifyWebhook, WEBHOOK_HEADER, WEBHOOK_TYP, webhookClaims } from '../../protocol/webhook.ts';

const NOW = Date.UTC(2026, 0, 5);

describe('what fuzzing found is answered', () => {
  it('C10.1-2: a certificate whose key cannot be read is refused, not thrown at', () => {
    const unreadable = corpusOf('certificate').filter((der) => !hasKey(der));
    expect(unreadable.length).toBeGreaterThan(0);
    for (const der of unreadable) {
      expect(certificateFault(der, { commonName: 'dc-1', at: NOW })).toMatch(/^certificate-/);
      expect(certificateFault(der, { commonName: 'dc-1', at: NOW, issuer: der })).toBe('certificate-wrong-issuer');
      expect(leafFault(new X509Certificate(der), NOW)).toBeTypeOf('string');
    }
  });

  it('C10.1-2: a certificate that OpenSSL reads though its DER is broken is refused by both checks', () => {
    const broken = readable(corpusOf('certificate')).filter(
      (der) => leafFault(new X509Certificate(der), NOW) === 'unreadable' && hasKey(der),
    );
    expect(broken.length).toBeGreaterThan(0);
    for (const der of broken) expect(certificateFault(der, { commonName: 'dc-1', at: NOW })).toBeTypeOf('string');
  });

  it('C10.1-2: a certificate whose times are none is refused by both checks, whatever lies in memory', () => {
    const timeless = readable(corpusOf('certificate')).filter((der) => timeLess(new X509Certificate(der)) && hasKey(der));
    expect(timeless.length).toBeGreaterThan(0);
    const faults = timeless.map((der) => certificateFault(der, { commonName: 'dc-1', at: NOW }));
    const others = timeless.map((der) => leafFault(new X509Certificate(der), NOW));
    for (const fault of [...faults, ...others]) expect(fault).toBeTypeOf('string');
    expect([faults, others]).toEqual([expect.arrayContaining(['certificate-unreadable']), expect.arrayContaining(['unreadable'])]);
  });

  it.each(['', '{', 'null', '[]', '"text"', '{"dcId":"dc-1","brokerTime":"1","batch":""}'])(
    'a telemetry message %j has one error',
    (body) => {
      expect(() => readTelemetryMessage(body)).toThrow(expect.objectContaining({ code: 'ERR_QUEUE_MESSAGE' }));
    },
  );

  it.each(['', '{', 'null', '7', '[]', '{"id":"usage/7"}', '{"id":"usage/7","recipient":"brightly","body":"","at":"now"}'])(
    'a signed webhook that says %j is malformed',
    (claims) => {
      const { privateKey, publicKey } = benchPair('webhook');
      const signed = (payload: string) => {
        const input = jwsSigningInput({ kid: 'k', typ: WEBHOOK_TYP }, Buffer.from(payload));
        return compactJws(input, sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' }));
      };
      const body = Buffer.from('body');
      const trust = { recipient: 'brightly', keys: new Map([['k', { key: publicKey, typ: WEBHOOK_TYP }]]), now: NOW };
      const verified = (payload: string) =>
        verifyWebhook({ headers: { [WEBHOOK_HEADER.id]: 'usage/7', [WEBHOOK_HEADER.signature]: signed(payload) }, body }, trust);
      expect(verified(claims === '' ? ' ' : claims)).toEqual({ fault: 'malformed' });
      expect(verified(JSON.stringify(webhookClaims('usage/7', 'brightly', body, NOW)))).toMatchObject({ id: 'usage/7' });
    },
  );
});

describe('a place in a list', () => {
  it('C10.2-2: has one spelling', async () => {
    const kms = { generateMac: async (_key: string, data: Buffer) => createHash('sha256').update(data).digest() };
    const cursor = await sealCursor(kms, 'anna', 'days', { after: 7 });
    expect(await openCursor(kms, 'anna', 'days', cursor)).toEqual({ after: 7 });
    for (const other of [`${cursor}=`, `${cursor}.`, `${cursor}.A`, ` ${cursor}`, `${cursor.slice(0, -1)}`, cursor.replace('.', '..')])
      await expect(openCursor(kms, 'anna', 'days', other)).rejects.toMatchObject({ code: 'ERR_CURSOR_REFUSED' });
  });
});

/** What OpenSSL takes for a certificate. */
function readable(ders: readonly Buffer[]): readonly Buffer[] {
  return ders.filter((der) => readCertificate(der) !== undefined);
}

function timeLess({ validFrom, validTo }: X509Certificate): boolean {
  return [validFrom, validTo].some((time) => Number.isNaN(Date.parse(time)));
}

/** Whether OpenSSL reads the certificate's key. */
function hasKey(der: Buffer): boolean {
  try {
    return new X509Certificate(der).publicKey !== undefined;
  } catch (error) {
    return !String((error as Error & { code?: string }).code).includes('OSSL_EVP');
  }
}
