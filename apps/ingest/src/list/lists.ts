import { Injectable } from '@nestjs/common';
import { mentionsOf, parseCondition } from '@tidings/condition';
import type { DefinitionOf } from '@tidings/contracts';
import { Catalog } from '@tidings/service';

/** The lists that published segments of each workspace ask for: on others nobody would see what is put. */
@Injectable()
export class Lists {
  private readonly asked: (workspace: string) => ReadonlySet<string>;

  constructor(catalog: Catalog) {
    this.asked = catalog.derived((definitions, workspace) => new Set(definitions.all('segment', workspace).flatMap(listsOf)));
  }

  /** Whether a published segment asks for the list. */
  has(workspace: string, list: string): boolean {
    return this.asked(workspace).has(list);
  }
}

function listsOf({ body }: DefinitionOf<'segment'>): readonly string[] {
  const parsed = parseCondition(body.where, 'where');
  if (!parsed.ok) return [];
  return mentionsOf(parsed.condition).questions.flatMap((question) => (question.kind === 'listed' ? [question.list] : []));
}
