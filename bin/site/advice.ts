import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SoftwareKms } from '../../platform/embedded/kms/kms.ts';
import type { ApplicationFault } from '../../protocol/application/manifest.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { UsageError } from '../terminal/fail.ts';
import type { LiveLine } from './live.ts';
import { applicationKeys, PUBLISHER } from './sign.ts';

/** What a state directory says whom to trust: read beside the service that may be running on it. @throws UsageError where none ever ran */
export async function ownTrust(stateDir: string): Promise<{ readonly keys: Readonly<Record<string, string>>; readonly ca: string }> {
  const path = (...names: string[]) => join(stateDir, ...names);
  const root = path('ca', 'root.crt.pem');
  if (!existsSync(path('kms.db')) || !existsSync(root))
    throw new UsageError(
      `${stateDir}: no state of a service there; npm start says its own on the line "Joulekeep is up", or keeps one with --state DIR`,
    );
  const kms = new SoftwareKms({
    ...{ path: path('kms.db'), rootKeyPath: path('kms-root.key') },
    ...{ clock: { now: Date.now }, defences: ALL_DEFENCES },
  });
  try {
    return { keys: await applicationKeys({ kms: kms.as(PUBLISHER) }), ca: readFileSync(root, 'utf8') };
  } finally {
    kms.close();
  }
}

/** @throws UsageError for a file that is not there, or no certificate */
export function certificateIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--ca ${file}: ${(error as Error).message}`);
  }
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new UsageError(`--ca ${file}: no certificate in PEM; that of a service is DIR/ca/root.crt.pem`);
  return text;
}

const TLS_FAULTS = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];

/** Why a site could not be asked, and what to do about it. */
export function unreachable(address: string, error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND')
    return new UsageError(
      `${address}: nobody answers there (${code}); is the service running, and is that the address of "Portal for customers" or "Console" that it printed?`,
    );
  if (TLS_FAULTS.includes(code))
    return new UsageError(
      `${address}: its certificate is of an authority that is not trusted (${code}); give --state DIR, or --ca DIR/ca/root.crt.pem of the service`,
    );
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID'
    ? new UsageError(`${address}: its certificate is of another name; ask for it as https://localhost:PORT`)
    : error;
}

/** What findings commonly mean, for whoever has to do something about them. */
const ADVICE: Readonly<Partial<Record<ApplicationFault | 'status 404', string>>> = {
  'unknown-key': 'The manifest is signed by a key that is not trusted here: is --state, or --key, of the service at that address?',
  'wrong-signature': 'The signature does not fit: whoever serves the manifest, or stands between, changed it. Use nothing of it.',
  'another-application': 'The manifest is of the other site: --application console, or portal, says which one is meant.',
  'older-version': 'An older version than --at-least is served: whoever serves it puts an old one in place of the new.',
  'file-altered': 'A file is not the one that was signed: whoever serves it, or stands between, changed it. Use nothing of it.',
  'status 404': 'Something is not there: npm run build:web, then start the service again.',
};

/** A line for each kind of finding that there is something to say of. */
export function adviceOf(lines: readonly LiveLine[]): readonly string[] {
  const all = new Set<string>(lines.flatMap(({ findings }) => findings));
  return Object.entries(ADVICE).flatMap(([finding, advice]) => (all.has(finding) ? [advice] : []));
}
