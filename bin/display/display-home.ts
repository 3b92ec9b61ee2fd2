import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkProgram, manifestOf, type ProgramFiles, programInput } from '../../devices/home-display/program.ts';
import { type DeviceRoot, FileCounter, SealedRecord } from '../../devices/home-display/sealed-record.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import { compactJws } from '../../protocol/jws.ts';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { UsageError } from '../terminal/fail.ts';

const PROGRAM = 'home-display';
/** Rises by every release of the display's program. */
const VERSION = 1;
const SOURCES = fileURLToPath(new URL('../../', import.meta.url));
/** What the program consists of, besides its own folder. */
const SHARED = [
  'protocol/jws.ts',
  'protocol/key-list.ts',
  'protocol/portable/base64url.ts',
  'protocol/portable/compact-jws.ts',
  'protocol/portable/listed-keys.ts',
  'protocol/portable/values.ts',
  'protocol/price/claims.ts',
  'protocol/price/rules.ts',
  'protocol/gcm.ts',
  'protocol/hkdf.ts',
  'protocol/cbor.ts',
  'events/feed.ts',
  'events/price.ts',
];

/** A display as it hangs in a home: its folder, and what was put there when it was commissioned. */
export interface DisplayHome {
  readonly directory: string;
  /** Pinned. */
  readonly root: KeyObject;
  /** Root of the certificates of the service, PEM. */
  readonly ca: string;
  readonly record: SealedRecord;
  /** PKCS 8, base64; sealed from the first record on. */
  readonly identity: string;
}

/**
 * Commissions a display: a secret of its own, the root that it will trust, its program's manifest signed by that root. A device has
 * the secret and the counter in hardware; here they are files that only their owner reads.
 */
export function commissionDisplay(directory: string, { ca }: Pick<Embedded, 'ca'>): void {
  if (existsSync(join(directory, 'program.jws'))) return;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { manifestRoot, rootPem } = ca;
  const input = programInput(manifestOf(PROGRAM, VERSION, programFiles()), manifestRoot.publicKey);
  write(directory, 'device.secret', randomBytes(32));
  write(directory, 'root.der', manifestRoot.publicKey.export({ format: 'der', type: 'spki' }));
  write(directory, 'ca.pem', Buffer.from(rootPem));
  write(directory, 'program.jws', Buffer.from(compactJws(input, manifestRoot.sign(input))));
}

/**
 * Checks the program before anything of it is loaded, and opens its memory.
 * @param lowest version that may start @throws UsageError where it isn't commissioned, or its program is not what was signed
 */
export function openDisplayHome(directory: string): DisplayHome {
  if (!existsSync(join(directory, 'program.jws'))) throw new UsageError(`${directory}: no display was commissioned there`);
  const root = createPublicKey({ key: readFileSync(join(directory, 'root.der')), format: 'der', type: 'spki' });
  const hardware: DeviceRoot = {
    secret: readFileSync(join(directory, 'device.secret')),
    counter: new FileCounter(join(directory, 'counter')),
    random: randomBytes,
  };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const identity = privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  return {
    directory,
    root,
    ca: readFileSync(join(directory, 'ca.pem'), 'utf8'),
    record: new SealedRecord(join(directory, 'memory'), hardware),
    identity,
  };
}

/** @param lowest version that may start @returns its version @throws UsageError, and then nothing of it runs */
export function checkedProgram({ directory, root }: DisplayHome, lowest: number): number {
  const manifest = readFileSync(join(directory, 'program.jws'), 'ascii');
  const checked = checkProgram(manifest, programFiles(), { program: PROGRAM, root, lowest }, ALL_DEFENCES);
  if ('version' in checked) return checked.version;
  throw new UsageError(
    `the display does not start: its program is not what was signed (${checked.fault}); commission it again in another folder`,
  );
}

function programFiles(): ProgramFiles {
  const own = readdirSync(join(SOURCES, 'devices', PROGRAM)).map((name) => `devices/${PROGRAM}/${name}`);
  return new Map([...own, ...SHARED].map((path) => [path, readFileSync(join(SOURCES, path))]));
}

function write(directory: string, name: string, bytes: Uint8Array): void {
  writeFileSync(join(directory, name), bytes, { mode: 0o600, flush: true });
}
