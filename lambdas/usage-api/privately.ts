import { createHash } from 'node:crypto';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';

/** Nobody keeps a customer's answer but the program that asked; it may say which one it has. */
export function privately(event: APIGatewayProxyEvent, answer: APIGatewayProxyResult): APIGatewayProxyResult {
  const kept = { 'cache-control': 'private, no-store' };
  if (answer.statusCode !== 200) return { ...answer, headers: { ...answer.headers, ...kept } };
  const etag = `"${createHash('sha256').update(answer.body).digest('base64url').slice(0, 22)}"`;
  if (event.headers['if-none-match'] === etag) return { statusCode: 304, headers: { etag, ...kept }, body: '' };
  const isFile = answer.headers?.['content-type'] !== 'application/json';
  return { ...answer, headers: { ...answer.headers, etag, ...kept, ...(isFile && { 'content-disposition': 'attachment' }) } };
}
