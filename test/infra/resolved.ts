import { UTILITY_PARAMETERS } from '../../lib/utility-parameters.ts';
import type { Resource, Synthesized } from './app.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** ARN as the deployed role would have it. */
export function roleArn(name: string): string {
  return `arn:aws:iam::${ACCOUNT}:role/${name}`;
}

export interface Placed extends Resource {
  readonly stack: string;
  readonly id: string;
}

interface Told {
  readonly Type: string;
  readonly Default?: string;
}

type Lookup = (stack: string, id: string, attribute?: string) => unknown;

/**
 * All resources of all stacks as they would be deployed: references filled in, parameters looked up under the names by which the
 * stacks tell each other.
 */
export function resolved({ stacks, template }: Synthesized): readonly Placed[] {
  const raw = [...stacks.keys()].map((stack) => ({ stack, body: template(stack).toJSON() }));
  const parameters = new Map(raw.map(({ stack, body }) => [stack as string, (body['Parameters'] ?? {}) as Record<string, Told>]));
  const placed: readonly Placed[] = raw.flatMap(({ stack, body }) =>
    Object.entries(body['Resources'] as Record<string, Resource>).map(([id, resource]) => ({ ...resource, stack, id })),
  );
  const at = new Map(placed.map((one) => [`${one.stack}/${one.id}`, one]));
  const told = new Map<unknown, Placed>();
  for (const one of placed) if (one.Type === 'AWS::SSM::Parameter') told.set(one.Properties['Name'], one);
  const lookup: Lookup = (stack, id, attribute) => {
    const parameter = parameters.get(stack)?.[id];
    if (parameter !== undefined) {
      const source = told.get(parameter.Default);
      if (isUtilitys(parameter.Default)) return `<${parameter.Default}>`;
      if (source === undefined) throw new Error(`${stack}: nobody tells ${parameter.Default}`);
      return filled(source.Properties['Value'], source.stack, lookup);
    }
    const target = at.get(`${stack}/${id}`);
    if (target === undefined) throw new Error(`${stack}: no ${id}`);
    return identity(target, attribute, lookup);
  };
  return placed.map((one) => ({ ...one, Properties: filled(one.Properties, one.stack, lookup) as Placed['Properties'] }));
}

/** Written down by the utility, by no stack. */
function isUtilitys(parameter: string | undefined): boolean {
  return Object.hasOwn(UTILITY_PARAMETERS, parameter?.replace(/^\/joulekeep\/[a-z]+\//, '') ?? '');
}

function filled(value: unknown, stack: string, lookup: Lookup): unknown {
  if (Array.isArray(value)) return value.map((entry) => filled(entry, stack, lookup));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? entries[0]! : ['', undefined];
  if (name === 'Ref') return PSEUDO[argument as string] ?? lookup(stack, argument as string);
  if (name === 'Fn::GetAtt') return lookup(stack, (argument as string[])[0]!, (argument as string[])[1]!);
  if (name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map((part) => filled(part, stack, lookup)).join(separator);
  }
  if (name === 'Fn::Sub') return (argument as string).replaceAll(/\$\{([^}]+)\}/g, (_, key: string) => PSEUDO[key] ?? `<${key}>`);
  return Object.fromEntries(entries.map(([key, entry]) => [key, filled(entry, stack, lookup)]));
}

/** What a reference to a resource gives: its name where it has one, or its ARN. */
function identity({ Type, Properties, stack, id }: Placed, attribute: string | undefined, lookup: Lookup): unknown {
  const name = (property: string) => filled(Properties[property], stack, lookup);
  if (Type === 'AWS::IAM::Role') return attribute === 'Arn' ? roleArn(String(name('RoleName') ?? id)) : (name('RoleName') ?? id);
  if (Type === 'AWS::SQS::Queue')
    return attribute === 'Arn'
      ? `arn:aws:sqs:${REGION}:${ACCOUNT}:${String(name('QueueName'))}`
      : `https://sqs/${String(name('QueueName'))}`;
  if (Type === 'AWS::S3::Bucket') return attribute === 'Arn' ? `arn:aws:s3:::${String(name('BucketName'))}` : name('BucketName');
  if (Type === 'AWS::KMS::Key') return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${id}`;
  return attribute === undefined ? id : `${stack}/${id}.${attribute}`;
}
