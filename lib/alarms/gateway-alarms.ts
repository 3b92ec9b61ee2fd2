import { TOPIC_RULES } from '../../topology/device-access.ts';
import { PRIVATE_DOORS, type PrivateDoor } from '../door-routes.ts';
import { TOLD } from '../names.ts';
import { physicalName, type Stage } from '../stage.ts';
import type { AlarmSpec, MetricSpec } from './alarm-spec.ts';

/** Checks of the daily audit that find certificates before they end. */
const EXPIRING = { devices: 'DEVICE_CERTIFICATE_EXPIRING_CHECK', authorities: 'CA_CERTIFICATE_EXPIRING_CHECK' } as const;
/** How long a person needs to have a certificate renewed, days. */
const RENEWAL_DAYS = 30;

/** What the gateway of the devices refuses, fails at, and finds in its registry. */
export function gatewayAlarms(stage: Stage): readonly AlarmSpec[] {
  return [...refusals(), ...Object.values(TOPIC_RULES).map(ruleFails), ...expiring(stage)];
}

/** APIs and doors, where the stage has them. @param told what their stacks wrote down */
export function edgeAlarms(stage: Stage, told: (what: string) => string): readonly AlarmSpec[] {
  const certificates = [
    ...(stage.domain === undefined ? [] : ['edge/certificate']),
    ...(stage.operatorLink === undefined ? [] : ['doors/certificate']),
  ];
  const apis = stage.domain === undefined ? [] : ['devices', 'customers'];
  const doors = stage.operatorLink === undefined ? [] : PRIVATE_DOORS.flatMap((door) => doorFails(door, told(TOLD.balancer(door))));
  return [...apis.map((api) => apiFails(stage, api)), ...doors, ...certificates.map((what) => serverCertificate(what, told(what)))];
}

function refusals(): readonly AlarmSpec[] {
  const metric = (name: string): MetricSpec => ({ namespace: 'AWS/IoT', name, dimensions: { Protocol: 'MQTT' }, statistic: 'Sum' });
  return [
    {
      kind: 'gateway-refusals',
      of: 'connect',
      metric: metric('Connect.AuthError'),
      atLeast: 100,
      minutes: 5,
      periods: 2,
      says: 'Many connections of devices are refused.',
    },
    {
      kind: 'gateway-refusals',
      of: 'publish',
      metric: metric('PublishIn.AuthError'),
      atLeast: 20,
      minutes: 5,
      says: 'Devices publish where their policy does not let them.',
    },
  ];
}

function ruleFails({ name, queue }: (typeof TOPIC_RULES)[keyof typeof TOPIC_RULES]): AlarmSpec {
  const dimensions = { RuleName: name, ActionType: 'SQS' };
  return {
    kind: 'rule-failures',
    of: queue,
    metric: { namespace: 'AWS/IoT', name: 'Failure', dimensions, statistic: 'Sum' },
    atLeast: 1,
    minutes: 5,
    says: `The gateway could not put messages into the queue ${queue}.`,
  };
}

function expiring(stage: Stage): readonly AlarmSpec[] {
  return Object.entries(EXPIRING).map(([of, CheckName]) => ({
    kind: 'certificates-expiring',
    of,
    metric: {
      namespace: 'AWS/IoT',
      name: 'NonCompliantResources',
      dimensions: { ScheduledAuditName: physicalName(stage, 'daily'), CheckName },
      statistic: 'Maximum',
    },
    atLeast: 1,
    minutes: 24 * 60,
    says: `Certificates of ${of} end within 30 days and nobody has renewed them.`,
  }));
}

function serverCertificate(what: string, CertificateArn: string): AlarmSpec {
  return {
    kind: 'certificates-expiring',
    of: what.replace('/', '-'),
    metric: { namespace: 'AWS/CertificateManager', name: 'DaysToExpiry', dimensions: { CertificateArn }, statistic: 'Minimum' },
    below: RENEWAL_DAYS,
    minutes: 24 * 60,
    says: `The certificate under parameter ${what} ends within ${RENEWAL_DAYS} days.`,
  };
}

function apiFails(stage: Stage, api: string): AlarmSpec {
  const dimensions = { ApiName: physicalName(stage, api), Stage: 'v1' };
  return {
    kind: 'edge-errors',
    of: api,
    metric: { namespace: 'AWS/ApiGateway', name: '5XXError', dimensions, statistic: 'Sum' },
    atLeast: 10,
    minutes: 5,
    periods: 2,
    says: `The API ${api} answers with errors of its own.`,
  };
}

/** What a load balancer answers by itself, and connections it does not let come about: a certificate missing, ended, revoked or of another CA. */
function doorFails(door: PrivateDoor, LoadBalancer: string): readonly AlarmSpec[] {
  const metric = (name: string): MetricSpec => ({ namespace: 'AWS/ApplicationELB', name, dimensions: { LoadBalancer }, statistic: 'Sum' });
  return [
    {
      kind: 'door-errors',
      of: door,
      metric: metric('HTTPCode_ELB_5XX_Count'),
      atLeast: 10,
      minutes: 5,
      periods: 2,
      says: `The ${door} door answers with errors of its own.`,
    },
    {
      kind: 'door-refusals',
      of: door,
      metric: metric('ClientTLSNegotiationErrorCount'),
      atLeast: 20,
      minutes: 5,
      says: `The ${door} door refuses many connections: no certificate that it trusts.`,
    },
  ];
}
