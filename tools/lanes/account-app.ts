/**
 * As an app of the CDK, which hands each app the account and region of the credentials at hand: an app without stacks that writes
 * them down in its folder, as account.json.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['CDK_OUTDIR'] ?? 'cdk.out';
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
writeFileSync(join(folder, 'account.json'), JSON.stringify({ account, region }));
writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ version: '36.0.0', artifacts: {} }));
