import type { CoreV1Event } from '@kubernetes/client-node';

function timeOf({ lastTimestamp, eventTime, firstTimestamp }: CoreV1Event): number {
  // eventTime may be a string, whatever its type says.
  return new Date(lastTimestamp ?? eventTime ?? firstTimestamp ?? 0).getTime();
}

/** Returns the events of a Pod, the oldest first, of those of its namespace. */
export function eventsOf(pod: string | undefined, events: readonly CoreV1Event[]): CoreV1Event[] {
  return events.filter(({ involvedObject }) => involvedObject.name === pod).sort((one, other) => timeOf(one) - timeOf(other));
}
