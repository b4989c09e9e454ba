import { ChatKind, type EventChat } from '@tidings/contracts';
import { readFlag, readId, readObject, required } from './read-fields.js';
import { Refusal, type JsonObject } from './refusal.js';

/** What a call's `context` says of where the person chats; null when that is nothing. */
export function readChat(context: JsonObject): EventChat | null | Refusal {
  if (context['chat'] === undefined || context['chat'] === null) return null;
  const chat = readObject(context, 'chat', 'context.chat');
  if (chat instanceof Refusal) return chat;
  const said = saidOf(chat);
  return said instanceof Refusal ? said.within('context.chat') : said;
}

function saidOf(chat: JsonObject): EventChat | Refusal {
  const kind = ChatKind.enum.find((each) => each === chat['kind']);
  if (kind === undefined) return new Refusal('kind', `must be one of ${ChatKind.enum.join(', ')}`);
  const id = required(readId(chat, 'id'), 'id');
  if (id instanceof Refusal) return id;
  const removed = readFlag(chat, 'removed');
  return removed instanceof Refusal ? removed : { kind, id, ...(removed && { removed }) };
}
