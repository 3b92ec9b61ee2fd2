import { vi } from 'vitest';
import { type Resource, stackOf } from './deployed.ts';

const PREFIX = 'joulekeep-prod-';
/** A term of a filter pattern. */
const TERM = /^\(?\$\.(\w+) = "([^"]*)"\)?$/;

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: string;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly TreatMissingData: string;
  readonly EvaluationPeriods: number;
}

interface LogFilter {
  readonly LogGroupName: string;
  readonly FilterPattern: string;
  readonly MetricTransformations: readonly [{ readonly MetricNamespace: string; readonly MetricName: string }];
}

/** A line that a function wrote: of its log, or of its metrics. */
type Line = Readonly<Record<string, unknown>>;

interface Definition {
  readonly Namespace: string;
  readonly Dimensions: readonly (readonly string[])[];
  readonly Metrics: readonly { readonly Name: string }[];
}

/** Alarms, and filters of logs, of the template for production. */
export class Alarms {
  readonly of: (kind: string) => readonly Alarm[];
  readonly all: readonly Alarm[];
  readonly filters: readonly LogFilter[];
  readonly #resources: Readonly<Record<string, Resource>>;

  constructor() {
    this.#resources = stackOf('operations');
    const of = <T>(type: string) =>
      Object.values(this.#resources)
        .filter(({ Type }) => Type === type)
        .map(({ Properties }) => Properties as unknown as T);
    this.all = of<Alarm>('AWS::CloudWatch::Alarm');
    this.filters = of<LogFilter>('AWS::Logs::MetricFilter');
    this.of = (kind) => this.all.filter(({ AlarmDescription }) => AlarmDescription.endsWith(`docs/runbooks/${kind}.md`));
  }

  /** Whether an alarm made of others is raised while those named are: one of each of its groups. @param raised names without the stage */
  isTogether(kind: string, raised: readonly string[]): boolean {
    const found = Object.values(this.#resources).find(({ Properties }) => Properties['AlarmName'] === PREFIX + kind)?.Properties[
      'AlarmRule'
    ];
    const { 'Fn::Join': [, parts] = ['', []] } = found as { readonly 'Fn::Join'?: readonly [string, readonly unknown[]] };
    const named = parts.map((part) => (typeof part === 'string' ? part : this.#nameOf(part))).join('');
    const groups = named.split(' AND ').map((group) => [...group.matchAll(/ALARM\("([^"]+)"\)/g)].map(([, name]) => name!));
    if (groups.length < 2 || named.includes('NOT')) throw new Error(`rule ${named}`);
    return groups.every((group) => group.some((name) => raised.includes(name.slice(PREFIX.length))));
  }

  #nameOf(part: unknown): string {
    const [id = ''] = (part as { readonly 'Fn::GetAtt'?: readonly string[] })['Fn::GetAtt'] ?? [];
    return String(this.#resources[id]?.Properties['AlarmName']);
  }
}

/** Of all drills of a file: the template is the same for each. */
const ALARMS = new Alarms();

/**
 * Whoever is on duty, as far as the alarms go: what functions write to their logs in Lambda, put through the filters, metrics and thresholds
 * of the synthesized template. Handlers have to be made after it, for they ask at once where they run.
 */
export class Duty {
  readonly alarms = ALARMS;
  #lines: Line[] = [];
  readonly #spies;

  constructor() {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', `${PREFIX}drill`);
    this.#spies = [process.stdout, process.stderr].map((stream) => {
      const write = stream.write.bind(stream);
      return vi.spyOn(stream, 'write').mockImplementation((text) => this.#took(String(text)) || write(text));
    });
  }

  /** Whether alarms of a runbook are raised by what was written since the last `turn`, taken as one period. @param of the one of them that is meant */
  hears(kind: string, of?: string): boolean {
    const alarms = this.alarms.of(kind).filter(({ AlarmName }) => of === undefined || AlarmName === `${PREFIX}${kind}-${of}`);
    if (alarms.length === 0) throw new Error(`no alarm has the runbook ${kind}`);
    return alarms.some((alarm) => isRaised(alarm, this.#value(alarm)));
  }

  /** The next period begins. */
  turn(): void {
    this.#lines = [];
  }

  end(): void {
    for (const spy of this.#spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }

  #took(text: string): boolean {
    if (!text.startsWith('{')) return false;
    this.#lines.push(
      ...text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    );
    return true;
  }

  #value({ Namespace, MetricName, Dimensions = [], Statistic }: Alarm): number {
    const wanted = Dimensions.map(({ Name, Value }) => `${Name}=${Value}`).join();
    const filters = this.alarms.filters.filter(
      ({ MetricTransformations: [to] }) => to.MetricNamespace === Namespace && to.MetricName === MetricName,
    );
    const passed = this.#lines.filter((line) => filters.some((filter) => passes(filter, line)));
    const values = this.#lines.flatMap((line) => counted(line, Namespace, MetricName, wanted));
    if (Statistic === 'Minimum' && values.length > 0) return Math.min(...values);
    return values.reduce((sum, value) => sum + value, passed.length);
  }
}

function isRaised({ ComparisonOperator, Threshold }: Alarm, value: number): boolean {
  if (ComparisonOperator === 'GreaterThanOrEqualToThreshold') return value >= Threshold;
  if (ComparisonOperator === 'LessThanThreshold') return value < Threshold;
  throw new Error(`comparison ${ComparisonOperator}`);
}

/** What an embedded-metric line says of a metric, if it says something. */
function counted(line: Line, namespace: string, name: string, wanted: string): readonly number[] {
  const { CloudWatchMetrics = [] } = (line['_aws'] ?? {}) as { readonly CloudWatchMetrics?: readonly Definition[] };
  const says = CloudWatchMetrics.some(
    ({ Namespace, Dimensions, Metrics }) =>
      Namespace === namespace &&
      Metrics.some(({ Name }) => Name === name) &&
      Dimensions.some((names) => names.map((dimension) => `${dimension}=${String(line[dimension])}`).join() === wanted),
  );
  return says ? [Number(line[name])] : [];
}

/** Whether a line of the function's log is counted by the filter, as CloudWatch reads `{ ($.code = "A") || ($.code = "*B") }`. */
export function passes({ LogGroupName, FilterPattern }: Pick<LogFilter, 'LogGroupName' | 'FilterPattern'>, line: Line): boolean {
  if (LogGroupName !== `/aws/lambda/${PREFIX}${String(line['service'])}`) return false;
  const terms = FilterPattern.replace(/^\{ | \}$/g, '').split(' || ');
  return terms.some((term) => {
    const [, field, value] = TERM.exec(term) ?? [];
    if (field === undefined || value === undefined) throw new Error(`pattern ${FilterPattern}`);
    const said = line[field];
    return typeof said === 'string' && (value.startsWith('*') ? said.endsWith(value.slice(1)) : said === value);
  });
}
