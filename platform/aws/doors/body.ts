import type { ProblemName } from '../../../api/problems.ts';

/** The text of a body, whichever way it was written down; a problem for one that is too long, no base64 or no UTF-8. */
export function bodyOf(
  { body, isBase64Encoded }: { readonly body: string | null; readonly isBase64Encoded: boolean },
  bodyBytes: number,
): { readonly text: string } | { readonly fault: ProblemName } {
  if (body === null || body === '') return { text: '' };
  // Base64 makes four characters of three bytes: what is longer is not even decoded.
  if (body.length > Math.ceil(bodyBytes / 3) * 4) return { fault: 'body-too-large' };
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > bodyBytes) return { fault: 'body-too-large' };
  if (isBase64Encoded && bytes.toString('base64') !== body) return { fault: 'request-invalid' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'request-invalid' };
  }
}
