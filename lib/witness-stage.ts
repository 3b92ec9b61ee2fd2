import { z } from 'zod';
import { type Stage, stageError } from './stage.ts';
import type { Context } from './stages.ts';

/** A witness: what differs between two of them, and nothing else. */
export interface WitnessStage extends Pick<Stage, 'name' | 'region' | 'retains' | 'logDays'> {
  /** Account of the service whose log is witnessed. */
  readonly service: string;
  /** The account that the witness lies in: another one. */
  readonly account: string;
  /** Name of the bucket, which is the world's; the setting `archive` of the service's stage names the same. */
  readonly bucket: string;
  /** So long after it was put nobody can delete an object, the people of the account included. */
  readonly lockedDays: number;
}

/** A contradiction of a bill may come up as long as bills are kept; ten years are what most laws ask for. */
const LOCKED_DAYS = { dev: 1, prod: 3_653 } as const;

const ACCOUNT = z.string().regex(/^\d{12}$/);
const SETTINGS = {
  stage: { schema: z.enum(['dev', 'prod']), remedy: 'give -c stage=dev or -c stage=prod, that of the service' },
  region: { schema: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/), remedy: 'give -c region=eu-central-1, or where the witness is to be' },
  service: { schema: ACCOUNT, remedy: 'give -c service=111122223333, the 12 digits of the account that the service runs in' },
  account: { schema: ACCOUNT, remedy: 'give -c account=210987654321, the 12 digits of the account of the witness' },
  bucket: {
    schema: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    remedy: 'give -c bucket=joulekeep-witness-example, a name that no bucket of the world has',
  },
  lockedDays: { schema: z.coerce.number().int().min(1).max(36_500).optional(), remedy: 'give days from 1 to 36500, or nothing' },
} as const;

/**
 * The witness that the context describes, each setting by `-c`; `lockedDays` may be left out.
 * @throws ERR_STAGE_INVALID naming the setting, what is wrong and what to do
 */
export function readWitness(context: Context): WitnessStage {
  const read = <Name extends keyof typeof SETTINGS>(name: Name): z.infer<(typeof SETTINGS)[Name]['schema']> => {
    const { schema, remedy } = SETTINGS[name];
    const parsed = schema.safeParse(context(name));
    if (!parsed.success) throw stageError(`witness: ${name}`, `${JSON.stringify(context(name)) ?? 'nothing'} is none`, remedy);
    return parsed.data as z.infer<(typeof SETTINGS)[Name]['schema']>;
  };
  const name = read('stage');
  const [service, account] = [read('service'), read('account')];
  if (service === account) throw stageError('witness: account', 'the service runs in it: whoever has it has both', SETTINGS.account.remedy);
  const others = { region: read('region'), bucket: read('bucket'), lockedDays: read('lockedDays') ?? LOCKED_DAYS[name] };
  return { name, service, account, ...others, retains: name === 'prod', logDays: 400 };
}
