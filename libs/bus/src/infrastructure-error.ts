/** The failure is around us, not in a message: it may pass, and no message is to blame for it. */
export class InfrastructureError extends Error {
  override readonly name: string = 'InfrastructureError';
}

/** Another consumer owns a partition that this one still thought was its own. */
export class PartitionLost extends InfrastructureError {
  override readonly name = 'PartitionLost';
}

/** The broker will not take this message, now or later. */
export class MessageRefused extends Error {
  override readonly name: string = 'MessageRefused';
}

/** It is larger than its topic allows. */
export class MessageTooLarge extends MessageRefused {
  override readonly name = 'MessageTooLarge';
}
