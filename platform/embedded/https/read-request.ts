import type { IncomingMessage } from 'node:http';
import type { ProblemName } from '../../../api/problems.ts';

/** Reads a body to its end, never more of it than may be. @returns the text; a problem for one that is too long, broken off or no UTF-8 */
export async function readBody(request: IncomingMessage, bodyBytes: number): Promise<string | { readonly fault: ProblemName }> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Whoever sends too much still gets the answer that says so.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > bodyBytes) return { fault: 'body-too-large' };
      chunks.push(chunk);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return { fault: 'request-invalid' };
  }
}
