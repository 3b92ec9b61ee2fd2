/** Of the lane that runs the tests. */
export const ENDPOINT = process.env['JOULEKEEP_AWS_ENDPOINT'] ?? '';

/** The name that signs a request says which service it is for; no emulator checks the signature. */
function authorization(service: string): string {
  return `AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
}

/** A request to a service that speaks JSON and has no client here. */
export async function askJson(service: string, target: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target, authorization: authorization(service) };
  const answer = await fetch(ENDPOINT, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${target}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** A request to CloudFormation. @returns XML */
export async function askCloudFormation(action: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const headers = { authorization: authorization('cloudformation') };
  const body = new URLSearchParams({ Action: action, Version: '2010-05-15', ...fields });
  return (await fetch(ENDPOINT, { method: 'POST', headers, body })).text();
}
