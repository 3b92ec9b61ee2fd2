import { JoulekeepError } from '../../events/errors.ts';
import { resourceName } from '../../topology/names.ts';
import type { Principal } from '../../topology/principals.ts';
import { HttpsOutbound } from '../doors/outbound.ts';
import type { KeyClockwork } from '../ports/kms.ts';
import type { KmsRecord } from '../ports/kms-record.ts';
import type { PendingCertificates } from '../ports/pending-certificates.ts';
import type { Clock, Platform } from '../ports/platform.ts';
import { EventBridgeBus } from './bus.ts';
import { type AwsClients, awsClients } from './clients.ts';
import { type AwsEnvironment, awsEnvironment } from './environment.ts';
import { IotDevices } from './iot/devices.ts';
import { IotDownlink } from './iot/downlink.ts';
import { IotPendingCertificates } from './iot/pending-certificates.ts';
import { AwsKeyClockwork } from './key-clockwork.ts';
import { AwsKms } from './kms.ts';
import { PowertoolsLog } from './log.ts';
import { S3Objects } from './objects.ts';
import { OperationCounts } from './operations.ts';
import { SqsQueues } from './queues.ts';
import { openState } from './state.ts';
import { TrailRecord } from './trail-record.ts';
import { S3Witness } from './witness.ts';

const REAL_CLOCK: Clock = { now: () => Date.now() };

/** What one process has once, whatever runs in it. */
interface Process {
  readonly clients: AwsClients;
  readonly operations: OperationCounts;
}

let here: Process | undefined;

/**
 * The world of a function on AWS, by its environment: see `awsEnvironment`. Nothing is called before the first use.
 * @throws ERR_ENVIRONMENT
 */
export function awsPlatform(principal: Principal): Platform {
  const environment = awsEnvironment(principal);
  return platformOn(environment, thisProcess(environment), REAL_CLOCK);
}

/** The duties of the key service that the service does not do by itself. */
export function awsKeyClockwork(principal: Principal): KeyClockwork {
  const environment = awsEnvironment(principal);
  const { clients, operations } = thisProcess(environment);
  return new AwsKeyClockwork({ client: clients.kms, stage: environment.stage, clock: REAL_CLOCK, operations });
}

/** The key service's own record, where `JOULEKEEP_KEY_RECORD` says: bucket, account and region with slashes between them. @throws ERR_ENVIRONMENT */
export function awsKmsRecord(principal: Principal): KmsRecord {
  const environment = awsEnvironment(principal);
  const { clients, operations } = thisProcess(environment);
  const [bucket = '', account = '', region = ''] = (process.env['JOULEKEEP_KEY_RECORD'] ?? '').split('/');
  if (region === '') throw new JoulekeepError('ERR_ENVIRONMENT', 'JOULEKEEP_KEY_RECORD: name bucket, account and region of the trail');
  return new TrailRecord({ objects: new S3Objects({ client: clients.s3, bucket, operations }), stage: environment.stage, account, region });
}

/** Certificates that the gateway registered by itself and lets nobody in with. */
export function awsPendingCertificates(principal: Principal): PendingCertificates {
  const { clients, operations } = thisProcess(awsEnvironment(principal));
  return new IotPendingCertificates({ client: clients.iot, operations });
}

/** The same with everything handed in, for whoever runs handlers in a process of their own. */
export function platformOn(environment: AwsEnvironment, { clients, operations }: Process, clock: Clock): Platform {
  const { stage, principal, bucket, witnessBucket = bucket, service, privateNetworks = [] } = environment;
  const kms = new AwsKms({ client: clients.kms, stage, clock, operations });
  const objects = new S3Objects({ client: clients.s3, bucket, operations });
  return {
    principal,
    clock,
    ...openState({ client: clients.dynamo, stage, principal, kms, objects, clock, operations }),
    kms,
    objects,
    witness: new S3Witness({ client: clients.s3, bucket: witnessBucket, operations }),
    queues: new SqsQueues({ client: clients.sqs, stage, operations }),
    bus: new EventBridgeBus({ client: clients.bus, bus: resourceName(stage), operations }),
    downlink: new IotDownlink({ client: clients.iotData, operations }),
    devices: new IotDevices({ client: clients.iot, data: clients.iotData, kms, clock, operations }),
    outbound: new HttpsOutbound({ privateNetworks }),
    log: new PowertoolsLog(service),
  };
}

function thisProcess({ endpoint }: AwsEnvironment): Process {
  here ??= { clients: awsClients(endpoint), operations: new OperationCounts() };
  return here;
}
