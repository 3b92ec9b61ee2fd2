import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { trustIn } from '../../bin/proof/trust.ts';
import { UsageError } from '../../bin/terminal/fail.ts';
import { deviceKey, MemoryCa } from '../support/memory-ca.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [first, second] = [pair(), pair()];
const pemOf = ({ publicKey }: ReturnType<typeof pair>) => publicKey.export({ type: 'spki', format: 'pem' }).toString();
const derOf = ({ publicKey }: ReturnType<typeof pair>) => publicKey.export({ type: 'spki', format: 'der' });

async function certificate(commonName: string): Promise<string> {
  const { csr } = await deviceKey(commonName);
  const validity = { notBefore: Date.UTC(2026, 0, 1), notAfter: Date.UTC(2027, 0, 1) };
  const der = await new MemoryCa().issue('meter', csr, { commonName, ...validity });
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

it('C10.1-7: all keys and authorities of the file are trusted, in whatever order and whatever stands between them', async () => {
  const [one, other] = [await certificate('one'), await certificate('other')];
  const { checkpointKeys, meterAuthorities } = trustIn(`${one}of 2026\n${pemOf(first)}${other}${pemOf(second)}`, 'keys.pem');
  expect(checkpointKeys).toEqual([derOf(first), derOf(second)]);
  expect(meterAuthorities.map(({ subject }) => subject)).toEqual(['CN=one', 'CN=other']);
});

it('C10.1-7: neither an authority of meters nor a private key stands in for the key that signs checkpoints', async () => {
  const secret = first.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  for (const pem of [await certificate('one'), secret])
    expect(() => trustIn(pem, 'keys.pem')).toThrow(/^keys\.pem: there is no PUBLIC KEY/);
});

it('C10.1-7: with a block that can not be read nothing of the file is trusted', () => {
  const torn = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(() => trustIn(pemOf(first) + torn, 'keys.pem')).toThrow(UsageError);
  expect(() => trustIn(pemOf(first) + torn.replaceAll('CERTIFICATE', 'PUBLIC KEY'), 'keys.pem')).toThrow(/^keys\.pem: /);
});

it('C10.1-7: nor with one that has no end, or that of another: what is torn is not left out in silence', async () => {
  const [whole, end] = [await certificate('one'), '-----END CERTIFICATE-----'];
  const [endless, other] = ['', '-----END PUBLIC KEY-----'].map((instead) => whole.replace(end, instead));
  for (const pem of [pemOf(first) + endless, endless + pemOf(first), pemOf(first) + other, other + pemOf(first)])
    expect(() => trustIn(pem, 'keys.pem')).toThrow(/^keys\.pem: a block in it has no end/);
  expect(trustIn(pemOf(first) + whole, 'keys.pem').meterAuthorities).toHaveLength(1);
});
