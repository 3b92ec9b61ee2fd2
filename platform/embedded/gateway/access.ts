import { type ArnScope, deviceArn, policiesOf, resolvePolicy } from '../../../topology/device-access.ts';
import type { EmbeddedDevices } from './devices.ts';
import { compilePolicies, type Decision, type DeviceAction, type Evaluator } from './policy.ts';

/** ARNs of the embedded platform: no region, no account. */
export const EMBEDDED_SCOPE: ArnScope = { partition: 'aws', region: 'embedded', account: '000000000000' };

/** @param name client id, topic or topic filter, as `deviceArn` takes it */
export type Access = (
  action: DeviceAction,
  kind: 'client' | 'topic' | 'topicfilter',
  name: string,
  session: { readonly clientId: string; readonly thing: string },
) => Decision;

/**
 * Decides by the policies of the thing's type and of the quarantine group, as the registry has them at this moment.
 * @param enabled off only under `--prove`: everything is then allowed
 */
export function accessControl(devices: Pick<EmbeddedDevices, 'thing'>, enabled: boolean): Access {
  const evaluators = new Map<string, Evaluator>();
  return (action, kind, name, session) => {
    if (!enabled) return 'allow';
    const thing = devices.thing(session.thing);
    if (thing === undefined) return 'default-deny';
    const key = `${thing.role} ${thing.quarantined}`;
    let evaluate = evaluators.get(key);
    if (evaluate === undefined) {
      evaluate = compilePolicies(policiesOf(thing.role, thing.quarantined).map((policy) => resolvePolicy(policy.document, EMBEDDED_SCOPE)));
      evaluators.set(key, evaluate);
    }
    return evaluate({ action, resource: deviceArn(EMBEDDED_SCOPE, kind, name) }, session);
  };
}
