/** Hands a file to the browser, which asks or puts it where it puts downloads. */
export function saveFile(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the file by its next turn.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
