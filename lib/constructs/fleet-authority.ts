import { CfnCACertificate } from 'aws-cdk-lib/aws-iot';
import { Construct } from 'constructs';
import { THING_TYPES } from '../../topology/device-access.ts';
import { told } from '../names.ts';
import type { Stage } from '../stage.ts';

/**
 * The utility's own CAs of devices that may connect. A certificate of theirs that the gateway has not seen is registered when it is
 * first shown, and waits. No template goes with the CA: one would put in force whatever the CA has signed, without asking the stock.
 * @source X.1332 10.1 (mutual authentication)
 */
export class FleetAuthority extends Construct {
  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);
    for (const { role } of THING_TYPES.filter(({ policies }) => policies.length > 0)) {
      new CfnCACertificate(this, role, {
        caCertificatePem: told(this, stage, `fleet/${role}/ca`),
        // Signed by the CA over the registration code of the account: whoever registers the CA has its key.
        verificationCertificatePem: told(this, stage, `fleet/${role}/ca-verification`),
        certificateMode: 'DEFAULT',
        status: 'ACTIVE',
        autoRegistrationStatus: 'ENABLE',
      });
    }
  }
}
