import { Controller } from '@nestjs/common';
import { ChannelDeliveries } from '@tidings/dispatch';
import { RequireScope } from '@tidings/service';
import { EmailDispatcher } from './email.dispatcher.js';

/** What is kept of a person on this channel beyond what was told of their messages. */
@Controller('api/v1/deliveries/email')
@RequireScope('admin')
export class DeliveriesController extends ChannelDeliveries {
  constructor(email: EmailDispatcher) {
    super(email.keptDeliveries);
  }
}
