import { Aws, Fn } from 'aws-cdk-lib';

/** ARN of this account and region, spelt the same whether or not the stage names its account. @param resource e.g. `thing/*` */
export function arnHere(service: string, resource: string): string {
  return Fn.join(':', ['arn', Aws.PARTITION, service, Aws.REGION, Aws.ACCOUNT_ID, resource]);
}
