import { Stack } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { FEEDS } from '../../topology/feeds.ts';
import { FUNCTIONS, type FunctionSpec } from '../../topology/functions.ts';
import { PRINCIPALS, type Principal } from '../../topology/principals.ts';
import { QUEUES } from '../../topology/queues.ts';
import { PrincipalRole } from '../constructs/principal-role.ts';
import { Schedules } from '../constructs/schedules.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import { setAsideQueue } from '../constructs/set-aside-queue.ts';
import { StorageKeys } from '../constructs/storage-keys.ts';
import { follow, receive } from '../constructs/triggers.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { accept } from '../guardrails/accept.ts';
import { TOLD, told } from '../names.ts';
import { MISSED_SCHEDULES, SERVICE_QUEUES } from '../owned-queues.ts';
import type { Stage } from '../stage.ts';
import type { StageProps } from '../stage-props.ts';

/** The functions, the roles they run under, and what makes them run. @source X.1332 10.1 (access control, denial of service) */
export class ServicesStack extends Stack {
  readonly #stage: Stage;
  readonly #keys: StorageKeys;

  constructor(scope: Construct, id: string, { stage, env }: StageProps) {
    super(scope, id, { env, description: 'Joulekeep: functions and who may do what' });
    this.#stage = stage;
    this.#keys = new StorageKeys(this, stage);
    for (const spec of SERVICE_QUEUES) {
      new WorkQueue(this, `queue-${spec.name}`, { stage, spec, key: this.#keys.for('queues', spec.name) });
    }
    const roles = new Map(PRINCIPALS.map((principal) => [principal, this.#role(principal)]));
    const functions = new Map(FUNCTIONS.map((spec) => [spec, this.#function(spec, roles.get(spec.principal)!)]));
    for (const [spec, target] of functions) this.#trigger(spec, target);
    this.#schedules(functions);
  }

  /** Functions get the role as it is: no construct adds to what topology/ says. */
  #role(principal: Principal): IRole {
    const ask = (what: string) => told(this, this.#stage, what);
    return new PrincipalRole(this, `role-${principal}`, { stage: this.#stage, principal, told: ask }).role.withoutPolicyUpdates();
  }

  #function(spec: FunctionSpec, role: IRole): IFunction {
    const logKey = this.#keys.of('operations');
    return new ServiceFunction(this, `function-${spec.name}`, { stage: this.#stage, spec, role, logKey }).function;
  }

  #trigger(spec: FunctionSpec, target: IFunction): void {
    const { trigger } = spec;
    if (trigger.kind === 'queue') {
      const queues = QUEUES.filter(({ name }) => trigger.queues.includes(name));
      for (const queue of queues) receive(this, this.#stage, target, spec, queue, queues.length);
    }
    if (trigger.kind !== 'feed') return;
    const changes = told(this, this.#stage, TOLD.changes('events'));
    for (const feed of FEEDS.filter((candidate) => candidate.function === spec.name)) follow(this, this.#stage, target, feed, changes);
  }

  #schedules(functions: ReadonlyMap<FunctionSpec, IFunction>): void {
    const key = this.#keys.for('queues', MISSED_SCHEDULES);
    const missed = setAsideQueue(this, `queue-${MISSED_SCHEDULES}`, this.#stage, MISSED_SCHEDULES, key);
    accept(missed, 'SQS3', 'it is the dead-letter queue of the schedules and of the functions they start, which the rule does not look at');
    const scheduled = [...functions].flatMap(([{ name, trigger }, target]) =>
      trigger.kind === 'schedule' ? [{ name, function: target, everyMinutes: trigger.everyMinutes }] : [],
    );
    new Schedules(this, 'schedules', { stage: this.#stage, scheduled, missed, key });
  }
}
