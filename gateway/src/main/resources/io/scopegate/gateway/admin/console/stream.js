// The events of the gateway. It reconnects by itself; nothing is asked for while nobody looks.

const LATE_MILLIS = 3500;
const DEAD_MILLIS = 10000;
const MOST_WAIT_MILLIS = 5000;

/**
 * Follows the events.
 *
 * @param parts what is done with the content of each event, by its name
 * @param onState told "live", "lost" or "paused" when that changes
 */
export function follow(url, parts, onState) {
  let source = null;
  let waiting = null;
  let wait = 500;
  let seen = performance.now();
  let opened = 0;
  let state = "";

  function tell(next) {
    if (next !== state) {
      state = next;
      onState(next);
    }
  }

  function open() {
    waiting = null;
    opened = performance.now();
    source = new EventSource(url);
    for (const [name, take] of Object.entries(parts)) {
      source.addEventListener(name, (event) => {
        seen = performance.now();
        wait = 500;
        take(JSON.parse(event.data));
        tell("live");
      });
    }
    source.onerror = () => {
      if (source !== null && source.readyState === EventSource.CLOSED) {
        again(); // refused: a browser does not try that again
      }
    };
  }

  function close() {
    source?.close();
    source = null;
    clearTimeout(waiting);
    waiting = null;
  }

  function again() {
    close();
    waiting = setTimeout(open, wait);
    wait = Math.min(MOST_WAIT_MILLIS, wait * 2);
  }

  setInterval(() => {
    if (document.hidden) {
      return;
    }
    const now = performance.now();
    if (now - seen > LATE_MILLIS) {
      tell("lost");
    }
    if (source !== null && now - Math.max(seen, opened) > DEAD_MILLIS) {
      again(); // open, and nothing comes
    }
  }, 500);

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
      tell("paused");
    } else if (source === null) {
      clearTimeout(waiting);
      seen = performance.now();
      open();
    }
  });

  open();
}
