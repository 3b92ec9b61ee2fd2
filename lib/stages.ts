import { z } from 'zod';
import { NARROW, type Stage, stageError } from './stage.ts';

/** Value of a context key, as `cdk -c` or cdk.json gives it; undefined where nobody did. */
export type Context = (key: string) => unknown;

type Name = Stage['name'];

const NAMES: readonly Name[] = ['dev', 'prod'];

/** What a stage has unless it is told otherwise. */
const DEFAULTS: Readonly<Record<Name, Pick<Stage, 'retains' | 'logDays' | 'tracing'>>> = {
  dev: { retains: false, logDays: 7, tracing: 'requests' },
  prod: { retains: true, logDays: 400, tracing: 'requests' },
};

const SETTINGS = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
  account: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  retains: z.boolean().optional(),
  logDays: z.union([z.literal(7), z.literal(30), z.literal(90), z.literal(400)]).optional(),
  tracing: z.enum(['requests', 'everything']).optional(),
  alarmEmail: z.email().optional(),
  operatorLink: z
    .strictObject({ vpcId: z.string().regex(/^vpc-[0-9a-f]{8,17}$/), cidrs: z.array(z.cidrv4().regex(NARROW)).min(1) })
    .optional(),
  archive: z
    .strictObject({ account: z.string().regex(/^\d{12}$/), bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/) })
    .optional(),
  domain: z
    .string()
    .regex(/^([a-z0-9-]{1,63}\.)+[a-z]{2,63}$/)
    .optional(),
});

type Setting = keyof typeof SETTINGS.shape;

/** What to write for each setting: the remedy of every error. */
const FORMS: Readonly<Record<Setting, string>> = {
  region: 'give an AWS region such as eu-central-1',
  account: 'give the 12 digits of an AWS account, or nothing for that of the credentials at hand',
  retains: 'give true or false',
  logDays: 'give 7, 30, 90 or 400',
  tracing: 'give requests, or everything while something is searched',
  alarmEmail: 'give one e-mail address',
  operatorLink: 'give {"vpcId": "vpc-0123456789abcdef0", "cidrs": ["10.20.0.0/16"]}',
  archive: 'give {"account": "210987654321", "bucket": "joulekeep-witness-example"}',
  domain: 'give a domain of yours in lower case, such as meters.example.org',
};

/**
 * The stage that the context describes: its name in `stage` (default dev), its settings in `stages.<name>` of cdk.json, each of which
 * a context key of its own overrides (`-c logDays=30`).
 * @throws ERR_STAGE_INVALID naming the setting, what is wrong and what to do
 */
export function readStage(context: Context): Stage {
  const name = context('stage') ?? 'dev';
  if (!isName(name)) throw stageError('stage', `${JSON.stringify(name)} is none`, `give -c stage=${NAMES.join(' or -c stage=')}`);
  const parsed = SETTINGS.safeParse(settingsOf(name, context));
  if (!parsed.success) throw settingError(name, parsed.error);
  const stage: Stage = { name, ...DEFAULTS[name], ...defined(parsed.data) };
  if (name === 'prod' && stage.operatorLink === undefined) {
    const fault = 'prod has none, and the doors of operator, third parties and billing open to a private network alone';
    throw stageError('operatorLink', fault, `${FORMS.operatorLink} as stages.prod.operatorLink in cdk.json or -c operatorLink='…'`);
  }
  return stage;
}

function isName(name: unknown): name is Name {
  return NAMES.includes(name as Name);
}

function settingsOf(name: Name, context: Context): Record<string, unknown> {
  const stages = context('stages') ?? {};
  const written = typeof stages === 'object' && Object.hasOwn(stages, name) ? (stages as Record<string, unknown>)[name] : {};
  const given = Object.keys(SETTINGS.shape).map((setting) => [setting, fromCommandLine(context(setting))] as const);
  return { ...(written as object), ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

/** The command line gives text; an account and a region stay text, all else that is JSON is meant as such. */
function fromCommandLine(value: unknown): unknown {
  if (typeof value !== 'string' || !/^(true|false|\d{1,3}|[{[].*)$/s.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function settingError(name: Name, { issues: [issue] }: z.ZodError) {
  const { path, message, code } = issue!;
  const setting = path[0] as Setting | undefined;
  if (code === 'unrecognized_keys' && path.length === 0)
    return stageError(`stages.${name}`, message, `remove it; settings: ${Object.keys(FORMS).join(', ')}`);
  if (setting === undefined) return stageError(`stages.${name}`, message, 'give an object of settings');
  return stageError(path.join('.'), message, `${FORMS[setting]} as stages.${name}.${setting} in cdk.json or -c ${setting}=…`);
}

function defined<T extends object>(settings: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
