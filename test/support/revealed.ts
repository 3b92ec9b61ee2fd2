/** Which of some ids a text shows, as they are or in an encoding that hides nothing. */
export function revealed(text: string, ids: readonly string[]): string[] {
  return ids.filter((id) => encodings(id).some((form) => text.includes(form)));
}

function encodings(id: string): string[] {
  const bytes = Buffer.from(id);
  return [id, id.toUpperCase(), bytes.toString('hex'), bytes.toString('base64url').slice(0, -1), encodeURIComponent(id)];
}
