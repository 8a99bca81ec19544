// Hears what becomes of a room: writes counts into the page at once, and asks for what else has changed to be drawn.
const SOON = 1000;  // ms between two times that the page is asked to be drawn
const AGAIN = 3000;  // ms until a stream that was refused is asked for again

const said = (value) => String(Array.isArray(value) ? value.length : value ?? 'none').toLowerCase();

const away = (is) => document.documentElement.toggleAttribute('data-room-away', is);

export default function ({ data, setTriggerValue }) {
  let stream, waits, told;

  function look() {
    clearTimeout(waits);
    const mark = data.drawn.map((name) => said(told[name])).join(' ');
    const drawn = document.querySelector('[data-room-drawn]')?.dataset.roomDrawn;
    if (drawn === undefined || mark === drawn) return;
    setTriggerValue('changed', mark);
    waits = setTimeout(look, SOON);
  }

  function connect() {
    stream = new EventSource(new URL(`room/${data.code}/live`, document.baseURI));
    stream.onmessage = (message) => {
      const heard = JSON.parse(message.data);
      away(Boolean(heard.trouble));
      if (heard.trouble) return;  // the store: what was drawn stays
      if (heard.gone) {
        stream.close();
        setTriggerValue('changed', 'gone');
        return;
      }
      told = heard;
      for (const name of ['count', 'seats', 'groups'])
        for (const place of document.querySelectorAll(`[data-room="${name}"]`)) place.textContent = told[name];
      look();
    };
    stream.onerror = () => {
      away(true);
      if (stream.readyState !== EventSource.CLOSED) return;  // else the browser tries again by itself
      setTriggerValue('changed', 'away');
      waits = setTimeout(connect, AGAIN);
    };
  }

  connect();
  return () => {
    clearTimeout(waits);
    stream.close();
    away(false);
  };
}
