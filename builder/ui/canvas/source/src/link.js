// Carries to Python what waits, and its answers back: one request at a time, again and again until Python has it.
const PATIENCE = 2500;  // milliseconds after which what did not arrive is sent again
const LONGEST = 30_000;  // milliseconds that an answer may take
const SILENCE = 3500;  // milliseconds without a connection after which the user is told

const LOST = "No connection; your changes are sent as soon as it is back.";
const REFUSED = "Your last changes could not be sent. Reload the page to see the model as it is.";

export class Link {
  address = null;
  #waiting;
  #told;
  #request = null;  // the one under way
  #again = 0;
  #since = null;  // when the connection was lost
  #alarm = 0;
  #isRefused = false;  // what was sent last

  // `waiting()` is what to send, or null; Called are `answered(state, sent)`, true if more is to be sent at once,
  // `unknown()` for a tab that Python does not know, true if that may change, and `notice(words)`.
  constructor(waiting, told) {
    this.#waiting = waiting;
    this.#told = told;
  }

  // True if it is another one than before: of a server that knows nothing of what was said to the one before.
  lead(address) {
    if (address === this.address) return false;
    this.address = address;
    this.#request?.abort();
    this.#request = null;
    return true;
  }

  async post() {
    const sent = this.#request || !this.address ? null : this.#waiting();
    if (!sent) return;
    clearTimeout(this.#again);
    const request = new AbortController(), limit = setTimeout(() => request.abort(), LONGEST);
    this.#request = request;
    let answer = null, status = 0;
    try {
      const response = await fetch(this.address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent), signal: request.signal });
      status = response.status;
      if (response.ok) answer = await response.json();
    } catch {
      status = 0;
    }
    clearTimeout(limit);
    if (this.#request !== request) return;  // there is another address by now
    this.#request = null;
    if (answer) this.#arrived(answer, sent);
    else this.#failed(status);
  }

  #arrived(answer, sent) {
    clearTimeout(this.#alarm);
    this.#since = null;
    this.#told.notice("");
    if (this.#told.answered(answer, sent)) this.post();
    else this.postLater();
  }

  #failed(status) {
    this.#isRefused = status >= 400 && status < 500 && status !== 404;
    if (this.#since === null) {
      this.#since = performance.now();
      this.#alarm = setTimeout(() => this.#told.notice(this.#isRefused ? REFUSED : LOST), SILENCE);
    }
    if (status !== 404 || this.#told.unknown()) this.postLater();
  }

  postLater() {
    clearTimeout(this.#again);
    this.#again = setTimeout(() => this.post(), PATIENCE);
  }

  // The tab closes: what is under way may not arrive, and Python carries out by its number what arrives twice.
  postLast() {
    const sent = this.address && this.#waiting();
    if (sent?.operations.length) fetch(this.address, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(sent), keepalive: true }).catch(() => {});
  }
}
