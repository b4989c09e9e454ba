import { Controller } from '@nestjs/common';
import { ChannelSuppressions } from '@tidings/dispatch';
import { RequireScope } from '@tidings/service';
import { PushDispatcher } from './push.dispatcher.js';

/** Which tokens of devices nothing is sent to any more. */
@Controller('api/v1/suppressions/push')
@RequireScope('admin')
export class SuppressionsController extends ChannelSuppressions {
  constructor(push: PushDispatcher) {
    super(push.suppressionDesk);
  }
}
