import { downTopic, QUARANTINE_GROUP, THING_TYPES } from '../../topology/device-access.ts';
import { type GatewayOperation, GRANTS } from '../../topology/grants.ts';
import type { Principal } from '../../topology/keys.ts';
import type { Grant, Place } from './grant.ts';

/** What the gateway offers, and on what: things and certificates by name where it can, else on all there are. */
interface GatewayGrant {
  readonly actions: readonly string[];
  readonly on: readonly ('things' | 'certificates' | 'policies' | 'types' | 'quarantine' | 'downlinks' | 'connections' | 'all')[];
}

const FINDS: readonly GatewayGrant[] = [
  { actions: ['iot:DescribeThing', 'iot:ListThingGroupsForThing', 'iot:ListThingPrincipals'], on: ['things'] },
  { actions: ['iot:DescribeCertificate', 'iot:ListPrincipalThings'], on: ['certificates'] },
];
const DISCONNECTS: GatewayGrant = { actions: ['iot:DeleteConnection'], on: ['connections'] };
const REVOKES: readonly GatewayGrant[] = [
  { actions: ['iot:DescribeCertificate', 'iot:ListPrincipalThings', 'iot:UpdateCertificate'], on: ['certificates'] },
  DISCONNECTS,
];
const QUARANTINES: readonly GatewayGrant[] = [
  { actions: ['iot:DescribeThing'], on: ['things'] },
  { actions: ['iot:AddThingToThingGroup'], on: ['things', 'quarantine'] },
  DISCONNECTS,
];
/** What cuts a device off by itself lets none in again. */
const RELEASES: readonly GatewayGrant[] = [{ actions: ['iot:RemoveThingFromThingGroup'], on: ['things', 'quarantine'] }];
/** A certificate is registered, attached to its one thing with its policies, and only then made active. */
const ATTACHES: readonly GatewayGrant[] = [
  ...FINDS,
  { actions: ['iot:CreateThing'], on: ['things', 'types'] },
  { actions: ['iot:RegisterCertificateWithoutCA'], on: ['all'] },
  { actions: ['iot:AttachThingPrincipal'], on: ['things', 'certificates'] },
  { actions: ['iot:AttachPolicy'], on: ['certificates', 'policies'] },
  { actions: ['iot:UpdateCertificate'], on: ['certificates'] },
];

const OPERATIONS: Readonly<Record<GatewayOperation, readonly GatewayGrant[]>> = {
  publish: [{ actions: ['iot:Publish'], on: ['downlinks'] }],
  find: FINDS,
  register: ATTACHES,
  issue: ATTACHES,
  revoke: REVOKES,
  quarantine: QUARANTINES,
  release: RELEASES,
};

const WIDELY = 'devices come and go, and no policy lists them: which one is meant is checked against its stream by the function';
/** Neither is there a condition for the status that a certificate is to get. */
const CERTIFICATES_WIDELY =
  'a certificate is named by its hash alone and carries no tag: the registry cannot tell one role from another by it. Whoever renews must revoke the one before; which one is meant is checked against the stream of its device by the function';

/** Devices, their certificates and the way down to them. @source X.1332 10.1 (access control) */
export function gatewayGrants(place: Place, principal: Principal): readonly Grant[] {
  const wanted = GRANTS[principal].gateway.flatMap((operation) => OPERATIONS[operation]);
  const byPlaces = Map.groupBy(wanted, ({ on }) => on.join(' '));
  return [...byPlaces].map(([places, grants], index) => ({
    sid: `Gateway${index}`,
    actions: [...new Set(grants.flatMap(({ actions }) => actions))],
    widely: places.split(' ').includes('certificates') ? CERTIFICATES_WIDELY : WIDELY,
    resources: (places.split(' ') as GatewayGrant['on'][number][]).flatMap((kind) => resourcesOf(place, kind)),
  }));
}

function resourcesOf({ stack }: Place, kind: GatewayGrant['on'][number]): readonly string[] {
  const arn = (resource: string, resourceName: string) => stack.formatArn({ service: 'iot', resource, resourceName });
  switch (kind) {
    case 'things':
      return THING_TYPES.map(({ thingPrefix }) => arn('thing', `${thingPrefix}*`));
    case 'types':
      return THING_TYPES.map(({ name }) => arn('thingtype', name));
    case 'certificates':
      return [arn('cert', '*')];
    case 'connections':
      return THING_TYPES.map(({ thingPrefix }) => arn('client', `${thingPrefix}*`));
    case 'policies':
      return THING_TYPES.flatMap(({ policies }) => policies.map(({ name }) => arn('policy', name)));
    case 'quarantine':
      return [arn('thinggroup', QUARANTINE_GROUP.name)];
    case 'downlinks':
      return [arn('topic', downTopic('dc-*'))];
    case 'all':
      return ['*'];
  }
}
