import { JoulekeepError } from '../../events/errors.ts';
import { PRINCIPALS, type Principal } from '../../topology/principals.ts';

/** What a function is told about where it runs; the rest it finds by physical names. */
export interface AwsEnvironment {
  readonly stage: 'dev' | 'prod';
  readonly principal: Principal;
  /** Bucket of the object store. */
  readonly bucket: string;
  /** Bucket of the log's witness, in another account; absent = a prefix of the other one. */
  readonly witnessBucket?: string;
  /** Of an emulator; absent = AWS. */
  readonly endpoint?: string;
  /** Networks of recipients behind private links, as CIDR. */
  readonly privateNetworks?: readonly string[];
  /** For log lines: the function, else the principal. */
  readonly service: string;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * @param principal that the code is made for @param variables JOULEKEEP_STAGE, JOULEKEEP_PRINCIPAL, JOULEKEEP_BUCKET, optionally
 * JOULEKEEP_WITNESS_BUCKET, JOULEKEEP_PRIVATE_NETWORKS (with commas between them), and for emulators JOULEKEEP_AWS_ENDPOINT @throws ERR_ENVIRONMENT naming the variable
 */
export function awsEnvironment(principal: Principal, variables: Variables = process.env): AwsEnvironment {
  const stage = oneOf('JOULEKEEP_STAGE', variables, ['dev', 'prod'] as const);
  if (oneOf('JOULEKEEP_PRINCIPAL', variables, PRINCIPALS) !== principal)
    throw new JoulekeepError('ERR_ENVIRONMENT', `JOULEKEEP_PRINCIPAL: this code runs as ${principal}`);
  const bucket = variables['JOULEKEEP_BUCKET'] ?? '';
  if (bucket === '') throw new JoulekeepError('ERR_ENVIRONMENT', 'JOULEKEEP_BUCKET: name the bucket of the object store');
  const endpoint = variables['JOULEKEEP_AWS_ENDPOINT'];
  const name = variables['AWS_LAMBDA_FUNCTION_NAME']?.replace(`joulekeep-${stage}-`, '');
  const privateNetworks = (variables['JOULEKEEP_PRIVATE_NETWORKS'] ?? '').split(',').filter((network) => network !== '');
  const witnessBucket = variables['JOULEKEEP_WITNESS_BUCKET'] ?? '';
  const told = { ...(privateNetworks.length === 0 ? {} : { privateNetworks }), ...(witnessBucket === '' ? {} : { witnessBucket }) };
  return { stage, principal, bucket, ...told, service: name ?? principal, ...(endpoint === undefined ? {} : { endpoint }) };
}

function oneOf<Value extends string>(name: string, variables: Variables, values: readonly Value[]): Value {
  const found = values.find((value) => value === variables[name]);
  if (found === undefined) throw new JoulekeepError('ERR_ENVIRONMENT', `${name}: one of ${values.join(', ')}`);
  return found;
}
