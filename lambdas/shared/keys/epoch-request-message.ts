/** Body of a message to the queue `service` that asks the keys function to have a meter renew its epoch. */
export function epochRequestMessage(meterId: string, epoch: number): string {
  return JSON.stringify({ request: 'epoch-request', meterId, epoch });
}
