import { generateKeyPairSync, webcrypto, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { Command, Option } from 'commander';
import { API_ROLES, type ApiRole } from '../../topology/route.ts';
import { withState } from '../service/state.ts';
import { UsageError } from '../terminal/fail.ts';
import { claimName, HUMAN_OPTION, personName } from '../terminal/person.ts';

const P256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** `joulekeep certificate issue|list|revoke`: who may call the editing API. */
export function certificateCommand(): Command {
  const issue = new Command('issue')
    .description('make a key and a certificate for a person, good for a year')
    .addOption(new Option('--role <role>', 'as what').choices(API_ROLES).makeOptionMandatory())
    .requiredOption('--name <name>', 'who: a-z, 0-9 and dashes; stands in every edit')
    .option(...HUMAN_OPTION)
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .requiredOption('--out <dir>', 'where to write NAME.key.pem, NAME.crt.pem and ca.crt.pem; made when it is not there')
    .action(issueCertificate);
  const list = new Command('list')
    .description('certificates of people')
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .action(listCertificates);
  const revoke = new Command('revoke')
    .description('let a certificate open nothing any more')
    .argument('<fingerprint>', 'SHA-256, from certificate list')
    .requiredOption('--state <dir>', 'state directory of the service, which must not run')
    .action(revokeCertificate);
  return new Command('certificate').description('certificates of people who edit').addCommand(issue).addCommand(list).addCommand(revoke);
}

interface IssueOptions {
  readonly role: ApiRole;
  readonly name: string;
  readonly state: string;
  readonly out: string;
  readonly human?: string;
}

async function issueCertificate({ role, name, state, out, human }: IssueOptions): Promise<void> {
  personName('--name', name);
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = { privateKey: privateKey.toCryptoKey(P256, false, ['sign']), publicKey: publicKey.toCryptoKey(P256, true, ['verify']) };
  const request = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${name}`, keys, signingAlgorithm: P256 }, webcrypto as never);
  const files = { key: join(out, `${name}.key.pem`), certificate: join(out, `${name}.crt.pem`), ca: join(out, 'ca.crt.pem') };
  // Whoever has a key already does not lose it.
  if (existsSync(files.key)) throw new UsageError(`${files.key} is there already: give another --out`);
  await withState(state, async ({ people, identity, ca }) => {
    claimName({ people, identity }, name, role, human);
    mkdirSync(out, { recursive: true, mode: 0o700 });
    writeFileSync(files.key, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
    const der = await people.issue(name, role, Buffer.from(request.rawData));
    writeFileSync(files.certificate, new X509Certificate(der).toString(), { mode: 0o644 });
    writeFileSync(files.ca, ca.rootPem, { mode: 0o644 });
  });
  process.stdout.write(`${name} is ${role}: --cert ${files.certificate} --key ${files.key} --ca ${files.ca}\n`);
}

async function listCertificates({ state }: { state: string }): Promise<void> {
  await withState(state, async ({ people }) => {
    for (const { fingerprint, name, role, status } of people.list()) process.stdout.write(`${fingerprint}  ${name}  ${role}  ${status}\n`);
  });
}

async function revokeCertificate(fingerprint: string, { state }: { state: string }): Promise<void> {
  await withState(state, ({ people }) => people.revoke(fingerprint));
  process.stdout.write(`${fingerprint} is revoked\n`);
}
