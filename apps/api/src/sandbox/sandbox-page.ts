const style = `
  :root { color-scheme: light dark; --ink: #1c1e21; --soft: #6a6f76; --line: #d9dce0; --paper: #fff; --ground: #f2f3f5; --accent: #2456a6 }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6e7e9; --soft: #9aa0a8; --line: #3a3e44; --paper: #22252a; --ground: #17191c; --accent: #8ab4f8 } }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.45 system-ui, sans-serif }
  header { display: flex; flex-wrap: wrap; gap: 8px 20px; align-items: baseline; padding: 16px 24px; border-bottom: 1px solid var(--line); background: var(--paper) }
  h1 { font-size: 18px; margin: 0 } h2 { font-size: 13px; margin: 0 0 10px; color: var(--soft); font-weight: 600 }
  header p { margin: 0; color: var(--soft) } header label { margin-left: auto }
  input { font: inherit; padding: 6px 10px; border: 1px solid var(--line); border-radius: 6px; background: var(--paper); color: inherit }
  main { display: grid; grid-template-columns: 320px minmax(0, 1fr); gap: 28px; padding: 24px; max-width: 1240px; margin: 0 auto }
  @media (max-width: 820px) { main { grid-template-columns: 1fr } }
  .phone { border: 10px solid #2b2e33; border-radius: 34px; background: linear-gradient(#5b7ea6, #32465e); padding: 40px 12px 24px; min-height: 560px; max-height: 76vh; overflow: auto }
  .push { background: rgba(255,255,255,.93); color: #1c1e21; border-radius: 16px; padding: 10px 14px; margin-bottom: 8px; overflow-wrap: anywhere }
  .push b { display: block } .push small, .mail small { color: #5d6269 } .push img { max-width: 100%; border-radius: 8px; margin-top: 6px }
  .mails { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; overflow: hidden }
  details.mail { border-bottom: 1px solid var(--line) } details.mail:last-child { border: 0 }
  summary { padding: 12px 16px; cursor: pointer; display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 2px 12px; list-style: none }
  summary b { overflow: hidden; text-overflow: ellipsis; white-space: nowrap } summary span { color: var(--soft); font-size: 13px }
  iframe { width: 100%; height: 460px; border: 0; border-top: 1px solid var(--line); background: #fff }
  .empty { color: var(--soft); padding: 18px } .phone .empty { color: #e8edf3 }
  #status { color: var(--soft) } #status[data-bad] { color: #c0392b } form { padding: 24px; max-width: 560px; margin: 0 auto } code { font-size: 13px }
`;

const script = `
  const byId = (id) => document.getElementById(id);
  const shown = new Set();
  let key = sessionStorage.getItem('tidings-key');
  const element = (tag, text, className) => { const made = document.createElement(tag); if (text != null) made.textContent = text; if (className) made.className = className; return made };
  const time = (at) => new Date(at).toLocaleTimeString();
  const about = (message) => message.profileId + ' · ' + message.journey + ' / ' + message.step + ' · ' + time(message.at);
  function push(message) {
    const card = element('div', null, 'push');
    card.append(element('b', message.content.title), element('div', message.content.body));
    if (typeof message.content.image === 'string' && message.content.image.startsWith('https://')) { const image = element('img'); image.src = message.content.image; image.alt = ''; card.append(image) }
    if (message.content.link) card.append(element('small', 'opens ' + message.content.link), element('br'));
    card.append(element('small', about(message)));
    card.title = 'message ' + message.messageId;
    return card;
  }
  function mail(message) {
    const card = element('details', null, 'mail'), head = element('summary'), frame = element('iframe');
    head.append(element('b', message.content.subject), element('span', time(message.at)), element('span', 'to ' + message.to), element('span', message.profileId + ' · ' + message.journey + ' / ' + message.step));
    frame.setAttribute('sandbox', 'allow-popups'); frame.title = message.content.subject;
    card.addEventListener('toggle', () => { if (card.open && !frame.srcdoc) frame.srcdoc = message.content.html });
    card.append(head, frame);
    return card;
  }
  function show(items) {
    for (const message of items.slice().reverse()) {
      const id = message.messageId + '/' + message.endpoint;
      if (shown.has(id)) continue;
      shown.add(id);
      const box = byId(message.channel === 'push' ? 'pushes' : 'mails');
      box.querySelector('.empty')?.remove();
      box.prepend(message.channel === 'push' ? push(message) : mail(message));
    }
  }
  function status(text, bad) { byId('status').textContent = text; byId('status').toggleAttribute('data-bad', !!bad) }
  function clear() { shown.clear(); for (const id of ['pushes', 'mails']) byId(id).replaceChildren(element('div', 'Nothing yet. Send an event and watch.', 'empty')) }
  async function look() {
    const profile = byId('profile').value.trim();
    const query = '?limit=100' + (profile ? '&profile=' + encodeURIComponent(profile) : '');
    try {
      const answer = key ? await fetch('/api/v1/sandbox/messages' + query, { headers: { authorization: 'Bearer ' + key } }) : await fetch('/sandbox/messages' + query);
      if (answer.status === 401 || answer.status === 403) { key = null; byId('ask').hidden = false; byId('view').hidden = true; status('a key is needed'); return }
      if (!answer.ok) throw new Error('answer ' + answer.status);
      byId('ask').hidden = true; byId('view').hidden = false;
      show((await answer.json()).items);
      status('live');
    } catch (error) { status('no answer; trying again', true) }
  }
  byId('ask').addEventListener('submit', (event) => { event.preventDefault(); key = byId('key').value.trim(); sessionStorage.setItem('tidings-key', key); look() });
  byId('profile').addEventListener('input', () => { clear(); look() });
  clear();
  (async () => { for (;;) { if (!document.hidden) await look(); await new Promise((done) => setTimeout(done, 1000)) } })();
`;

/** The sandbox page: a phone for pushes and a mailbox for e-mail, looked at anew every second. */
export const sandboxPage = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Tidings sandbox</title><style>${style}</style></head>
<body>
<header><h1>Tidings sandbox</h1><p>What would have reached people. Nothing left this installation.</p><span id="status" role="status"></span>
<label>Profile <input id="profile" placeholder="all" autocomplete="off"></label></header>
<form id="ask" hidden><h2>This sandbox asks for a secret key</h2><input id="key" type="password" autocomplete="off" size="44" aria-label="Secret key"> <button>Show</button></form>
<main id="view"><section><h2>Phone</h2><div class="phone" id="pushes"></div></section><section><h2>Mailbox</h2><div class="mails" id="mails"></div></section></main>
<script>${script}</script>
</body>
</html>
`;
