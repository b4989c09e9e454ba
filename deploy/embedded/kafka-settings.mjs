// @ts-check

/**
 * The settings of a broker that is its own controller. Topics are made by those who own them, never by a typing error.
 * The session is short because a killed broker is let in again only when the session of the one before has ended.
 * @param {{ data: string, ports: { port: number, controllerPort: number } }} options
 */
export function serverSettings({ data, ports }) {
  return `process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=127.0.0.1:${ports.controllerPort}
listeners=PLAINTEXT://127.0.0.1:${ports.port},CONTROLLER://127.0.0.1:${ports.controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${ports.port},CONTROLLER://127.0.0.1:${ports.controllerPort}
controller.listener.names=CONTROLLER
log.dirs=${data}
auto.create.topics.enable=false
num.partitions=4
log.retention.ms=604800000
log.segment.bytes=268435456
log.cleaner.dedupe.buffer.size=16777216
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=4
`;
}

/** The broker's own log: warnings and errors, enough to see why it ended. */
export const logSettings = `rootLogger.level=WARN
rootLogger.appenderRef.out.ref=out
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %c{1}: %m%n
`;
