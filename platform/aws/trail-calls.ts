import { keyAlias, resourceName } from '../../topology/names.ts';
import type { EncryptionContext } from '../ports/kms.ts';
import type { KmsCall } from '../ports/kms-record.ts';

/** What of an event of the trail matters here. */
interface TrailEvent {
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventTime: string;
  readonly errorCode?: string;
  readonly userIdentity?: {
    readonly arn?: string;
    readonly invokedBy?: string;
    readonly sessionContext?: { readonly sessionIssuer?: { readonly userName?: string } };
  };
  readonly requestParameters?: { readonly keyId?: string; readonly encryptionContext?: EncryptionContext } | null;
  readonly resources?: readonly { readonly ARN?: string }[];
}

/** Calls of the key service in a file of the trail. @param content unpacked */
export function callsIn(content: Buffer, stage: string): KmsCall[] {
  const { Records: events } = JSON.parse(content.toString()) as { readonly Records: readonly TrailEvent[] };
  return events.filter(({ eventSource }) => eventSource === 'kms.amazonaws.com').map((event) => callOf(event, stage));
}

function callOf({ eventName, eventTime, errorCode, userIdentity, requestParameters, resources }: TrailEvent, stage: string): KmsCall {
  const context = requestParameters?.encryptionContext;
  const alias = keyAlias(stage, '');
  const named = requestParameters?.keyId ?? resources?.[0]?.ARN ?? '';
  const from = named.indexOf(alias);
  return {
    at: Date.parse(eventTime),
    principal: principalOf(userIdentity, resourceName(stage, '')),
    operation: eventName[0]!.toLowerCase() + eventName.slice(1),
    keyId: from === -1 ? named : named.slice(from + alias.length),
    outcome: errorCode ?? 'ok',
    ...(context === undefined ? {} : { context }),
  };
}

/** Roles of principals are named by them; whoever else asks keeps the name that AWS has for it. */
function principalOf(identity: TrailEvent['userIdentity'], prefix: string): string {
  const role = identity?.sessionContext?.sessionIssuer?.userName;
  if (role?.startsWith(prefix)) return role.slice(prefix.length);
  return identity?.arn ?? identity?.invokedBy ?? 'unknown';
}
