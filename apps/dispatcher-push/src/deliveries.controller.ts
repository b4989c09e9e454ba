import { Controller } from '@nestjs/common';
import { ChannelDeliveries } from '@tidings/dispatch';
import { RequireScope } from '@tidings/service';
import { PushDispatcher } from './push.dispatcher.js';

/** What is kept of a person on this channel beyond what was told of their messages. */
@Controller('api/v1/deliveries/push')
@RequireScope('admin')
export class DeliveriesController extends ChannelDeliveries {
  constructor(push: PushDispatcher) {
    super(push.keptDeliveries);
  }
}
