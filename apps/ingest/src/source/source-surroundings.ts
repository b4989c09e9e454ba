import { Injectable } from '@nestjs/common';
import { CustomerTopics, Publisher } from '@tidings/bus';
import { Pollers, Shutdown } from '@tidings/service';

/** What reading customers' topics and publishing go through. */
@Injectable()
export class SourceKafka {
  constructor(
    readonly topics: CustomerTopics,
    readonly publisher: Publisher,
  ) {}
}

/** When the readers are looked after, and when they have to end. */
@Injectable()
export class SourceClocks {
  constructor(
    readonly pollers: Pollers,
    readonly shutdown: Shutdown,
  ) {}
}
