import { Controller } from '@nestjs/common';
import { ChannelSuppressions } from '@tidings/dispatch';
import { RequireScope } from '@tidings/service';
import { EmailDispatcher } from './email.dispatcher.js';

/** Which mailboxes nothing is sent to any more. */
@Controller('api/v1/suppressions/email')
@RequireScope('admin')
export class SuppressionsController extends ChannelSuppressions {
  constructor(email: EmailDispatcher) {
    super(email.suppressionDesk);
  }
}
