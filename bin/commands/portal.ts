import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { ALL_DEFENCES } from '../../topology/defences.ts';
import { APPLICATIONS, type Application } from '../../topology/site-config.ts';
import { withState } from '../service/state.ts';
import { adviceOf, certificateIn, ownTrust, unreachable } from '../site/advice.ts';
import { assembleSite } from '../site/assemble.ts';
import { awsPublisher, bucketPlace, runAws } from '../site/aws-command.ts';
import { readBuilt } from '../site/built.ts';
import { askOver, verifyLive } from '../site/live.ts';
import { folderPlace, publishSite, type SitePlace } from '../site/publish.ts';
import { readSettings } from '../site/settings-file.ts';
import { applicationKey, applicationKeys, PUBLISHER, type Publisher, pinned, signSite, spkiText } from '../site/sign.ts';
import { configOf } from '../site/sites.ts';
import { wholeNumber } from '../terminal/arguments.ts';
import { UsageError } from '../terminal/fail.ts';
import { counted } from '../texts/counted.ts';

const STATE = 'state directory of a service that does not run';

/** `joulekeep portal`: is a live site what was signed, and how one is put where browsers load it. */
export function portalCommand(): Command {
  const application = () => new Option('--application <name>', 'which site').choices(APPLICATIONS).default('portal');
  const verify = new Command('verify')
    .description('fetch a live site and hold every file and header of it against its signed manifest; exit code 1 when anything differs')
    .argument('<url>', 'where it is, e.g. https://localhost:8443')
    .addOption(application())
    .option('--key <file>', 'public key that is trusted, PEM or DER; for several, again', collected, [])
    .option('--state <dir>', 'trust the key, and the certificates, of a service of this machine, which may run meanwhile')
    .option('--ca <file>', 'certificate that signs the server’s, PEM (those of this machine)')
    .option('--at-least <version>', 'lowest version that is believed: what somebody saw before', wholeNumber(0, Number.MAX_SAFE_INTEGER), 0)
    .action(verifySite);
  const key = new Command('key')
    .description('print the public key that verifies applications, PEM')
    .requiredOption('--state <dir>', STATE)
    .action(printKey);
  const publish = new Command('publish')
    .description('assemble and sign an application that was built, and put it where browsers load it; never a version behind the one there')
    .addOption(application())
    .requiredOption('--settings <file>', 'where people sign in, JSON: docs/deploy.md')
    .option('--min-version <n>', 'no copy below it may start any more, not even offline', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--dir <dir>', 'folder to put it into')
    .option('--bucket <name>', 'bucket to put it into, by the command line of AWS; with --stage')
    .option('--state <dir>', `sign with the key of a ${STATE}`)
    .option('--stage <name>', 'sign with the key of a stage on AWS; with --objects')
    .option('--objects <name>', 'bucket of the stage’s object store, which keeps the version that was signed last')
    .action(publishApplication);
  return new Command('portal')
    .description('sites of customers and operators: verify a live one, publish one')
    .addCommand(verify)
    .addCommand(key)
    .addCommand(publish);
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

interface VerifyOptions {
  readonly application: Application;
  readonly key: readonly string[];
  readonly state?: string;
  readonly ca?: string;
  readonly atLeast: number;
}

async function verifySite(address: string, { application, key, state, ca, atLeast }: VerifyOptions): Promise<void> {
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:') throw new UsageError(`${address} is no https address`);
  if (key.length === 0 && state === undefined)
    throw new UsageError(
      'whom to trust is missing: give --state DIR of the service, or --key FILE with what joulekeep portal key --state DIR printed',
    );
  const own = state === undefined ? undefined : await ownTrust(state);
  const trust = { application, keys: { ...pinned(key.map(publicKeyIn)), ...own?.keys }, verifyManifest: ALL_DEFENCES.applicationManifest };
  const authority = ca === undefined ? own?.ca : certificateIn(ca);
  const { version, validUntil, lines } = await verifyLive(askOver(new URL(address), authority), trust, atLeast, Date.now()).catch(
    (error: unknown) => {
      throw unreachable(address, error);
    },
  );
  for (const { path, findings } of lines) process.stdout.write(`${findings.length === 0 ? 'ok  ' : 'FAIL'}  ${path}${told(findings)}\n`);
  const wrong = lines.filter(({ findings }) => findings.length > 0).length;
  const verdict =
    wrong === 0
      ? `is what was signed: version ${version}, good until ${new Date(validUntil ?? 0).toISOString()}, ${counted(lines.length, 'answer')}`
      : `is not what was signed: ${wrong} of ${lines.length} answers differ`;
  process.stdout.write(`${address} ${verdict}\n`);
  for (const line of adviceOf(lines)) process.stdout.write(`${line}\n`);
  if (wrong > 0) process.exitCode = 1;
}

function told(findings: readonly string[]): string {
  return findings.length === 0 ? '' : `  ${findings.join(', ')}`;
}

/** @throws UsageError for anything but a public key on P-256 */
function publicKeyIn(file: string): KeyObject {
  try {
    const bytes = readFileSync(file);
    const isPem = bytes.subarray(0, 10).toString('latin1') === '-----BEGIN';
    const key = isPem ? createPublicKey(bytes) : createPublicKey({ key: bytes, format: 'der', type: 'spki' });
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('no key on P-256');
    return key;
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
}

async function printKey({ state }: { state: string }): Promise<void> {
  const key = await withState(state, ({ as }) => applicationKey(as(PUBLISHER)));
  process.stdout.write(key.export({ format: 'pem', type: 'spki' }));
}

interface PublishOptions {
  readonly application: Application;
  readonly settings: string;
  readonly minVersion?: number;
  readonly dir?: string;
  readonly bucket?: string;
  readonly state?: string;
  readonly stage?: string;
  readonly objects?: string;
}

async function publishApplication(options: PublishOptions): Promise<void> {
  const { dir, bucket, state, stage, objects } = options;
  if ((dir === undefined) === (bucket === undefined)) throw new UsageError('where to put it: give --dir or --bucket');
  const place = dir === undefined ? bucketPlace(runAws, bucket!) : folderPlace(dir);
  if (state !== undefined && stage === undefined) {
    await withState(state, async (platform) => {
      await publishBy(
        { ...platform.as(PUBLISHER), wall: { now: () => Date.now() } },
        place,
        options,
        spkiText(platform.ca.manifestRoot.publicKey),
      );
    });
    return;
  }
  if (stage === undefined || objects === undefined || state !== undefined)
    throw new UsageError('who signs: give --state DIR, or --stage NAME with --objects BUCKET');
  await publishBy(awsPublisher(runAws, stage, objects), place, options);
}

async function publishBy(
  publisher: Publisher,
  place: SitePlace,
  { application, settings, minVersion }: PublishOptions,
  root?: string,
): Promise<void> {
  const { priceKeysRoot = root, clientId, ...endpoints } = readSettings(settings);
  if (priceKeysRoot === undefined) throw new UsageError(`${settings}: priceKeysRoot is missing`);
  const keys = await applicationKeys(publisher);
  const config = configOf(application, endpoints, priceKeysRoot, clientId);
  const files = assembleSite({ built: readBuilt(application), config, keys, defences: ALL_DEFENCES });
  const { version } = await publishSite(place, files, await signSite(publisher, application, files, minVersion));
  process.stdout.write(`${application} version ${version}: ${files.size + 1} files, verified by key ${Object.keys(keys).join(' ')}\n`);
}
