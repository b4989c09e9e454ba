import { Controller, Get, Header, Inject, Query } from '@nestjs/common';
import { Problem, Public, RequireScope, Workspace, cursorOf, limitOf, pageOf, type Page, type PageQuery } from '@tidings/service';
import { API_SETTINGS, type ApiSettings } from '../api-settings.js';
import { sandboxPage } from './sandbox-page.js';
import { SandboxStore, type ShownMessage } from './sandbox.store.js';

type Query_ = PageQuery & { readonly profile?: string; readonly channel?: string };

/** What the sandbox providers "delivered": as JSON, and as a page with a phone and a mailbox. */
@Controller()
export class SandboxController {
  constructor(
    private readonly store: SandboxStore,
    @Inject(API_SETTINGS) private readonly settings: ApiSettings,
  ) {}

  @Get('api/v1/sandbox/messages')
  @RequireScope('read')
  list(@Workspace() workspace: string, @Query() query: Query_): Promise<Page<ShownMessage>> {
    return this.page(workspace, query);
  }

  /** The page's own messages where an installation is open for trying out; elsewhere the page asks for a key. */
  @Get('sandbox/messages')
  @Public()
  open(@Query() query: Query_): Promise<Page<ShownMessage>> {
    const { openSandbox } = this.settings;
    if (openSandbox === null) throw new Problem(401, 'A key is needed', 'this sandbox shows its messages to holders of a secret key only');
    return this.page(openSandbox, query);
  }

  @Get('sandbox')
  @Public()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('cache-control', 'no-store')
  @Header('content-security-policy', "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src https: data:; connect-src 'self'; frame-src 'self' data: about:")
  show(): string {
    return sandboxPage;
  }

  private async page(workspace: string, query: Query_): Promise<Page<ShownMessage>> {
    const limit = limitOf(query);
    const filter = { profile: query.profile ?? null, channel: query.channel ?? null };
    const rows = await this.store.page(workspace, filter, cursorOf(query, 3), limit + 1);
    return pageOf(rows, limit, ({ at, messageId, endpoint }) => [at.toISOString(), messageId, endpoint], (row) => row);
  }
}
