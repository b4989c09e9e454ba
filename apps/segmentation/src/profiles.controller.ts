import { Controller, Get, Param, Query } from '@nestjs/common';
import type { Scope, Values } from '@tidings/contracts';
import {
  CalledBy,
  cursorOf,
  limitOf,
  pageOf,
  Problem,
  RequireScope,
  type Caller,
  type Page,
  type PageQuery,
} from '@tidings/service';
import { ProfileReading, type ReadProfile } from './profile-reading.store.js';
import { SegmentCatalog } from './segment-catalog.js';
import { soughtAddress, type AddressQuery } from './sought-address.js';
import { shownEvent, wholeEvent, shownProfile, type ShownEvent, type Showing, type ShownProfile } from './shown-profile.js';

const admin: Scope = 'admin';

/** Who there is, and what they did. */
@Controller('api/v1/profiles')
@RequireScope('read')
export class ProfilesController {
  constructor(
    private readonly reading: ProfileReading,
    private readonly catalog: SegmentCatalog,
  ) {}

  /**
   * Profiles in the order of their ids. `trait=plan:pro` keeps those with that trait, whether it is a text or a number; such a
   * page may hold fewer than asked for, or none, while there is a next one. `email`, `phone` (with `country` where it has no
   * country code), `deviceToken`, `webPush` (an endpoint) or `chat=telegram:1234` keeps those who are reached there.
   */
  @Get()
  async list(
    @CalledBy() caller: Caller,
    @Query() query: PageQuery & AddressQuery & { readonly trait?: string },
  ): Promise<Page<ShownProfile>> {
    const limit = limitOf(query);
    const [after = ''] = cursorOf(query, 1) ?? [];
    const show = (row: ReadProfile) => shownProfile(row, this.showing(caller));
    const { trait } = query;
    const address = nameOf(query);
    const rows = (): Promise<readonly ReadProfile[]> =>
      address === null
        ? this.reading.list(caller.workspace, after, limit + 1)
        : this.reading.havingAddress(caller.workspace, address, after, limit + 1);
    if (trait === undefined) return pageOf(await rows(), limit, (row) => [row.profile_id], show);
    const { found, scanned } = await this.reading.search(caller.workspace, after, limit + 1, traitsOf(trait));
    const page = pageOf(found, limit, (row) => [row.profile_id], show);
    return {
      items: page.items,
      next: page.next ?? (scanned === null ? null : Buffer.from(JSON.stringify([scanned])).toString('base64url')),
    };
  }

  /** One profile: traits, computed traits, segments, devices, consent. Tokens of devices are masked unless the key has the scope `admin`. */
  @Get(':id')
  async one(@CalledBy() caller: Caller, @Param('id') profileId: string): Promise<ShownProfile> {
    const row = await this.reading.profile({ workspace: caller.workspace, profileId });
    if (row === undefined) throw new Problem(404, 'No such profile', 'There is no profile of this id.');
    return shownProfile(row, this.showing(caller));
  }

  /**
   * What a profile did and what came back about messages to it, the newest first. With `context=true`, for keys with the scope
   * `admin`, also what devices said of themselves, their tokens included: for exports.
   */
  @Get(':id/events')
  async events(
    @CalledBy() { workspace, scopes }: Caller,
    @Param('id') profileId: string,
    @Query() query: PageQuery & { readonly context?: string },
  ): Promise<Page<ShownEvent>> {
    const limit = limitOf(query);
    const isWhole = query.context === 'true';
    if (isWhole && !scopes.includes(admin)) throw Problem.ofStatus(403, 'The key has not the scope "admin".');
    const rows = await this.reading.events({ workspace, profileId }, cursorOf(query, 3), limit + 1);
    const show = isWhole ? wholeEvent : shownEvent;
    return pageOf(rows, limit, (row) => [row.day, row.received_at.toISOString(), row.message_id], show);
  }

  private showing({ workspace, scopes }: Caller): Showing {
    return { isTrusted: scopes.includes(admin), segments: this.catalog.of(workspace), now: Date.now() };
  }
}

/** The name of the address that is asked for; null when none is. */
function nameOf(query: AddressQuery & { readonly trait?: string }): string | null {
  const sought = soughtAddress(query);
  switch (sought.kind) {
    case 'none':
      return null;
    case 'refused':
      throw Problem.ofStatus(400, `${sought.field} ${sought.message}.`, { field: sought.field });
    case 'name':
      if (query.trait !== undefined) throw Problem.ofStatus(400, 'trait cannot be asked together with an address.', { field: 'trait' });
      return sought.name;
  }
}

/** `plan:pro` as traits to look for: the text, and what the text reads as. */
function traitsOf(text: string): readonly Values[] {
  const [name = '', ...rest] = text.split(':');
  const value = rest.join(':');
  if (name === '' || rest.length === 0)
    throw new Problem(400, 'Bad trait', 'trait must be a name, a colon and a value, such as plan:pro');
  const read = /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : { true: true, false: false }[value];
  return read === undefined ? [{ [name]: value }] : [{ [name]: value }, { [name]: read }];
}
