import 'reflect-metadata';
import { createHash, createPublicKey, generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { Command } from 'commander';
import type { RecipientCommand } from '../../domain/recipient/recipient.ts';
import { changeRecipient, findRecipient } from '../../lambdas/shared/feeds/recipients.ts';
import type { Embedded } from '../../platform/embedded/platform.ts';
import type { Platform } from '../../platform/ports/platform.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { counted } from '../texts/counted.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const STATE = ['--state <dir>', 'state directory of the service, which must not run'] as const;

/** `joulekeep recipient register|list|suspend|resume|certificate|key`: third parties that customers may allow to receive their data. */
export function recipientCommand(): Command {
  const register = new Command('register')
    .description('register a third party')
    .argument('<id>', 'a-z, 0-9 and dashes; its client id')
    .requiredOption('--name <name>', 'what customers read when they are asked')
    .requiredOption('--redirect <url...>', 'where customers are sent back to, https')
    .requiredOption(...STATE)
    .action(registerRecipient);
  const certificate = new Command('certificate')
    .description('issue a certificate that speaks for a third party, for its request or with a key made here')
    .argument('<id>', 'of the third party')
    .option('--csr <file>', 'its certificate request, DER, subject CN=<id>; without one a key is made')
    .requiredOption('--out <dir>', 'where to write ID.crt.pem, ca.crt.pem, and ID.key.pem where a key is made')
    .requiredOption(...STATE)
    .action(issueCertificate);
  const suspend = new Command('suspend')
    .description('let a third party get nothing until it is resumed')
    .argument('<id>', 'of the third party')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .requiredOption(...STATE)
    .action((id: string, { state, reason }: { state: string; reason: string }) => change(state, id, { type: 'SuspendRecipient', reason }));
  const resume = new Command('resume')
    .description('let a third party go on')
    .argument('<id>', 'of the third party')
    .requiredOption(...STATE)
    .action((id: string, { state }: { state: string }) => change(state, id, { type: 'ResumeRecipient' }));
  const key = new Command('key')
    .description('register the public key that files for a third party are sealed to')
    .argument('<id>', 'of the third party')
    .requiredOption('--key <file>', 'its public key on P-256, PEM')
    .requiredOption(...STATE)
    .action((id: string, { state, key: file }: { state: string; key: string }) =>
      change(state, id, { type: 'SetSealingKey', spki: spkiOf(file) }),
    );
  const list = new Command('list')
    .description('third parties')
    .requiredOption(...STATE)
    .action(listRecipients);
  const parent = new Command('recipient').description('third parties that customers may share data with');
  return parent.addCommand(register).addCommand(list).addCommand(suspend).addCommand(resume).addCommand(certificate).addCommand(key);
}

/** A private key is refused: whoever has it is not the recipient alone any more. @returns DER in base64 */
function spkiOf(file: string): string {
  const pem = readFileSync(file, 'utf8');
  if (!pem.trimStart().startsWith('-----BEGIN PUBLIC KEY-----')) throw new UsageError(`${file}: a public key in PEM is expected`);
  const key = createPublicKey(pem);
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new UsageError(`${file}: a key on P-256 is expected`);
  return key.export({ type: 'spki', format: 'der' }).toString('base64');
}

type Untimed<C> = C extends { readonly at: number } ? Omit<C, 'at'> : never;

async function registerRecipient(id: string, options: { name: string; redirect: string[]; state: string }): Promise<void> {
  const { name, redirect: redirectUris, state } = options;
  await change(state, id, { type: 'RegisterRecipient', recipientId: id, name, redirectUris });
}

async function change(state: string, id: string, command: Untimed<RecipientCommand>): Promise<void> {
  await withState(state, async (platform) => {
    if (command.type !== 'RegisterRecipient') await knownRecipient(platform.as('enrol').events, id);
    const timed = { ...command, at: Date.now() } as RecipientCommand;
    process.stdout.write(lineOf(await changeRecipient(platform.as('enrol'), id, timed)));
  });
}

/** @throws UsageError for a third party that nobody registered */
async function knownRecipient(events: Platform['events'], id: string): Promise<void> {
  if ((await findRecipient(events, id)) !== undefined) return;
  throw new UsageError(
    `${id}: there is no such third party; joulekeep recipient list shows those there are, joulekeep recipient register makes one`,
  );
}

async function listRecipients({ state }: { state: string }): Promise<void> {
  await withState(state, async (platform) => {
    const { events } = platform.as('enrol');
    for await (const stream of events.streams('recipient/')) {
      const registered = await findRecipient(events, stream.slice('recipient/'.length));
      if (registered !== undefined) process.stdout.write(lineOf(registered));
    }
  });
}

type Registered = NonNullable<Awaited<ReturnType<typeof findRecipient>>>;

function lineOf({ recipientId, status, name, redirectUris, certificates }: Registered): string {
  return `${recipientId}  ${status}  ${name}  ${redirectUris.join(' ')}  ${counted(certificates.length, 'certificate')}\n`;
}

async function issueCertificate(id: string, { csr, out, state }: { csr?: string; out: string; state: string }): Promise<void> {
  const files = { key: join(out, `${id}.key.pem`), certificate: join(out, `${id}.crt.pem`), ca: join(out, 'ca.crt.pem') };
  // Whoever has a key already does not lose it.
  if (csr === undefined && existsSync(files.key)) throw new UsageError(`${files.key} is there already: give another --out`);
  await withState(state, async (platform) => {
    mkdirSync(out, { recursive: true, mode: 0o700 });
    const request = csr === undefined ? await requestWithKey(id, files.key) : readFileSync(csr);
    const der = await certify(platform, id, request, Date.now());
    writeFileSync(files.certificate, new X509Certificate(der).toString(), { mode: 0o644 });
    writeFileSync(files.ca, platform.ca.rootPem, { mode: 0o644 });
  });
  process.stdout.write(`${id}: --cert ${files.certificate} --cacert ${files.ca}${csr === undefined ? ` --key ${files.key}` : ''}\n`);
}

/**
 * Issues a certificate and records that it speaks for a third party. @param at UTC ms @returns DER
 * @throws ERR_RECIPIENT_UNKNOWN before anything is issued, ERR_CSR_REFUSED
 */
export async function certify(platform: Embedded, id: string, csr: Buffer, at: number): Promise<Buffer> {
  const enrol = platform.as('enrol');
  if ((await findRecipient(enrol.events, id)) === undefined) throw new UsageError(`${id}: register it first`);
  const der = await platform.people.issue(id, 'third-party', csr);
  await changeRecipient(enrol, id, { type: 'AddCertificate', fingerprint: createHash('sha256').update(der).digest('hex'), at });
  return der;
}

async function requestWithKey(id: string, file: string): Promise<Buffer> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = { privateKey: privateKey.toCryptoKey(P256, false, ['sign']), publicKey: publicKey.toCryptoKey(P256, true, ['verify']) };
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${id}`, keys, signingAlgorithm: P256 }, webcrypto as never);
  writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  return Buffer.from(request.rawData);
}
